/*
 * A message for somebody who is no mail client, from its parts to its octets (RFC 5322, RFC 2045).
 * Text in any script goes as quoted-printable where it must, so that every host on the way can take
 * it. No value can end its field or begin another: what stands in a header field is printable, and
 * addresses come parsed. Attachments are not made here; who has some composes the message itself.
 */
import { type Address, formatAddress } from '../address.ts';
import { encodedWords, field, textField } from './field.ts';
import { printable } from './printable.ts';
import { dateTime } from './trace.ts';

export interface Correspondent {
  /** For people; '' when there is none. */
  readonly name: string;
  readonly address: Address;
}

export interface Letter {
  readonly from: Correspondent;
  readonly to: readonly Correspondent[];
  readonly cc: readonly Correspondent[];
  readonly subject: string;
  /** '' when there is only HTML. */
  readonly text: string;
  /** The same for clients that show HTML. */
  readonly html?: string;
}

export interface LetterFacts {
  readonly hostName: string;
  /** Unique, and known to nobody before. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function compose(letter: Letter, { hostName, id, now }: LetterFacts): string {
  const { from, to, cc, subject, text, html } = letter;
  const header =
    field('Date', dateTime(now)) +
    addressField('From', [from]) +
    (to.length === 0 ? '' : addressField('To', to)) +
    (cc.length === 0 ? '' : addressField('Cc', cc)) +
    textField('Subject', subject) +
    field('Message-ID', `<${id}@${hostName}>`) +
    'MIME-Version: 1.0\r\n';
  if (html === undefined) return header + part('text/plain', text);
  if (text === '') return header + part('text/html', html);
  const boundary = boundaryFor(id, text + html);
  // RFC 2046 §5.1.4: the plainest first; a client shows the last that it can.
  return (
    `${header}Content-Type: multipart/alternative; boundary="${boundary}"\r\n\r\n` +
    `--${boundary}\r\n${part('text/plain', text)}\r\n` +
    `--${boundary}\r\n${part('text/html', html)}\r\n--${boundary}--\r\n`
  );
}

/** RFC 2046 §5.1.1: no line of a part may begin with the boundary. */
function boundaryFor(id: string, content: string): string {
  let boundary = `=_${id}`; // RFC 2045 §6.7: "=_" never comes out of quoted-printable
  while (content.includes(boundary)) boundary += '_';
  return boundary;
}

function part(type: string, content: string): string {
  const lines = content.replace(/\r\n?|\n/g, '\r\n');
  const whole = lines.endsWith('\r\n') || lines === '' ? lines : `${lines}\r\n`;
  // RFC 5322 §2.1.1: at most 998 octets in a line; NUL and other controls travel badly.
  const plain = /^[\t\r\n -~]*$/.test(whole) && !/[^\r\n]{999}/.test(whole);
  const how = plain ? '7bit' : 'quoted-printable';
  return (
    `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${how}\r\n\r\n` +
    (plain ? whole : quotedPrintable(whole))
  );
}

/** RFC 2045 §6.7 (5): at most 76 characters in a line, a soft break's "=" among them. */
const lineWidth = 75;

/** RFC 2045 §6.7. Lines end in CR LF. */
export function quotedPrintable(text: string): string {
  return text.split('\r\n').map(quotedLine).join('\r\n');
}

function quotedLine(line: string): string {
  let written = '';
  let width = 0;
  const octets = Buffer.from(line);
  for (const [index, octet] of octets.entries()) {
    const isLast = index === octets.length - 1;
    const word = quotedOctet(octet, isLast);
    if (width + word.length > lineWidth) {
      written += '=\r\n';
      width = 0;
    }
    written += word;
    width += word.length;
  }
  return written;
}

/** White space at the end of a line is lost on the way, so it is quoted (§6.7 (3)). */
function quotedOctet(octet: number, isLast: boolean): string {
  const isBlank = octet === 0x20 || octet === 0x09;
  const asItIs = (octet >= 0x21 && octet <= 0x7e && octet !== 0x3d) || (isBlank && !isLast);
  if (asItIs) return String.fromCharCode(octet);
  return `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** RFC 5322 §3.4: mailbox-list = (mailbox *("," mailbox)); a line for each. */
function addressField(name: string, people: readonly Correspondent[]): string {
  return `${name}: ${people.map(mailbox).join(',\r\n ')}\r\n`;
}

/** RFC 5322 §3.4: name-addr = [display-name] angle-addr. Shorter than a line may be. */
function mailbox({ name, address }: Correspondent): string {
  const shown = printable(name, 100);
  const plain = formatAddress(address);
  if (shown === '') return plain;
  // RFC 5322 §3.2.4: a quoted-string; RFC 2047 §5 (3): the words of a phrase may be encoded.
  const isAscii = /^[ -~]*$/.test(shown) && !shown.includes('=?');
  const phrase = isAscii
    ? `"${shown.replace(/["\\]/g, '\\$&')}"`
    : encodedWords(shown).join('\r\n ');
  return `${phrase} <${plain}>`;
}
