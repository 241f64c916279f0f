/*
 * When a message arrived at its source. IMAP tells it (INTERNALDATE, RFC 9051 §2.3.3); over POP3 it
 * is read off the message: the topmost Received field was written by the source's own server
 * (RFC 5321 §4.4), and Date, by the sender, is better than nothing. Strangers write both, so a date
 * that cannot be is not believed.
 */
import { parseDateTime } from '#mail/message/date-time';

const day = 86_400_000;

/** `beginning`: the first octets of the message, some of its header section. */
export function writtenArrival(beginning: Buffer): number | undefined {
  const received = field(beginning, 'received:');
  const semicolon = received?.lastIndexOf(';') ?? -1;
  const arrived = semicolon < 0 ? undefined : parseDateTime(received?.slice(semicolon + 1) ?? '');
  if (arrived !== undefined) return arrived;
  const date = field(beginning, 'date:');
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

/** The first field of that name (lower case, with its colon), unfolded (RFC 5322 §2.2.3). */
function field(beginning: Buffer, name: string): string | undefined {
  let found: string | undefined;
  for (const line of lines(beginning)) {
    if (found !== undefined) {
      if (!/^[ \t]/.test(line)) return found;
      found += line;
    } else if (line === '') return undefined;
    else if (line.slice(0, name.length).toLowerCase() === name) found = line.slice(name.length);
  }
  return found;
}

function* lines(octets: Buffer): Generator<string> {
  for (let at = 0; at < octets.length; ) {
    const lineEnd = octets.indexOf(0x0a, at);
    const end = lineEnd < 0 ? octets.length : lineEnd;
    const line = octets.toString('latin1', at, end);
    yield line.endsWith('\r') ? line.slice(0, -1) : line;
    at = end + 1;
  }
}
