/*
 * Mail addresses as values (RFC 5321 §2.3.11, RFC 6531 §3.3), their grammar, and how two of them
 * are compared. A local part keeps its spelling for display and is compared without case; a domain
 * is kept in lower case, U-labels as they came. Whether UTF-8 is welcome in a transaction is the
 * protocol's question: see `isAscii`. Addresses in message headers (RFC 5322, with comments and
 * display names) are another grammar and not read here.
 *
 * The parsers follow cursor.ts: a complaint on the cursor says what was missing.
 */
import { domainToASCII } from 'node:url';
import { CharacterSet, Cursor, range } from '#base/cursor';

/** A mailbox at a domain. `local` is unquoted: quoting is a matter of writing it down. `domain` is
 * empty only for `<postmaster>` (RFC 5321 §4.5.1), and is `[…]` for an address literal. */
export interface Address {
  readonly local: string;
  readonly domain: string;
}

/** RFC 5321 §4.5.5: the empty reverse-path `<>` of notifications. */
export type ReversePath = Address | 'null';

/** RFC 5321 §4.5.3.1.1 asks for 64 octets;
 * the return addresses of mailing lists (VERP) are longer. */
const longestLocalPart = 255;
/** RFC 5321 §4.5.3.1.2 */
const longestDomain = 255;
/** RFC 1035 §2.3.4 */
const longestLabel = 63;

/** RFC 5322 §3.2.3 atext, with RFC 6531 §3.3: atext =/ UTF8-non-ascii */
const atext = new CharacterSet(
  `${range('a', 'z')}${range('A', 'Z')}${range('0', '9')}!#$%&'*+-/=?^_\`{|}~`,
  true,
);
/** RFC 5321 §4.1.2: qtextSMTP = %d32-33 / %d35-91 / %d93-126, and UTF8-non-ascii (RFC 6531 §3.3) */
const quotable = new CharacterSet(`${range(' ', '!')}${range('#', '[')}${range(']', '~')}`, true);
/** RFC 5321 §4.1.2: quoted-pairSMTP = %d92 %d32-126 */
const escapable = new CharacterSet(range(' ', '~'));
/** Let-dig, "-" and U-labels. "_" is in no grammar, but in the names of many Windows machines. */
const labelCharacters = new CharacterSet(
  `${range('a', 'z')}${range('A', 'Z')}${range('0', '9')}-_`,
  true,
);
const literalCharacters = new CharacterSet(
  `${range('0', '9')}${range('a', 'f')}${range('A', 'F')}:.`,
);

// RFC 5321 §4.1.2:
//   Reverse-path   = Path / "<>"
//   Forward-path   = Path
//   Path           = "<" [ A-d-l ":" ] Mailbox ">"
//   A-d-l          = At-domain *( "," At-domain )
//   At-domain      = "@" Domain

/** The argument of MAIL FROM. */
export function parseReversePath(cursor: Cursor): ReversePath | undefined {
  return cursor.take('<>') ? 'null' : parsePath(cursor);
}

/** The argument of RCPT TO: also `<postmaster>` without a domain (RFC 5321 §4.1.1.3). */
export function parseForwardPath(cursor: Cursor): Address | undefined {
  const from = cursor.at;
  if (cursor.takeAnyCase('<POSTMASTER>')) {
    return { local: cursor.line.slice(from + 1, cursor.at - 1), domain: '' };
  }
  return parsePath(cursor);
}

export function parsePath(cursor: Cursor): Address | undefined {
  if (!cursor.expect('<')) return undefined;
  if (cursor.peek() === at && !skipSourceRoute(cursor)) return undefined;
  const mailbox = parseMailbox(cursor);
  return mailbox !== undefined && cursor.expect('>') ? mailbox : undefined;
}

const at = '@'.charCodeAt(0);

/** RFC 5321 appendix C: source routes are taken and ignored. */
function skipSourceRoute(cursor: Cursor): boolean {
  do {
    if (!cursor.expect('@') || parseDomain(cursor) === undefined) return false;
  } while (cursor.take(','));
  return cursor.expect(':');
}

/** RFC 5321 §4.1.2: Mailbox = Local-part "@" ( Domain / address-literal ) */
function parseMailbox(cursor: Cursor): Address | undefined {
  const local = cursor.take('"') ? quotedString(cursor) : dotString(cursor);
  if (local === undefined) return undefined;
  if (octets(local) > longestLocalPart) return cursor.missing('a shorter local part');
  if (!cursor.expect('@')) return undefined;
  const domain = cursor.take('[') ? addressLiteral(cursor) : parseDomain(cursor);
  return domain === undefined ? undefined : { local, domain };
}

/** RFC 5321 §4.1.2: Dot-string = Atom *("." Atom); Atom = 1*atext */
function dotString(cursor: Cursor): string | undefined {
  const from = cursor.at;
  do {
    if (cursor.expectSome(atext, 'a local part') === undefined) return undefined;
  } while (cursor.take('.'));
  return cursor.line.slice(from, cursor.at);
}

/** RFC 5321 §4.1.2: Quoted-string = DQUOTE *QcontentSMTP DQUOTE. The first quote has been taken. */
function quotedString(cursor: Cursor): string | undefined {
  let local = '';
  while (!cursor.take('"')) {
    if (cursor.take('\\')) {
      const escaped = cursor.takeOne(escapable);
      if (escaped === undefined) return cursor.missing('a character after "\\"');
      local += escaped;
    } else {
      const text = cursor.expectSome(quotable, 'a closing quote');
      if (text === undefined) return undefined;
      local += text;
    }
  }
  return local;
}

/** RFC 5321 §4.1.2: Domain = sub-domain *("." sub-domain), sub-domain =/ U-label (RFC 6531 §3.3).
 * The domain in lower case. */
function parseDomain(cursor: Cursor): string | undefined {
  const from = cursor.at;
  do {
    const label = cursor.expectSome(labelCharacters, 'a domain');
    if (label === undefined) return undefined;
    if (label.startsWith('-') || label.endsWith('-')) {
      return cursor.missing('a domain whose parts begin and end with a letter or digit');
    }
  } while (cursor.take('.'));
  const domain = cursor.line.slice(from, cursor.at).normalize('NFC').toLowerCase();
  const key = domainKey(domain);
  if (key === '' || key.length > longestDomain || octets(domain) > longestDomain) {
    return cursor.missing('a domain that can exist');
  }
  const tooLong = key.split('.').some((label) => label.length > longestLabel);
  return tooLong ? cursor.missing('a domain with shorter parts') : domain;
}

/** RFC 5321 §4.1.3: an IP address in brackets; `[` has been taken. Its one usual spelling is kept.
 * "IPv6" is the only tag ever registered, so others are refused. */
function addressLiteral(cursor: Cursor): string | undefined {
  const six = cursor.takeAnyCase('IPV6:');
  const text = cursor.expectSome(literalCharacters, 'an IP address');
  if (text === undefined || !cursor.expect(']')) return undefined;
  const address = six ? ipv6(text) : ipv4(text);
  return address ?? cursor.missing('an IP address');
}

/** RFC 5321 §4.1.3: IPv4-address-literal = Snum 3("." Snum); Snum = 1*3DIGIT, 0 to 255 */
function ipv4(text: string): string | undefined {
  const numbers = text.split('.');
  const good =
    numbers.length === 4 &&
    numbers.every((number) => /^\d{1,3}$/.test(number) && Number(number) < 256);
  return good ? `[${numbers.map(Number).join('.')}]` : undefined;
}

/** RFC 5321 §4.1.3: IPv6-address-literal. The URL standard's parser knows all of its spellings. */
function ipv6(text: string): string | undefined {
  const url = URL.parse(`http://[${text}]/`);
  return url === null ? undefined : `[IPv6:${url.hostname.slice(1, -1)}]`;
}

/** A whole text that is one address, without angle brackets. */
export function parseAddress(text: string): Address | undefined {
  const cursor = new Cursor(text);
  const address = parseMailbox(cursor);
  return address !== undefined && cursor.end() ? address : undefined;
}

/** The address as SMTP writes it, quoted when it needs to be; without angle brackets. */
export function formatAddress(address: Address): string {
  const local = isDotString(address.local) ? address.local : quote(address.local);
  return address.domain === '' ? local : `${local}@${address.domain}`;
}

/** A reverse-path with its angle brackets, as in MAIL FROM and Return-Path. */
export function formatPath(path: ReversePath): string {
  return path === 'null' ? '<>' : `<${formatAddress(path)}>`;
}

function isDotString(local: string): boolean {
  const cursor = new Cursor(local);
  return dotString(cursor) !== undefined && cursor.end();
}

function quote(local: string): string {
  return `"${local.replace(/["\\]/g, '\\$&')}"`;
}

/** RFC 6531 §3.3: an address that is not ASCII can only travel with SMTPUTF8. */
export function isAscii(address: Address): boolean {
  return !/[^\0-\x7f]/.test(address.local) && !/[^\0-\x7f]/.test(address.domain);
}

/** Two addresses are the same mailbox to us when their keys are equal. */
export function addressKey(address: Address): string {
  return formatAddress({ local: foldCase(address.local), domain: domainKey(address.domain) });
}

/** Is the address one of these keys, perhaps with a detail behind a "+" (RFC 5233 §4)? */
export function isAmong(keys: readonly string[], address: Address): boolean {
  return keys.includes(addressKey(address)) || keys.includes(addressKey(withoutDetail(address)));
}

/** RFC 5233 §4: ann+list@ is ann@; the separator is "+". The same object when there is none. */
export function withoutDetail(address: Address): Address {
  const plus = address.local.indexOf('+');
  return plus > 0 ? { ...address, local: address.local.slice(0, plus) } : address;
}

/** The form in which domains are compared: lower case, U-labels as A-labels (RFC 5890 §2.3.2.1).
 * Empty when a U-label is none that IDNA allows. */
export function domainKey(domain: string): string {
  return /[^\0-\x7f]/.test(domain) ? domainToASCII(domain) : domain.toLowerCase();
}

/** Text without its case, in NFC. The final sigma and the sharp s are what lower case alone misses
 * of Unicode's case folding in living scripts. */
export function foldCase(text: string): string {
  const lower = text.normalize('NFC').toLowerCase();
  return /[^\0-\x7f]/.test(lower)
    ? lower.replaceAll('ς', 'σ').replaceAll('ß', 'ss').normalize('NFC')
    : lower;
}

function octets(text: string): number {
  return Buffer.byteLength(text);
}
