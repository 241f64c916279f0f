/*
 * What happens in the box, for whoever follows it at the control door: mail from the store's own
 * commits, the queue, troubles, the lamps, the button. While nobody follows it costs nothing; while
 * somebody does, the store is looked at after its commits, at most four times a second. Followers
 * share one look, and what is told to them is kept by nobody here: who does not read is the door's
 * affair.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Result } from '#base/result';
import type { EventBook, PanelBook } from '#control/box';
import type { BoxEvent, QueueReport, TroubleReport } from '#control/types';
import type { Household } from '#mail/accounts/household';
import type { Arrivals } from '#mail/arrivals/arrivals';
import type { EntryId } from '#mail/ids';
import type { StoreHealth } from '#mail/store/store';
import { mailReport } from './mail-book.ts';
import type { WayOutReport } from './way-out-report.ts';

/** Something that says when it has changed. */
export interface Watched {
  watch(tell: () => void): Disposable;
}

export interface EventParts {
  readonly arrivals: Pick<Arrivals, 'last' | 'since'>;
  readonly household: Pick<Household, 'byId'>;
  readonly panel: PanelBook;
  readonly wayOut: () => Promise<Result<WayOutReport>>;
  readonly storeHealth: () => StoreHealth;
  /** Troubles that stand in none of these. */
  readonly others?: () => readonly TroubleReport[];
  /** Whatever changes mail, queue or troubles. */
  readonly watched: readonly Watched[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Between two looks, in milliseconds; and after one that failed. */
const rest = 250;
const restAfterTrouble = 5_000;
/** Arrivals read at a time. */
const page = 16;

type Tell = (event: BoxEvent) => void;

/** How things stood at the last look. */
interface Seen {
  readonly queue: QueueReport;
  readonly troubles: ReadonlyMap<string, TroubleReport>;
}

export class Events implements EventBook {
  readonly #parts: EventParts;
  readonly #followers = new Set<Tell>();
  #watching: Disposable[] = [];
  /** One thing after the other, so that a newcomer's first events and the next look do not mix. */
  #turn: Promise<void> = Promise.resolve();
  /** A look is under way, or it rests after one. */
  #due = false;
  /** Something has changed since the last look began. */
  #again = false;
  #last: EntryId | undefined;
  #seen: Seen | undefined;

  constructor(parts: EventParts) {
    this.#parts = parts;
  }

  async now(): Promise<readonly BoxEvent[]> {
    const seen = await this.#look();
    return seen === undefined ? [this.#lamps()] : this.#standing(seen);
  }

  follow(tell: Tell): Disposable {
    const own: Tell = (event) => tell(event);
    let isGone = false;
    this.#next(async () => {
      if (isGone) return;
      if (this.#followers.size === 0) await this.#begin();
      if (isGone) return;
      this.#followers.add(own);
      const seen = this.#seen;
      for (const event of seen === undefined ? [this.#lamps()] : this.#standing(seen)) own(event);
    });
    return {
      [Symbol.dispose]: () => {
        isGone = true;
        this.#followers.delete(own);
        this.#next(async () => {
          if (this.#followers.size === 0) this.#end();
        });
      },
    };
  }

  #next(job: () => Promise<void>): void {
    this.#turn = this.#turn.then(job).catch((bug: unknown) => {
      const stack = bug instanceof Error ? bug.stack : String(bug);
      this.#parts.log.error('Telling events met a fault in the program', { stack });
    });
  }

  async #begin(): Promise<void> {
    const { watched, panel, arrivals } = this.#parts;
    this.#end();
    const last = await arrivals.last();
    this.#last = last.ok ? last.value : undefined;
    this.#seen = await this.#look();
    this.#watching = [
      ...watched.map((one) => one.watch(() => this.#changed())),
      panel.watch(() => this.#tell(this.#lamps())),
      panel.watchPresses(({ held, did }) => {
        this.#tell({ event: 'button', heldMs: Math.round(held), did });
      }),
    ];
    // What was committed while this looked has been told to no watcher.
    this.#changed();
  }

  #end(): void {
    for (const one of this.#watching.splice(0)) one[Symbol.dispose]();
  }

  #changed(): void {
    this.#again = true;
    if (this.#due) return;
    this.#due = true;
    this.#next(async () => {
      this.#again = false;
      let isWell = false;
      try {
        isWell = this.#followers.size === 0 || (await this.#lookAgain());
      } finally {
        if (!isWell) this.#again = true;
        this.#parts.clock.after(isWell ? rest : restAfterTrouble, () => {
          this.#due = false;
          if (this.#again && this.#watching.length > 0) this.#changed();
        });
      }
    });
  }

  /** False: not all could be read. */
  async #lookAgain(): Promise<boolean> {
    const isRead = await this.#lookForMail();
    const seen = await this.#look();
    if (seen === undefined) return false;
    const before = this.#seen;
    this.#seen = seen;
    if (before === undefined || !isSameQueue(before.queue, seen.queue)) {
      this.#tell({ event: 'queue', ...seen.queue });
    }
    for (const [key, trouble] of seen.troubles) {
      if (before?.troubles.get(key)?.say !== trouble.say) {
        this.#tell({ event: 'trouble', ...trouble });
      }
    }
    for (const [key, trouble] of before?.troubles ?? []) {
      if (!seen.troubles.has(key)) this.#tell({ event: 'trouble-over', ...trouble });
    }
    return isRead;
  }

  async #lookForMail(): Promise<boolean> {
    const { arrivals, household } = this.#parts;
    if (this.#last === undefined) {
      const last = await arrivals.last();
      if (!last.ok) return false;
      this.#last = last.value;
    }
    for (;;) {
      const found = await arrivals.since(this.#last, page);
      if (!found.ok) return false;
      for (const arrival of found.value) {
        this.#last = arrival.entry;
        const { id, account, octets, from, subject, arrivedAt } = mailReport(arrival, household);
        this.#tell({ event: 'mail', account, id, octets, from, subject, at: arrivedAt });
      }
      if (found.value.length < page) return true;
    }
  }

  async #look(): Promise<Seen | undefined> {
    const { wayOut, storeHealth, others } = this.#parts;
    const report = await wayOut();
    if (!report.ok) return undefined;
    const { queue, uplinks, clock } = report.value;
    const health = storeHealth();
    const troubles: TroubleReport[] = [
      ...uplinks
        .filter(({ condition }) => condition !== 'well')
        .map(({ name, say }) => ({ about: 'uplink' as const, name, say })),
      ...(health.takesMail && health.serves
        ? []
        : [{ about: 'store' as const, name: '', say: health.say ?? 'The store takes no mail.' }]),
      ...(clock.sane ? [] : [{ about: 'clock' as const, name: '', say: clock.say }]),
      ...(others?.() ?? []),
    ];
    return { queue, troubles: new Map(troubles.map((one) => [`${one.about} ${one.name}`, one])) };
  }

  #standing({ queue, troubles }: Seen): BoxEvent[] {
    return [
      { event: 'queue', ...queue },
      this.#lamps(),
      ...[...troubles.values()].map((one) => ({ event: 'trouble' as const, ...one })),
    ];
  }

  #lamps(): BoxEvent {
    const { lamps } = this.#parts.panel.report();
    const shown = lamps.map(({ lamp, pattern, say }) => ({ name: lamp, pattern, say }));
    return { event: 'lamps', lamps: shown };
  }

  #tell(event: BoxEvent): void {
    for (const tell of this.#followers) tell(event);
  }
}

/** The next attempt is told in wall-clock time, which is reckoned anew each time. */
function isSameQueue(one: QueueReport, other: QueueReport): boolean {
  const asKept = (queue: QueueReport) =>
    JSON.stringify({ ...queue, nextAt: Math.round((queue.nextAt ?? 0) / 1_000) });
  return asKept(one) === asKept(other);
}
