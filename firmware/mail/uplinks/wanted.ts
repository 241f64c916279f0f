/*
 * What the owner says of a new uplink, and whether it can be: pure rules over what is there, in
 * words for the person who asked. What a provider's name stands for (host, port ...) has been
 * looked up before, by provider/.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { addressKey, domainKey, foldCase, parseAddress } from '../address.ts';
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
  | 'bad-name'
  | 'bad-host'
  | 'bad-port'
  | 'bad-limit'
  | 'bad-user'
  | 'bad-password'
  | 'bad-address'
  | 'bad-certificate'
  | 'not-encrypted'
  | 'serves-nobody'
  | 'taken'
  | 'unknown'
>;

type Uplink = Omit<UplinkRecord, 'id' | 'secret' | 'secretKind' | 'quota'>;
type Checked<T> = Result<T, UplinkRefusal>;

const longestName = 32;
const longestHost = 255;
/** RFC 4616 §2 sets none; what is longer was pasted by mistake. */
const longestUser = 255;
const longestPassword = 1_024;
const longestCa = 65_536;
/** Providers take two to ten; a box at home has no use for more. */
export const mostConnections = 16;
/** All are in memory, and a household has a few. */
const mostUplinks = 64;
const mostAddresses = 100;

/** The uplink as it will be kept, but for its secret. */
export function checkUplink(wanted: WantedUplink, there: readonly UplinkRecord[]): Checked<Uplink> {
  const name = checkName(wanted.name, there);
  if (!name.ok) return name;
  const host = checkHost(wanted.host);
  if (!host.ok) return host;
  const { port, security, provider, connections, user } = wanted;
  const obstacle =
    obstacleToNumbers(port, connections) ??
    obstacleToSignIn(wanted) ??
    obstacleToSecret({ host: host.value, security }, wanted.password) ??
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

/** Why this secret cannot be used for an uplink there; undefined: it can. */
export function obstacleToSecret(
  { host, security }: Pick<UplinkRecord, 'host' | 'security'>,
  password: string | undefined,
): UplinkRefusal | undefined {
  if (password === undefined) return undefined;
  if (security === 'none' && !isLoopback(host)) {
    return refusal(
      'not-encrypted',
      'A password never crosses an unencrypted connection unless the uplink is on loopback. ' +
        'Use --security tls or starttls, or leave the user and the password out',
    );
  }
  // RFC 4616 §2: NUL divides the parts of PLAIN. Line ends come from pasting.
  if (password === '' || password.length > longestPassword || /[\0\r\n]/.test(password)) {
    return refusal('bad-password', 'This cannot be a password: it is empty, too long or has lines');
  }
  return undefined;
}

/** What never leaves this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost';
}

function checkName(text: string, there: readonly UplinkRecord[]): Checked<string> {
  const name = foldCase(text);
  if (!/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(name) || name.length > longestName) {
    const say = `An uplink's name has at most ${longestName} letters (a to z), digits, dots,`;
    return failed(
      refusal('bad-name', `${say} - and _, and begins and ends with a letter or digit`),
    );
  }
  if (there.some((one) => one.name === name)) {
    const say = `There is an uplink ${name} already; remove it first or choose another name`;
    return failed(refusal('taken', say));
  }
  if (there.length < mostUplinks) return ok(name);
  return failed(refusal('taken', `This box keeps at most ${mostUplinks} uplinks`));
}

/** A name of the DNS, or an IP address, in one spelling. */
function checkHost(text: string): Checked<string> {
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  if (isIP(bare) !== 0) return ok(bare.toLowerCase());
  const name = domainKey(bare);
  const isName = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?$/.test(name) && !name.includes('..');
  // All digits and dots: an IP address with a slip in it.
  if (isName && name.length <= longestHost && !/^[\d.]+$/.test(name)) return ok(name);
  const say = `"${text}" is no name of a server; your provider calls it "outgoing mail server"`;
  return failed(refusal('bad-host', `${say} or SMTP, for example smtp.example.org`));
}

function obstacleToNumbers(port: number, connections: number): UplinkRefusal | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return refusal(
      'bad-port',
      'A port is a number from 1 to 65535; for sending, mostly 465 or 587',
    );
  }
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
  if (user.trim() === '' || user.length > longestUser || /\p{Cc}/u.test(user)) {
    return refusal(
      'bad-user',
      'This cannot be a user: it is empty, too long or has odd characters',
    );
  }
  if (needs !== 'password' || password !== undefined) return undefined;
  return refusal('bad-password', 'This provider wants a password: give it with --password-stdin');
}

function obstacleToCa(ca: string | undefined): UplinkRefusal | undefined {
  if (ca === undefined) return undefined;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(ca)) {
    return refusal('bad-certificate', 'This file has a private key in it; give the CA without it');
  }
  if (ca.length <= longestCa && ca.includes('-----BEGIN CERTIFICATE-----') && isReadable(ca)) {
    return undefined;
  }
  const say = 'The CA is no certificate in PEM form (a text with -----BEGIN CERTIFICATE-----)';
  return refusal('bad-certificate', say);
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
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
