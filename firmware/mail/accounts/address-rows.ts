/*
 * The addresses that accounts were given and what they forward, as the household has them in
 * memory, by the key of the address. It keeps them and shows them; what they mean is routing.ts's,
 * whether a change may be made is address-changes.ts's.
 */
import { addressKey, parseAddress } from '../address.ts';
import type { AccountId } from '../ids.ts';
import type { AccountRecord, AddressChange, AddressRecord, ForwardRecord } from './records.ts';
import type { AddressView } from './residents.ts';
import { claim, type Picture } from './routing.ts';

export class AddressRows {
  readonly #addresses = new Map<string, readonly AddressRecord[]>();
  readonly #forwards = new Map<string, readonly ForwardRecord[]>();

  get addresses(): ReadonlyMap<string, readonly AddressRecord[]> {
    return this.#addresses;
  }

  get forwards(): ReadonlyMap<string, readonly ForwardRecord[]> {
    return this.#forwards;
  }

  change({ add = [], remove = [], forward = [], unforward = [] }: AddressChange): void {
    for (const row of [...add, ...remove]) {
      take(this.#addresses, row, (one) => one.account === row.account);
    }
    for (const row of add) put(this.#addresses, row);
    for (const row of [...forward, ...unforward]) {
      const isSame = (one: ForwardRecord) =>
        one.account === row.account && one.targetKey === row.targetKey;
      take(this.#forwards, row, isSame);
    }
    for (const row of forward) put(this.#forwards, row);
  }

  /** Everything of an account that goes. */
  forget(account: AccountId): void {
    const isTheirs = (row: { readonly account: AccountId }) => row.account === account;
    const remove = [...this.#addresses.values()].flat().filter(isTheirs);
    const unforward = [...this.#forwards.values()].flat().filter(isTheirs);
    this.change({ remove, unforward });
  }
}

/** An account's addresses: its name's at each domain, those given to it, those it forwards. */
export function shownAddresses(
  picture: Picture,
  { id, name, knownAs }: AccountRecord,
  domains: readonly string[],
): AddressView[] {
  const isTheirs = (row: { readonly account: AccountId }) => row.account === id;
  const forwards = [...picture.forwards.values()].flat().filter(isTheirs);
  const shown = new Map<string, Pick<AddressView, 'address' | 'kind'>>();
  for (const domain of domains) {
    const key = addressKey({ local: name, domain });
    shown.set(key, { address: `${name}@${domain}`, kind: 'local' });
  }
  for (const { key, spelling, kind } of [...picture.addresses.values()].flat().filter(isTheirs)) {
    shown.set(key, { address: spelling, kind });
  }
  for (const { key, spelling } of forwards) {
    if (shown.has(key)) continue;
    // Hers all the same: ann+list@, or postmaster@ when she came first.
    const address = parseAddress(spelling);
    const keeps = address && claim(picture, address)?.accounts.includes(id);
    shown.set(key, { address: spelling, kind: keeps ? 'local' : 'forward' });
  }
  return [...shown].map(([key, view]) => {
    const forwardTo = forwards.filter((row) => row.key === key).map(({ target }) => target);
    return {
      ...view,
      ...(key === knownAs ? { knownAs: true } : {}),
      ...(forwardTo.length === 0 ? {} : { forwardTo }),
    };
  });
}

function put<T extends { readonly key: string }>(rows: Map<string, readonly T[]>, row: T): void {
  rows.set(row.key, [...(rows.get(row.key) ?? []), row]);
}

function take<T>(
  rows: Map<string, readonly T[]>,
  { key }: { readonly key: string },
  isIt: (row: T) => boolean,
): void {
  const left = (rows.get(key) ?? []).filter((row) => !isIt(row));
  if (left.length > 0) rows.set(key, left);
  else rows.delete(key);
}
