/*
 * What stands in the way of an account's name or of an address, in words for the person who asked:
 * pure rules over a picture of the household. `undefined` means that nothing does.
 */
import { type Refusal, refusal } from '#base/result';
import { type Address, addressKey, foldCase } from '../address.ts';
import type { AccountId } from '../ids.ts';
import type { AccountRecord, AddressKind } from './records.ts';
import { claim, isHere, isLocal, type Picture } from './routing.ts';

export type HouseholdRefusal = Refusal<
  'bad-name' | 'bad-password' | 'bad-address' | 'not-local' | 'not-outside' | 'taken' | 'unknown'
>;

/** A household has a few dozen; more are a script gone mad, and all of them are in memory. */
const mostAddresses = 1000;
/** Each message to the address is sent so many times. */
const mostTargets = 16;

/** Why no account can be called `name`. */
export function obstacleToName(picture: Picture, name: string): HouseholdRefusal | undefined {
  if (picture.accounts.has(name)) return refusal('taken', `There is an account ${name} already`);
  for (const domain of picture.domains) {
    const key = addressKey({ local: name, domain });
    const row = picture.addresses.get(key)?.[0] ?? picture.forwards.get(key)?.[0];
    if (row === undefined) continue;
    const owner = nameOf(picture, row.account);
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
  if (kind === 'outside' && picture.forwards.has(addressKey(address))) {
    return refusal('taken', `${text} is forwarded from this house already; remove that first`);
  }
  return tooMany(picture);
}

/** Why `record` cannot forward mail for an address to a target. */
export function obstacleToForward(
  picture: Picture,
  address: Address,
  target: Address,
  record: AccountRecord,
): HouseholdRefusal | undefined {
  const text = `${address.local}@${address.domain}`;
  const key = addressKey(address);
  if (!isLocal(picture, address)) {
    const say = `${address.domain} is not among mail.domains, so its mail does not come here`;
    return refusal('not-local', `${say}; forward an address of this house`);
  }
  const owner = namesake(picture, address);
  if (owner !== undefined && owner.id !== record.id) {
    return refusal(
      'taken',
      `${text} is ${owner.name}'s own address; only ${owner.name} forwards it`,
    );
  }
  if (picture.addresses.get(key)?.[0]?.kind === 'outside') {
    const say = `${text} is an outside address of somebody already, so mail to it goes out`;
    return refusal('taken', `${say}; remove that first`);
  }
  if (isHere(picture, target)) return notElsewhere(picture, text, target);
  const targets = (picture.forwards.get(key) ?? []).filter((row) => row.account === record.id);
  if (targets.some((row) => row.targetKey === addressKey(target))) {
    const to = `${target.local}@${target.domain}`;
    return refusal('taken', `${record.name} forwards ${text} to ${to} already`);
  }
  if (targets.length >= mostTargets) {
    return refusal('taken', `An address is forwarded to at most ${mostTargets} others`);
  }
  return tooMany(picture);
}

/** No chains: mail that stays in the house needs no forwarding. */
function notElsewhere(picture: Picture, text: string, target: Address): HouseholdRefusal {
  const to = `${target.local}@${target.domain}`;
  const { accounts = [], forwards = [] } = claim(picture, target) ?? {};
  const [first] = accounts;
  if (first !== undefined) {
    const name = nameOf(picture, first);
    const say = `${to} is an address of this house, and mail is forwarded only to others`;
    const hint = `for mail that ${name} is to have, too, write: restante address add ${name} ${text}`;
    return refusal('not-outside', `${say}; ${hint}`);
  }
  const [chain] = forwards;
  if (chain !== undefined) {
    const say = `${to} is itself forwarded from this house`;
    return refusal('not-outside', `${say}; forward ${text} to ${chain.target} instead`);
  }
  const say = `${to} would be an address of this house, and nobody here has it`;
  return refusal('not-outside', `${say}; forward to an address elsewhere`);
}

/** Why `record` cannot be known by an address that it has, or is to have, as `kind`. */
export function obstacleToKnownAs(
  picture: Picture,
  address: Address,
  record: AccountRecord,
  kind: AddressKind | undefined,
): HouseholdRefusal | undefined {
  if (kind === 'outside') return undefined;
  const text = `${address.local}@${address.domain}`;
  if (kind === 'local' || isLocal(picture, address)) {
    const say = `${text} is an address of this house`;
    return refusal('not-outside', `${say}; an account is known by one that it has elsewhere`);
  }
  const hint = `add it first: restante address add ${record.name} ${text} --outside --known-as`;
  return refusal('unknown', `${text} is no address of ${record.name}; ${hint}`);
}

function tooMany(picture: Picture): HouseholdRefusal | undefined {
  if (picture.addresses.size + picture.forwards.size < mostAddresses) return undefined;
  return refusal('taken', `This box keeps at most ${mostAddresses} addresses`);
}

/** Why an address that no account was given, or a target, cannot be taken away. */
export function notAdded(
  picture: Picture,
  address: Address,
  text: string,
  target?: string,
): HouseholdRefusal {
  if (target !== undefined) {
    return refusal('unknown', `${text} is not forwarded to ${target}, so there is nothing to end`);
  }
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

function nameOf(picture: Picture, account: AccountId): string | undefined {
  const all = [...picture.accounts.values()];
  return all.find(({ record }) => record.id === account)?.record.name;
}
