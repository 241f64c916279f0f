/*
 * What lies in the maildrop: STAT, LIST (RFC 1939 §5), UIDL (RFC 1939 §7), and what their
 * answers say. A listing that makes no sense is not guessed at: numbers that stand for the
 * wrong messages would have the wrong ones deleted.
 */
import { createHash } from 'node:crypto';
import { Cursor, visible } from '#base/cursor';
import { command, listing } from '../command.ts';
import { listedMessages, uniqueIdOctets } from '../limits.ts';

export const stat = command('STAT');
export const list = listing('LIST', listedMessages);
export const uidl = listing('UIDL', listedMessages);

/** Is there UIDL at all? Asked where CAPA does not say it. */
export function uidlOf(number: number): ReturnType<typeof command> {
  return command(`UIDL ${number}`);
}

export interface Stat {
  readonly messages: number;
  readonly octets: number;
}

/** RFC 1939 §5: drop-listing = nn SP mm, and perhaps more behind it. */
export function readStat(text: string): Stat | undefined {
  const cursor = new Cursor(text);
  const messages = cursor.takeNumber();
  const octets = cursor.take(' ') ? cursor.takeNumber() : undefined;
  return messages === undefined || octets === undefined ? undefined : { messages, octets };
}

export interface Sized {
  readonly number: number;
  readonly octets: number;
}

/** RFC 1939 §5: scan-listing = msg SP octets, and perhaps more behind it. */
export function readScanListing(line: string): Sized | undefined {
  const cursor = new Cursor(line);
  const number = readNumber(cursor);
  const octets = number === undefined ? undefined : cursor.takeNumber();
  return number === undefined || octets === undefined ? undefined : { number, octets };
}

export interface Named {
  readonly number: number;
  readonly uniqueId: string;
}

/** RFC 1939 §7: unique-id listing = msg SP 1*70(%x21-7E). Undefined: that is none. */
export function readUniqueIdListing(line: string): Named | undefined {
  const cursor = new Cursor(line);
  const number = readNumber(cursor);
  const rest = number === undefined ? '' : cursor.rest().trim();
  if (number === undefined || rest === '') return undefined;
  return { number, uniqueId: isUniqueId(rest) ? rest : substitute(rest) };
}

function readNumber(cursor: Cursor): number | undefined {
  const number = cursor.takeNumber();
  if (number === undefined || number < 1 || !cursor.take(' ')) return undefined;
  // Some fill columns.
  while (cursor.take(' '));
  return number;
}

function isUniqueId(text: string): boolean {
  if (text.length > uniqueIdOctets) return false;
  const cursor = new Cursor(text);
  cursor.takeSome(visible);
  return cursor.end();
}

/** What stands for a unique-id that is none, since something must tell messages apart. The space
 * in it cannot be in a real one. */
function substitute(text: string): string {
  return `odd: ${createHash('sha256').update(text, 'latin1').digest('base64url')}`;
}
