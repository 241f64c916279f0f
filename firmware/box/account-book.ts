/*
 * Accounts with their passwords and addresses, as the control door sees them. What a name, a
 * password or an address may be is the household's to say; here it is asked, and put into words.
 */
import { failed, ok, type Result } from '#base/result';
import type { AccountBook } from '#control/box';
import type { AddressReport } from '#control/types';
import { counted, sizeInWords } from '#control/words';
import type { Doorkeeper } from '#mail/accounts/doorkeeper';
import type { Household } from '#mail/accounts/household';
import { noSuchAccount } from '#mail/accounts/obstacles';
import type { AccountView } from '#mail/accounts/residents';
import { addressKey, parseAddress } from '#mail/address';
import type { Devices } from '#mail/devices/devices';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import type { Sources } from '#mail/sources/sources';
import type { Store } from '#mail/store/store';

interface Parts {
  readonly sources: Pick<Sources, 'list' | 'forgetOrphans'>;
  readonly signIns: Pick<HouseholdSignIns, 'accountGoes'>;
  readonly household: Household;
  readonly doorkeeper: Doorkeeper;
  readonly devices: Devices;
  readonly store: Store & { sweep(): void };
}

export function accountBook(parts: Parts): AccountBook {
  const { household, doorkeeper, devices, sources, signIns, store } = parts;
  const known = (name: string) => household.byLogin(name)?.record;
  const viewOf = (name: string) => {
    const record = known(name);
    return household.list().find((one) => one.id === record?.id);
  };
  /** One address of an account, as it is now. */
  const reportOf = (account: string, text: string) => {
    const view = viewOf(account);
    const reports = view === undefined ? [] : addressesOf(view);
    return reports.find(({ address }) => isSameAddress(address, text));
  };
  return {
    add: async (name, password, keep) =>
      nothingMore(await household.addAccount(name, password, keep === 'recoverable')),
    async lossOf(name) {
      const view = viewOf(name);
      if (view === undefined) return failed(noSuchAccount(name));
      const inbox = await store.inbox(view.id);
      if (!inbox.ok) return inbox;
      const { messages, octets } = inbox.value;
      const mail = `${counted(messages, 'message')} (${sizeInWords(octets)})`;
      const taken = [
        ...view.addresses.map(({ address }) => address),
        ...devices
          .list()
          .filter(({ account }) => account === view.name)
          .map((device) => `the device ${device.name}`),
        ...sources
          .list()
          .filter(({ account }) => account === view.id)
          .map((source) => `the source ${source.name}`),
      ];
      return ok(
        `Removing ${view.name} deletes ${mail} for good, and takes away ${taken.join(', ')}.`,
      );
    },
    async remove(name) {
      const account = known(name)?.id;
      if (account !== undefined) {
        const handed = await signIns.accountGoes(account);
        if (!handed.ok) return handed;
      }
      const removed = await household.removeAccount(name);
      if (!removed.ok) return removed;
      sources.forgetOrphans();
      store.sweep();
      return removed;
    },
    setPassword: (name, password, keep) =>
      household.setPassword(name, password, keep === 'recoverable'),
    async unlock(name) {
      const record = known(name);
      if (record === undefined) return failed(noSuchAccount(name));
      doorkeeper.unlock(record.name);
      return ok(undefined);
    },
    passwords: {
      async add(account, name, keep) {
        const made = await household.addPassword(account, name, keep === 'recoverable');
        return made.ok ? ok({ account, name, password: made.value.password }) : made;
      },
      async list(account) {
        const view = viewOf(account);
        if (view === undefined) return failed(noSuchAccount(account));
        return ok(
          view.passwords.map(({ name, created, lastUsed, lastAddress, usable, recoverable }) => ({
            name,
            createdAt: created,
            usable,
            recoverable,
            ...(lastUsed === undefined ? {} : { usedAt: lastUsed }),
            ...(lastAddress === undefined ? {} : { usedFrom: lastAddress }),
          })),
        );
      },
      revoke: (account, name) => household.revokePassword(account, name),
    },
    addresses: {
      async add(account, address, kind, knownAs) {
        const added = await household.addAddress(account, address, kind, knownAs);
        return added.ok ? ok(reportOf(account, address) ?? { account, address, kind }) : added;
      },
      async forward(account, address, to) {
        const added = await household.addForward(account, address, to);
        if (!added.ok) return added;
        const forwarded = { account, address, kind: 'forward', forwardTo: [to] } as const;
        return ok(reportOf(account, address) ?? forwarded);
      },
      knownAs: (account, address) => household.setKnownAs(account, address),
      async remove(account, address, to) {
        const removed = await household.removeAddress(address, account, to);
        return removed.ok ? ok(reportOf(account, address)) : removed;
      },
      async list(account) {
        if (account === undefined) return ok(household.list().flatMap(addressesOf));
        const view = viewOf(account);
        return view === undefined ? failed(noSuchAccount(account)) : ok(addressesOf(view));
      },
    },
  };
}

export function addressesOf({ name, addresses }: AccountView): AddressReport[] {
  return addresses.map((view) => ({ ...view, account: name }));
}

function isSameAddress(one: string, other: string): boolean {
  const [first, second] = [parseAddress(one), parseAddress(other)];
  return first !== undefined && second !== undefined && addressKey(first) === addressKey(second);
}

function nothingMore<E>(result: Result<unknown, E>): Result<void, E> {
  return result.ok ? ok(undefined) : result;
}
