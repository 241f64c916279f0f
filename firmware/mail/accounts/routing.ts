/*
 * Whose is an address? Pure look-ups in a picture of the household, in this order: an outside
 * address, an account's own name at one of our domains, an alias; then the same without what
 * follows a "+" (the ":detail" of RFC 5233); then postmaster and abuse; and for delivery only, the
 * catch-all. Addresses elsewhere belong to nobody here and go out.
 */
import { type Address, addressKey, domainKey, foldCase, withoutDetail } from '../address.ts';
import type { AccountId } from '../ids.ts';
import type { Route } from './accounts.ts';
import type { AccountRecord, AddressKind, AddressRecord } from './records.ts';

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
}

export interface Claim {
  readonly kind: AddressKind;
  readonly accounts: readonly AccountId[];
}

/** Who may call an address theirs, catch-all apart. */
export function claim(picture: Picture, address: Address): Claim | undefined {
  // RFC 5321 §4.5.1: <postmaster> without a domain is the postmaster of this house.
  const whole = address.domain === '' ? { ...address, domain: picture.domains[0] ?? '' } : address;
  const short = withoutDetail(whole);
  return (
    exactly(picture, whole) ??
    (short === whole ? undefined : exactly(picture, short)) ??
    role(picture, short)
  );
}

export function route(picture: Picture, address: Address): Route {
  const owners = claim(picture, address);
  if (owners?.kind === 'outside') return { kind: 'outside' };
  if (owners !== undefined) return delivery(picture, owners.accounts);
  if (address.domain !== '' && !isLocal(picture, address)) return { kind: 'outside' };
  const catcher = picture.accounts.get(picture.catchAll);
  return catcher === undefined ? { kind: 'unknown' } : delivery(picture, [catcher.record.id]);
}

function delivery(picture: Picture, owners: readonly AccountId[]): Route {
  const records = [...picture.accounts.values()].map(({ record }) => record);
  const inboxes = records
    .filter((record) => owners.includes(record.id))
    .map(({ id, inbox }) => ({ account: id, inbox }));
  return { kind: 'local', inboxes, forwards: [] };
}

function exactly(picture: Picture, address: Address): Claim | undefined {
  const rows = picture.addresses.get(addressKey(address)) ?? [];
  const accounts = rows.map((row) => row.account);
  if (rows[0]?.kind === 'outside') return { kind: 'outside', accounts };
  if (!isLocal(picture, address)) return undefined;
  const own = picture.accounts.get(foldCase(address.local));
  if (own !== undefined) return { kind: 'local', accounts: [own.record.id] };
  return rows.length > 0 ? { kind: 'local', accounts } : undefined;
}

/** RFC 5321 §4.5.1: there is always a postmaster. RFC 2142 §4: and somebody to complain to. Until
 * told otherwise it is the one who came first. */
function role(picture: Picture, address: Address): Claim | undefined {
  const [first] = picture.accounts.values();
  if (first === undefined || !isLocal(picture, address)) return undefined;
  const name = foldCase(address.local);
  if (name !== 'postmaster' && name !== 'abuse') return undefined;
  return { kind: 'local', accounts: [first.record.id] };
}

/** Is the address at one of our domains? */
export function isLocal(picture: Picture, address: Address): boolean {
  return picture.domains.includes(domainKey(address.domain));
}
