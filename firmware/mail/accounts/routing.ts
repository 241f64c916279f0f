/*
 * Whose is an address? Pure look-ups in a picture of the household, in this order: an outside
 * address, an account's own name at one of our domains, an alias; then the same without what
 * follows a "+" (the ":detail" of RFC 5233); then postmaster and abuse; and for delivery only, the
 * catch-all. Addresses elsewhere belong to nobody here and go out, and so do copies of mail to an
 * address that somebody forwards.
 */
import {
  type Address,
  addressKey,
  domainKey,
  foldCase,
  parseAddress,
  withoutDetail,
} from '../address.ts';
import type { AccountId } from '../ids.ts';
import type { Route } from './accounts.ts';
import type { AccountRecord, AddressKind, AddressRecord, ForwardRecord } from './records.ts';

export interface HouseholdSettings {
  /** mail.domains */
  readonly domains: readonly string[];
  /** mail.catchAll: an account's name, or ''. */
  readonly catchAll: string;
  /** auth.rounds, for accounts made from now on. */
  readonly rounds: number;
}

/** What routing sees of the household. */
export interface Picture {
  /** As `domainKey` has them; the first one is where `<postmaster>` lives. */
  readonly domains: readonly string[];
  readonly catchAll: string;
  /** By name. The first in it is the oldest. */
  readonly accounts: ReadonlyMap<string, { readonly record: AccountRecord }>;
  /** By `addressKey`; one address may lead to several accounts. */
  readonly addresses: ReadonlyMap<string, readonly AddressRecord[]>;
  /** By `addressKey` of the address here. */
  readonly forwards: ReadonlyMap<string, readonly ForwardRecord[]>;
}

export interface Claim {
  readonly kind: AddressKind;
  /** Who has the address; when it is local, mail to it lies in their inboxes. */
  readonly accounts: readonly AccountId[];
  /** Where else its mail is sent. */
  readonly forwards: readonly ForwardRecord[];
}

/** Whose an address is, catch-all apart. Forwarding adds to what is delivered: it takes nobody's
 * inbox away, neither ann's when she forwards ann+list@ nor the postmaster's. */
export function claim(picture: Picture, address: Address): Claim | undefined {
  // RFC 5321 §4.5.1: <postmaster> without a domain is the postmaster of this house.
  const whole = address.domain === '' ? { ...address, domain: picture.domains[0] ?? '' } : address;
  const short = withoutDetail(whole);
  const exact = exactly(picture, whole);
  const loose = short === whole ? undefined : exactly(picture, short);
  const found = exact ?? loose;
  if (found?.kind === 'outside') return found;
  const claims = [exact, loose, role(picture, short)];
  const holder = claims.find((one) => one?.kind === 'local' && one.accounts.length > 0);
  if (found === undefined) return holder;
  return { ...found, accounts: holder?.accounts ?? [] };
}

/** Who may call the address theirs: also who only forwards it. */
export function ownersOf({ accounts, forwards }: Claim): AccountId[] {
  return [...new Set([...accounts, ...forwards.map(({ account }) => account)])];
}

export function route(picture: Picture, address: Address): Route {
  const found = claim(picture, address);
  if (found?.kind === 'outside') return { kind: 'outside' };
  if (found !== undefined) return delivery(picture, found);
  if (address.domain !== '' && !isLocal(picture, address)) return { kind: 'outside' };
  const catcher = picture.accounts.get(picture.catchAll);
  if (catcher === undefined) return { kind: 'unknown' };
  return delivery(picture, { kind: 'local', accounts: [catcher.record.id], forwards: [] });
}

function delivery(picture: Picture, { accounts, forwards }: Claim): Route {
  const owners = new Set(accounts);
  const copies: { account: AccountId; to: Address }[] = [];
  for (const { account, target } of forwards) {
    const to = parseAddress(target);
    if (to !== undefined && !isHere(picture, to)) copies.push({ account, to });
    // The target's domain has become one of ours since: its mail would only come back.
    else owners.add(account);
  }
  const records = [...picture.accounts.values()].map(({ record }) => record);
  const inboxes = records
    .filter((record) => owners.has(record.id))
    .map(({ id, inbox }) => ({ account: id, inbox }));
  return { kind: 'local', inboxes, forwards: copies };
}

/** An account's addresses in this house that it may send as, by their keys. */
export function ownLocal(picture: Picture, { id, name }: AccountRecord): string[] {
  const names = [name, ...roles];
  const usual = picture.domains.flatMap((domain) => names.map((local) => ({ local, domain })));
  const keys = new Set(
    usual
      .filter((address) => claim(picture, address)?.accounts.includes(id) ?? false)
      .map(addressKey),
  );
  for (const [key, rows] of picture.addresses) {
    if (rows.some((row) => row.account === id && row.kind === 'local')) keys.add(key);
  }
  for (const [key, rows] of picture.forwards) {
    if (rows.some((row) => row.account === id)) keys.add(key);
  }
  return [...keys];
}

function exactly(picture: Picture, address: Address): Claim | undefined {
  const key = addressKey(address);
  const rows = picture.addresses.get(key) ?? [];
  const accounts = rows.map((row) => row.account);
  if (rows[0]?.kind === 'outside') return { kind: 'outside', accounts, forwards: [] };
  if (!isLocal(picture, address)) return undefined;
  const forwards = picture.forwards.get(key) ?? [];
  const own = picture.accounts.get(foldCase(address.local));
  if (own !== undefined) return { kind: 'local', accounts: [own.record.id], forwards };
  return accounts.length + forwards.length > 0 ? { kind: 'local', accounts, forwards } : undefined;
}

const roles = ['postmaster', 'abuse'];

/** RFC 5321 §4.5.1: there is always a postmaster. RFC 2142 §4: and somebody to complain to. Until
 * told otherwise it is the one who came first. */
function role(picture: Picture, address: Address): Claim | undefined {
  const [first] = picture.accounts.values();
  if (first === undefined || !isLocal(picture, address)) return undefined;
  if (!roles.includes(foldCase(address.local))) return undefined;
  return { kind: 'local', accounts: [first.record.id], forwards: [] };
}

/** Is it an address of this house, given to somebody or not? */
export function isHere(picture: Picture, address: Address): boolean {
  return isLocal(picture, address) && claim(picture, address)?.kind !== 'outside';
}

/** Is the address at one of our domains? */
export function isLocal(picture: Picture, address: Address): boolean {
  return picture.domains.includes(domainKey(address.domain));
}
