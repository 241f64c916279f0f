/*
 * What a folder holds, in windows of unique-ids: a command for each, so that nothing is under way
 * while its caller is at work, and memory is flat however large the folder. Unique-ids may lie far
 * apart, so a window that finds little is followed by a wider one. By unique-id and not by sequence
 * number, because those change when a message goes meanwhile.
 */
import type { FetchMessageObject } from 'imapflow';
import { failed, ok, type Result } from '#base/result';
import type { Listed, UpstreamTrouble } from '../upstream.ts';
import { coded } from './conversation.ts';
import type { AskRows } from './folder.ts';
import { listedMessages, windowMessages } from './limits.ts';
import { upstreamTroubleOf } from './troubles.ts';
import { largestUid } from './uid-sets.ts';

/** Octets of a row: UID, RFC822.SIZE, INTERNALDATE, MODSEQ and a server's own id. */
const rowOctets = 250;

const query = { uid: true, size: true, internalDate: true } as const;

/** `expected`: messages that the folder said it holds; a few more may have come since. `uidNext`:
 * from there on hardly anything is expected. */
export async function* listing(
  ask: AskRows,
  from: number,
  expected: number,
  uidNext: number | undefined,
): AsyncGenerator<Result<readonly Listed[], UpstreamTrouble>> {
  let first = Math.max(from, 1);
  let width = windowMessages;
  let left = Math.min(2 * expected + windowMessages, listedMessages);
  while (first <= largestUid) {
    // RFC 9051 §6.4.9: 'n:*' would give the last message even when its unique-id is less than n.
    const isLast = uidNext !== undefined && first + width >= uidNext;
    const last = isLast ? largestUid : Math.min(first + width - 1, largestUid);
    const window = new Window(first, last, left);
    const size = { responses: left, octets: left * rowOctets };
    const asked = await ask(`${first}:${last}`, query, size, (row) => window.take(row));
    if (!asked.ok) return yield failed(upstreamTroubleOf(asked.error));
    const done = window.done;
    if (done < first) {
      // A crowd after a desert, and in no order: again, and slower.
      width = Math.max(Math.floor(width / 16), windowMessages);
      uidNext = undefined;
      continue;
    }
    if (window.kept > 0) yield ok(window.inOrder());
    left -= window.kept;
    first = done + 1;
    if (done < last) {
      width = windowMessages;
      uidNext = undefined;
    } else if (window.kept < windowMessages / 4) width = Math.min(width * 4, largestUid);
  }
}

/** Ends the conversation. */
function endless(): Error {
  const detail = `the folder lists more than it holds, or more than ${listedMessages} messages`;
  return coded('EPROTOCOL', detail);
}

class Window {
  readonly #first: number;
  readonly #last: number;
  readonly #most: number;
  /** Rows that are kept; for a narrow window, all. */
  readonly #room: number;
  readonly #rows: Listed[] = [];
  readonly #uids: number[] = [];
  #count = 0;
  #highestKept = 0;
  #lowestLeftOut = Number.POSITIVE_INFINITY;

  constructor(first: number, last: number, most: number) {
    this.#first = first;
    this.#last = last;
    // As many as there are unique-ids, and half as many again for those that say one twice.
    const span = last - first + 1;
    this.#most = Math.min(most, Math.ceil(span * 1.5));
    this.#room = span > windowMessages ? windowMessages : this.#most;
  }

  take({ uid, size, internalDate }: FetchMessageObject): void {
    // Flags of a message that changed meanwhile, or what was not asked for.
    if (size === undefined || uid === undefined) return;
    this.#count += 1;
    if (this.#count > this.#most) throw endless();
    if (uid < this.#first || uid > this.#last) return;
    if (this.#rows.length >= this.#room) {
      this.#lowestLeftOut = Math.min(this.#lowestLeftOut, uid);
      return;
    }
    this.#highestKept = Math.max(this.#highestKept, uid);
    const arrivedAt = internalDate instanceof Date ? internalDate.getTime() : undefined;
    this.#uids.push(uid);
    this.#rows.push({
      uid: String(uid),
      number: 0,
      octets: size,
      ...(arrivedAt === undefined ? {} : { arrivedAt }),
    });
  }

  get kept(): number {
    return this.#rows.length;
  }

  /** Up to here nothing was left out; 0 when that cannot be said. */
  get done(): number {
    if (this.#lowestLeftOut > this.#last) return this.#last;
    return this.#lowestLeftOut > this.#highestKept ? this.#highestKept : 0;
  }

  /** Ascending, each unique-id once. Servers list so by themselves; RFC 9051 does not ask for it. */
  inOrder(): readonly Listed[] {
    if (this.#uids.every((uid, at) => at === 0 || uid > (this.#uids[at - 1] ?? 0))) {
      return this.#rows;
    }
    const byUid = new Map<number, Listed>();
    for (const [at, row] of this.#rows.entries()) {
      const uid = this.#uids[at] ?? 0;
      const before = byUid.get(uid);
      const isSame = before?.octets === row.octets && before.arrivedAt === row.arrivedAt;
      byUid.set(uid, before === undefined || isSame ? row : { ...row, ambiguous: true });
    }
    return [...byUid].sort(([a], [b]) => a - b).map(([, row]) => row);
  }
}
