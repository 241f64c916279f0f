/*
 * Providers as the control door sees them: those the box knows, with what a person has to know of
 * each, and connecting somebody with one (connecting.ts) over the books of accounts and uplinks.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { failed, ok, type Result } from '#base/result';
import type { AddressBook, ProviderBook, SignInStep, UplinkBook } from '#control/box';
import type { AddressReport, ConnectReport, UplinkSignInReport } from '#control/types';
import type { Household } from '#mail/accounts/household';
import { noSuchAccount } from '#mail/accounts/obstacles';
import { addressKey, parseAddress } from '#mail/address';
import { presets } from '#provider/presets';
import { addressesOf } from './account-book.ts';
import { authorityReports } from './authority-reports.ts';
import { type ConnectPorts, connect, type Found, type Half, type Tested } from './connecting.ts';
import { TypedPasswords } from './typed-passwords.ts';

export interface ProviderParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly household: Household;
  readonly addresses: AddressBook;
  readonly uplinks: UplinkBook;
  /** Undefined: this build does not collect. */
  readonly collecting?: Half;
}

export function providerBook(parts: ProviderParts): ProviderBook {
  const { household, collecting } = parts;
  const passwords = new TypedPasswords(parts.clock, parts.random);
  const ports: ConnectPorts = {
    sending: sendingHalf(parts.uplinks),
    collecting,
    addresses: addressPort(parts),
  };
  return {
    list: () =>
      presets.map(({ name, title, domains, signIn, appPasswords, first, imap, pop3 }) => ({
        ...{ name, title, domains, signIn },
        collects: imap !== undefined || pop3 !== undefined,
        ...(appPasswords === undefined ? {} : { appPasswords }),
        ...(first === undefined ? {} : { first }),
      })),
    async connect(wish) {
      const { user } = wish;
      const account = household.byLogin(wish.account)?.record.name;
      if (account === undefined) return failed(noSuchAccount(wish.account));
      // Nothing said: both halves, as far as this build has them, and their servers are named.
      const both = !wish.send && !wish.collect;
      const isKnown = wish.provider !== undefined;
      const send = wish.send || (both && (isKnown || wish.smtp?.host !== undefined));
      const collects = collecting !== undefined && (isKnown || wish.imap?.host !== undefined);
      const collect = wish.collect || (both && collects);
      const { again, ...rest } = wish;
      const typed = again === undefined ? undefined : passwords.take(again, { account, user });
      if (typed?.ok === false) return typed;
      const password = typed?.value ?? wish.password;
      const given = password === undefined ? {} : { password };
      const done = await connect({ ...rest, ...given, account, send, collect }, ports);
      if (!done.ok || password === undefined || !isAnotherTrouble(done.value)) return done;
      return ok({ ...done.value, again: passwords.keep({ account, user }, password) });
    },
    certificates: authorityReports,
  };
}

/** Something is to be put right, and it is not the password. */
function isAnotherTrouble({ done, steps, signIn }: ConnectReport): boolean {
  if (done || signIn !== undefined) return false;
  const isLeft = steps.some(({ ok: went, kept }) => !went && !kept);
  return isLeft && steps.every(({ trouble }) => trouble !== 'sign-in');
}

function sendingHalf(uplinks: UplinkBook): Half {
  return {
    async find({ provider, smtp, user }) {
      const list = await uplinks.list();
      if (!list.ok) return list;
      const found = list.value.find(
        (one) =>
          one.user === user &&
          (provider === undefined ? one.host === smtp?.host : one.provider === provider),
      );
      return ok(found);
    },
    async names() {
      const list = await uplinks.list();
      return list.ok ? ok(list.value.map(({ name }) => name)) : list;
    },
    add: (name, { provider, smtp, user, password, ca }, address) =>
      uplinks.add({
        ...{ name, user, addresses: [address], isDefault: false },
        ...smtp,
        ...(provider === undefined ? {} : { provider }),
        ...(password === undefined ? {} : { password }),
        ...(ca === undefined ? {} : { ca }),
      }),
    setPassword: (name, password) => uplinks.setPassword(name, password),
    signIn: (name, step) => uplinks.signIn(name, step),
    test: (name) => uplinks.test(name),
    // Nothing is sent by it before somebody's mail wants to.
    begin: async () => ok(undefined),
    remove: (name) => uplinks.remove(name),
  };
}

/** What collecting needs of the book of sources. */
export interface SourcesPort {
  list(): Promise<Result<readonly SourceFacts[]>>;
  add(source: {
    readonly name: string;
    readonly account: string;
    readonly user: string;
    readonly provider?: string;
    readonly protocol?: 'imap';
    readonly host?: string;
    readonly port?: number;
    readonly security?: 'tls' | 'starttls' | 'none';
    readonly password?: string;
    readonly ca?: string;
    readonly paused?: boolean;
  }): Promise<Result<SourceFacts>>;
  setPassword(name: string, password: string): Promise<Result<void>>;
  signIn(name: string, go: SignInStep): Promise<Result<UplinkSignInReport>>;
  test(name: string): Promise<Result<Tested>>;
  resume(name: string): Promise<Result<void>>;
  remove(name: string, forget: boolean): Promise<Result<void>>;
}

interface SourceFacts extends Found {
  readonly account: string;
  readonly provider: string;
  readonly host: string;
  readonly user: string;
}

export function collectingHalf(sources: SourcesPort): Half {
  return {
    async find({ account, provider, imap, user }) {
      const list = await sources.list();
      if (!list.ok) return list;
      const found = list.value.find(
        (one) =>
          one.account === account &&
          one.user === user &&
          (provider === undefined ? one.host === imap?.host : one.provider === provider),
      );
      return ok(found);
    },
    async names() {
      const list = await sources.list();
      return list.ok ? ok(list.value.map(({ name }) => name)) : list;
    },
    add: (name, { account, provider, imap, user, password, ca }) =>
      sources.add({
        // Else it is looked into at once, and a slip of the finger becomes a mail about it.
        ...{ name, account, user, paused: true },
        ...(imap === undefined ? {} : { ...imap, protocol: 'imap' as const }),
        ...(provider === undefined ? {} : { provider }),
        ...(password === undefined ? {} : { password }),
        ...(ca === undefined ? {} : { ca }),
      }),
    setPassword: (name, password) => sources.setPassword(name, password),
    signIn: (name, step) => sources.signIn(name, step),
    test: (name) => sources.test(name),
    begin: (name) => sources.resume(name),
    remove: (name) => sources.remove(name, false),
  };
}

function addressPort({ household, addresses }: ProviderParts): ConnectPorts['addresses'] {
  const all = (account: string): readonly AddressReport[] =>
    household.list().flatMap((view) => (view.name === account ? addressesOf(view) : []));
  return {
    has: (account, text) => {
      const key = keyOf(text);
      return all(account).some((one) => one.kind === 'outside' && keyOf(one.address) === key);
    },
    async add(account, text) {
      const knownAs = !all(account).some((one) => one.knownAs);
      const added = await addresses.add(account, text, 'outside', knownAs);
      return added.ok ? ok(undefined) : added;
    },
    async remove(account, text) {
      const removed = await addresses.remove(account, text, undefined);
      return removed.ok ? ok(undefined) : removed;
    },
  };
}

function keyOf(text: string): string | undefined {
  const address = parseAddress(text);
  return address && addressKey(address);
}
