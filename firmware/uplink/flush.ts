/*
 * One flush: everything that was queued when it began is tried once, at once. This keeps the count
 * of it, says how far it is, and makes the report. What a flush may do at an uplink is the plan's.
 */
import type { QueuedId, UplinkId } from '#mail/ids';
import type { ItemFilter, Queue, QueueItem, Waiting } from '#mail/queue/queue';
import type { Settled } from './settlement.ts';
import type { FlushProgress, FlushReport, FlushWishes } from './state.ts';
import { counted } from './words.ts';

/** An uplink, or none. */
type Where = UplinkId | undefined;

interface Tally {
  sent: number;
  later: number;
  gaveUp: number;
}

interface Total {
  messages: number;
  recipients: number;
}

const page = 100;

/** Would a flush with the wishes `wanted`, beginning now, do nothing that one with `mine` does
 * not? */
export function covers(mine: FlushWishes, { force, domain, queued }: FlushWishes): boolean {
  if (force === true && mine.force !== true) return false;
  if (mine.domain !== undefined && mine.domain !== domain) return false;
  return mine.queued === undefined || mine.queued === queued;
}

export class Flush {
  readonly wishes: FlushWishes;
  /** Everything up to this was queued when it began. */
  readonly upTo: QueuedId;
  readonly #progress: (so: FlushProgress) => void;
  readonly #tallies = new Map<Where, Tally>();
  #totals = new Map<Where, Total>();
  #done = 0;

  constructor(wishes: FlushWishes, upTo: QueuedId, progress: (so: FlushProgress) => void) {
    this.wishes = wishes;
    this.upTo = upTo;
    this.#progress = progress;
  }

  /** What it is about, at one uplink, behind `after`. */
  filter(uplink: Where, after: QueuedId | undefined): ItemFilter {
    const { domain, queued } = this.wishes;
    const first = queued === undefined ? undefined : ((queued - 1) as QueuedId);
    const from = after ?? first;
    return {
      ...(uplink === undefined ? {} : { uplink }),
      ...(domain === undefined ? {} : { domain }),
      ...(from === undefined ? {} : { after: from }),
      upTo: queued === undefined ? this.upTo : (queued as QueuedId),
    };
  }

  /** Finds out how much it is about. Sending does not wait for it. */
  async measure(queue: Pick<Queue, 'waiting' | 'list'>): Promise<void> {
    const { domain, queued } = this.wishes;
    if (domain === undefined && queued === undefined) {
      const waiting = await queue.waiting();
      if (waiting.ok) this.#totals = totalsOf(waiting.value);
      return;
    }
    let after: QueuedId | undefined;
    for (;;) {
      const found = await queue.list(this.filter(undefined, after), page);
      if (!found.ok) return;
      for (const item of found.value) this.#add(item);
      after = found.value.at(-1)?.id;
      if (found.value.length < page) return;
    }
  }

  settled({ item, recipients, as }: Settled): void {
    if (item.id > this.upTo || as === 'untried') return;
    const tally = this.#tallies.get(item.uplink) ?? { sent: 0, later: 0, gaveUp: 0 };
    tally[as] += recipients;
    this.#tallies.set(item.uplink, tally);
  }

  messageDone(item: QueueItem): void {
    if (item.id > this.upTo) return;
    this.#done += 1;
    const messages = Math.max(this.#messages, this.#done);
    this.#progress({ messages, done: this.#done });
  }

  /** `troubles`: in words, how each uplink is that is not well. */
  report(
    nameOf: (uplink: UplinkId) => string,
    troubles: ReadonlyMap<UplinkId, string>,
  ): Omit<FlushReport, 'joined'> {
    const ways = [...new Set([...this.#totals.keys(), ...this.#tallies.keys()])];
    const rows = ways.map((way) => ({ way, ...this.#row(way) }));
    const sum = (of: (row: (typeof rows)[number]) => number) =>
      rows.reduce((so, row) => so + of(row), 0);
    return {
      messages: Math.max(this.#messages, this.#done),
      sent: sum((row) => row.sent),
      later: sum((row) => row.later),
      gaveUp: sum((row) => row.gaveUp),
      untried: sum((row) => row.untried),
      uplinks: rows.map(({ way, ...row }) => ({
        name: way === undefined ? 'no uplink' : nameOf(way),
        say: sentenceOf(row, way === undefined ? noWay : troubles.get(way)),
      })),
    };
  }

  get #messages(): number {
    return [...this.#totals.values()].reduce((sum, { messages }) => sum + messages, 0);
  }

  #row(way: Where): Tally & { untried: number } {
    const tally = this.#tallies.get(way) ?? { sent: 0, later: 0, gaveUp: 0 };
    const tried = tally.sent + tally.later + tally.gaveUp;
    return { ...tally, untried: Math.max(0, (this.#totals.get(way)?.recipients ?? 0) - tried) };
  }

  #add({ uplink, recipients }: QueueItem): void {
    const total = this.#totals.get(uplink) ?? { messages: 0, recipients: 0 };
    total.messages += 1;
    total.recipients += recipients.length;
    this.#totals.set(uplink, total);
  }
}

const noWay = 'no uplink serves the sender';

function totalsOf(waiting: readonly Waiting[]): Map<Where, Total> {
  return new Map(
    waiting.map(({ uplink, messages, recipients }) => [uplink, { messages, recipients }]),
  );
}

function sentenceOf(row: Tally & { untried: number }, trouble: string | undefined): string {
  const parts = [
    row.sent > 0 ? `${row.sent} sent` : '',
    row.later > 0 ? `${row.later} to be tried again later` : '',
    row.gaveUp > 0 ? `${row.gaveUp} given up` : '',
    row.untried > 0 ? `${counted(row.untried, 'recipient')} not tried` : '',
  ].filter((part) => part !== '');
  const sum = parts.length === 0 ? 'nothing to send' : parts.join(', ');
  return trouble === undefined || row.untried === 0 ? sum : `${sum}: ${trouble}`;
}
