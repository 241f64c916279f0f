/*
 * What the owner says of a new uplink, and whether it can be: pure rules over what is there, in
 * words for the person who asked. What a provider's name stands for (host, port ...) has been
 * looked up before, by provider/.
 */
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { addressKey, foldCase, parseAddress } from '../address.ts';
import {
  checkHost,
  checkServerName,
  obstacleToCa,
  obstacleToPort,
  obstacleToSecret,
  obstacleToUser,
  type ServerRefusalCode,
} from '../sign-ins/server-checks.ts';
import type { UplinkRecord, UplinkSecurity } from './records.ts';

export interface WantedUplink {
  readonly name: string;
  /** A preset of provider/, or '' for a host of one's own. */
  readonly provider: string;
  readonly host: string;
  readonly port: number;
  readonly security: UplinkSecurity;
  readonly user?: string;
  readonly password?: string;
  /** What its provider cannot do without. */
  readonly needs?: 'user' | 'password';
  /** Senders it serves. None: its user, when that is a mail address. */
  readonly addresses: readonly string[];
  readonly isDefault: boolean;
  readonly connections: number;
  /** PEM */
  readonly ca?: string;
}

export type UplinkRefusal = Refusal<
  ServerRefusalCode | 'bad-limit' | 'bad-address' | 'serves-nobody' | 'unknown'
>;

type Uplink = Omit<UplinkRecord, 'id' | 'secret' | 'secretKind' | 'quota'>;
type Checked<T> = Result<T, UplinkRefusal>;

/** Providers take two to ten; a box at home has no use for more. */
export const mostConnections = 16;
/** All are in memory, and a household has a few. */
const mostUplinks = 64;
const mostAddresses = 100;

/** The uplink as it will be kept, but for its secret. */
export function checkUplink(wanted: WantedUplink, there: readonly UplinkRecord[]): Checked<Uplink> {
  const name = checkServerName('uplink', wanted.name, there);
  if (!name.ok) return name;
  if (there.length >= mostUplinks) {
    return failed(refusal('taken', `This box keeps at most ${mostUplinks} uplinks`));
  }
  const host = checkHost('uplink', wanted.host);
  if (!host.ok) return host;
  const { port, security, provider, connections, user } = wanted;
  const obstacle =
    obstacleToPort('uplink', port) ??
    obstacleToConnections(connections) ??
    obstacleToSignIn(wanted) ??
    obstacleToSecret('uplink', { host: host.value, security }, wanted.password) ??
    obstacleToCa(wanted.ca);
  if (obstacle !== undefined) return failed(obstacle);
  const addresses = checkAddresses(wanted, there);
  if (!addresses.ok) return addresses;
  const isDefault = wanted.isDefault || (there.length === 0 && addresses.value.length === 0);
  if (!isDefault && addresses.value.length === 0) {
    const say = `${name.value} would serve nobody. Say whose mail goes by it: --for ADDRESS, or`;
    return failed(refusal('serves-nobody', `${say} --default for all that no other uplink serves`));
  }
  return ok({
    ...{ name: name.value, provider, host: host.value, port, security },
    ...(user === undefined ? {} : { user }),
    ...(wanted.ca === undefined ? {} : { ca: wanted.ca }),
    ...{ connections, isDefault, addresses: addresses.value },
  });
}

function obstacleToConnections(connections: number): UplinkRefusal | undefined {
  if (Number.isInteger(connections) && connections >= 1 && connections <= mostConnections) {
    return undefined;
  }
  return refusal('bad-limit', `An uplink has from 1 to ${mostConnections} connections at a time`);
}

function obstacleToSignIn({ user, password, needs }: WantedUplink): UplinkRefusal | undefined {
  if (user === undefined) {
    if (needs === undefined && password === undefined) return undefined;
    return refusal('bad-user', 'Say as whom to sign in: --user, mostly your mail address there');
  }
  const obstacle = obstacleToUser(user);
  if (obstacle !== undefined || needs !== 'password' || password !== undefined) return obstacle;
  return refusal('bad-password', 'This provider wants a password: give it with --password-stdin');
}

/** As they were written, in the order of their keys. */
function checkAddresses(
  { addresses, user }: WantedUplink,
  there: readonly UplinkRecord[],
): Checked<readonly string[]> {
  const own = user !== undefined && parseAddress(user) !== undefined ? [user] : [];
  const texts = addresses.length === 0 ? own : addresses;
  const byKey = new Map<string, string>();
  for (const text of texts) {
    const address = parseAddress(text);
    if (address === undefined) {
      const say = `"${text}" is not a mail address; write all of it`;
      return failed(refusal('bad-address', `${say}, for example ann@example.org`));
    }
    byKey.set(addressKey(address), text);
  }
  if (byKey.size > mostAddresses) {
    return failed(refusal('taken', `An uplink serves at most ${mostAddresses} addresses`));
  }
  for (const other of there) {
    const text = other.addresses.find((one) => byKey.has(senderKey(one)));
    if (text === undefined) continue;
    const say = `Mail of ${text} goes by the uplink ${other.name} already; remove that first`;
    return failed(refusal('taken', `${say}, or say which addresses this one is --for`));
  }
  return ok([...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text));
}

/** The key of an address that has been checked. */
export function senderKey(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? foldCase(text) : addressKey(address);
}
