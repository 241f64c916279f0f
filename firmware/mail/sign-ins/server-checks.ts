/*
 * Whether somebody can sign in at an outside server as its owner says: its host and port, the user,
 * the password, the CA. Pure, in words for the person who asked, and the same for uplinks and
 * sources. Nothing here asks the network.
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { domainKey, foldCase } from '../address.ts';
import type { UplinkSecurity } from '../uplinks/records.ts';

/** What the server is for. */
export type ServerRole = 'uplink' | 'source';

export type ServerRefusalCode =
  | 'bad-name'
  | 'bad-host'
  | 'bad-port'
  | 'bad-user'
  | 'bad-password'
  | 'bad-certificate'
  | 'not-encrypted'
  | 'taken';

type ServerRefusal = Refusal<ServerRefusalCode>;

const longestName = 32;
const longestHost = 255;
/** RFC 4616 §2 sets none; what is longer was pasted by mistake. */
const longestUser = 255;
const longestPassword = 1_024;
const longestCa = 65_536;

const words = {
  uplink: { one: 'An uplink', providerSays: 'outgoing mail server" or SMTP', host: 'smtp' },
  source: { one: 'A source', providerSays: 'incoming mail server", IMAP or POP3', host: 'imap' },
} as const;
const ports = { uplink: 'for sending, mostly 465 or 587', source: 'mostly 993 or 995' } as const;

/** A name for people, in lower case, that none of these has. */
export function checkServerName(
  role: ServerRole,
  text: string,
  there: readonly { readonly name: string }[],
): Result<string, ServerRefusal> {
  const name = foldCase(text);
  if (!/^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/.test(name) || name.length > longestName) {
    const say = `${words[role].one}'s name has at most ${longestName} letters (a to z), digits,`;
    return failed(
      refusal('bad-name', `${say} dots, - and _, and begins and ends with a letter or digit`),
    );
  }
  if (!there.some((one) => one.name === name)) return ok(name);
  const say = `There is ${words[role].one.toLowerCase()} ${name} already; remove it first or`;
  return failed(refusal('taken', `${say} choose another name`));
}

/** A name of the DNS, or an IP address, in one spelling. */
export function checkHost(role: ServerRole, text: string): Result<string, ServerRefusal> {
  const bare = text
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  if (isIP(bare) !== 0) return ok(bare.toLowerCase());
  const name = domainKey(bare);
  const isName = /^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?$/.test(name) && !name.includes('..');
  // All digits and dots: an IP address with a slip in it.
  if (isName && name.length <= longestHost && !/^[\d.]+$/.test(name)) return ok(name);
  const { providerSays, host } = words[role];
  const say = `"${text}" is no name of a server; your provider calls it "${providerSays}`;
  return failed(refusal('bad-host', `${say}, for example ${host}.example.org`));
}

export function obstacleToPort(role: ServerRole, port: number): ServerRefusal | undefined {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return undefined;
  return refusal('bad-port', `A port is a number from 1 to 65535; ${ports[role]}`);
}

export function obstacleToUser(user: string): ServerRefusal | undefined {
  if (user.trim() !== '' && user.length <= longestUser && !/\p{Cc}/u.test(user)) return undefined;
  const say = 'This cannot be a user: it is empty, too long or has odd characters';
  return refusal('bad-user', say);
}

/** Why this secret cannot be used there; undefined: it can. */
export function obstacleToSecret(
  role: ServerRole,
  { host, security }: { readonly host: string; readonly security: UplinkSecurity },
  password: string | undefined,
): ServerRefusal | undefined {
  if (password === undefined) return undefined;
  if (security === 'none' && !isLoopback(host)) {
    const otherwise = role === 'uplink' ? ', or leave the user and the password out' : '';
    return refusal(
      'not-encrypted',
      `A password never crosses an unencrypted connection unless the ${role} is on loopback. ` +
        `Use --security tls or starttls${otherwise}`,
    );
  }
  // RFC 4616 §2: NUL divides the parts of PLAIN. Line ends come from pasting.
  if (password === '' || password.length > longestPassword || /[\0\r\n]/.test(password)) {
    return refusal('bad-password', 'This cannot be a password: it is empty, too long or has lines');
  }
  return undefined;
}

export function obstacleToCa(ca: string | undefined): ServerRefusal | undefined {
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

/** What never leaves this machine (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3, RFC 6761 §6.3). */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host === 'localhost';
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}
