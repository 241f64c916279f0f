/*
 * When a message arrived at its source. IMAP tells it (INTERNALDATE, RFC 9051 §2.3.3); over POP3 it
 * is read off the message: the topmost Received field was written by the source's own server
 * (RFC 5321 §4.4), and Date, by the sender, is better than nothing. Strangers write both, so a date
 * that cannot be is not believed.
 */
import { parseDateTime } from '#mail/message/date-time';
import { writtenField } from './written-field.ts';

const day = 86_400_000;

/** `beginning`: the first octets of the message, some of its header section. */
export function writtenArrival(beginning: Buffer): number | undefined {
  const received = writtenField(beginning, 'received');
  const semicolon = received?.lastIndexOf(';') ?? -1;
  const arrived = semicolon < 0 ? undefined : parseDateTime(received?.slice(semicolon + 1) ?? '');
  if (arrived !== undefined) return arrived;
  const date = writtenField(beginning, 'date');
  return date === undefined ? undefined : parseDateTime(date);
}

/** What the entry is dated here: the arrival, when it can have been then; else now. */
export function internalDate(
  arrival: number | undefined,
  { now, clockIsSane }: { readonly now: number; readonly clockIsSane: boolean },
): number {
  if (arrival === undefined || !Number.isFinite(arrival) || arrival < day) return now;
  // A box that has lost the time knows less of it than the message does.
  return clockIsSane && arrival > now + day ? now : arrival;
}
