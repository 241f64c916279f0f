/*
 * What a folder holds, in windows of unique-ids: a command for each, so that nothing is under way
 * while its caller is at work, and memory is flat however large the folder. Unique-ids may lie far
 * apart, so a window that finds little is followed by a wider one. By unique-id and not by sequence
 * number, because those change when a message goes meanwhile.
 */
import type { FetchMessageObject } from 'imapflow';
import { failed, ok, type Result } from '#base/result';
import type { Listed, UpstreamTrouble } from '../upstream.ts';
import type { AskRows } from './folder.ts';
import { listedMessages, windowMessages } from './limits.ts';
import { upstreamTroubleOf } from './troubles.ts';
import { largestUid } from './uid-sets.ts';

const pageMessages = 1000;

/** Octets of a row: UID, RFC822.SIZE, INTERNALDATE, MODSEQ and a server's own id. */
const rowOctets = 250;

const query = { uid: true, size: true, internalDate: true } as const;

/** `uidNext`: from there on hardly anything is expected. */
export async function* listing(
  ask: AskRows,
  from: number,
  uidNext: number | undefined,
): AsyncGenerator<Result<readonly Listed[], UpstreamTrouble>> {
  let first = Math.max(from, 1);
  let width = windowMessages;
  let seen = 0;
  while (first <= largestUid) {
    // RFC 9051 §6.4.9: 'n:*' would give the last message even when its unique-id is less than n.
    const isLast = uidNext !== undefined && first + width >= uidNext;
    const last = isLast ? largestUid : Math.min(first + width - 1, largestUid);
    const window = new Window(first, last);
    const octets = listedMessages * rowOctets;
    const asked = await ask(`${first}:${last}`, query, octets, (row) => window.take(row));
    if (!asked.ok) return yield failed(upstreamTroubleOf(asked.error));
    seen += window.count;
    if (seen > 2 * listedMessages) return yield failed(endless);
    if (window.overflows) {
      if (width <= windowMessages && !isLast) return yield failed(endless);
      // A crowd after a desert: again, and slower. What was counted was not given.
      width = Math.max(Math.floor(width / 16), windowMessages);
      uidNext = undefined;
      continue;
    }
    yield* window.pages();
    if (window.count < windowMessages / 4) width = Math.min(width * 4, largestUid);
    first = last + 1;
  }
}

const endless: UpstreamTrouble = {
  kind: 'broken',
  detail: `the folder lists more than ${listedMessages} messages, or does not end`,
};

class Window {
  readonly #first: number;
  readonly #last: number;
  #rows: Listed[] = [];
  #uids: number[] = [];
  /** Full rows that came. */
  count = 0;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
  }

  take({ uid, size, internalDate }: FetchMessageObject): void {
    // Flags of a message that changed meanwhile, or what was not asked for.
    if (size === undefined || uid === undefined) return;
    this.count += 1;
    if (uid < this.#first || uid > this.#last || this.overflows) return;
    const arrivedAt = internalDate instanceof Date ? internalDate.getTime() : undefined;
    this.#uids.push(uid);
    this.#rows.push({
      uid: String(uid),
      number: 0,
      octets: size,
      ...(arrivedAt === undefined ? {} : { arrivedAt }),
    });
  }

  get overflows(): boolean {
    return this.count > windowMessages;
  }

  *pages(): Generator<Result<readonly Listed[], UpstreamTrouble>> {
    const rows = this.#inOrder();
    for (let at = 0; at < rows.length; at += pageMessages) {
      yield ok(rows.slice(at, at + pageMessages));
    }
  }

  /** Ascending, each unique-id once. Servers list so by themselves; RFC 9051 does not ask for it. */
  #inOrder(): readonly Listed[] {
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
