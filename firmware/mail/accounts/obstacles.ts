/*
 * What stands in the way of an account's name or of an address, in words for the person who asked:
 * pure rules over a picture of the household. `undefined` means that nothing does.
 */
import { type Refusal, refusal } from '#base/result';
import { type Address, addressKey, foldCase } from '../address.ts';
import type { AccountRecord, AddressKind } from './records.ts';
import { isLocal, type Picture } from './routing.ts';

export type HouseholdRefusal = Refusal<
  'bad-name' | 'bad-password' | 'bad-address' | 'not-local' | 'taken' | 'unknown'
>;

/** A household has a few dozen; more are a script gone mad, and all of them are in memory. */
const mostAddresses = 1000;

/** Why no account can be called `name`. */
export function obstacleToName(picture: Picture, name: string): HouseholdRefusal | undefined {
  if (picture.accounts.has(name)) return refusal('taken', `There is an account ${name} already`);
  for (const domain of picture.domains) {
    const [row] = picture.addresses.get(addressKey({ local: name, domain })) ?? [];
    if (row === undefined) continue;
    const all = [...picture.accounts.values()];
    const owner = all.find(({ record }) => record.id === row.account)?.record.name;
    const say = `${row.spelling} is an address of ${owner}; remove it first or choose another name`;
    return refusal('taken', say);
  }
  return undefined;
}

/** Why `record` cannot have this address. */
export function obstacleToAddress(
  picture: Picture,
  address: Address,
  kind: AddressKind,
  record: AccountRecord,
): HouseholdRefusal | undefined {
  const text = `${address.local}@${address.domain}`;
  const rows = picture.addresses.get(addressKey(address)) ?? [];
  if (kind === 'local' && !isLocal(picture, address)) {
    const say = `${address.domain} is not among mail.domains, so its mail is not delivered here`;
    const hint = `use --outside for an address that ${record.name} has elsewhere`;
    return refusal('not-local', `${say}; ${hint}`);
  }
  const owner = namesake(picture, address);
  if (owner !== undefined) return refusal('taken', `${text} is ${owner.name}'s own address`);
  if (rows.some((row) => row.account === record.id)) {
    return refusal('taken', `${text} is an address of ${record.name} already`);
  }
  if (rows.some((row) => row.kind !== kind)) {
    const other = kind === 'local' ? 'an outside' : 'a local';
    return refusal('taken', `${text} is ${other} address of somebody already; remove that first`);
  }
  if (picture.addresses.size >= mostAddresses) {
    return refusal('taken', `This box keeps at most ${mostAddresses} addresses`);
  }
  return undefined;
}

/** Why an address that no account was given cannot be taken away. */
export function notAdded(picture: Picture, address: Address, text: string): HouseholdRefusal {
  const owner = namesake(picture, address);
  const say =
    owner === undefined
      ? `${text} was not added here, so there is nothing to remove`
      : `${text} is ${owner.name}'s own address; it goes when the account is removed`;
  return refusal('unknown', say);
}

export function noSuchAccount(name: string): Refusal<'unknown'> {
  return refusal('unknown', `There is no account ${name}`);
}

export function notAnAddress(text: string): HouseholdRefusal {
  const say = `"${text}" is not a mail address; write all of it, for example info@restante.local`;
  return refusal('bad-address', say);
}

/** The account whose own address this is, by its name. */
function namesake(picture: Picture, address: Address): AccountRecord | undefined {
  if (!isLocal(picture, address)) return undefined;
  return picture.accounts.get(foldCase(address.local))?.record;
}
