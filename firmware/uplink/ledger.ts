/*
 * Writes down what became of recipients, behind the backs of those who send: a connection goes on
 * with its next message while the outcome of the last one is on its way to disk, and what gathers
 * meanwhile is written in one commit. Where another message is about to be marked as possibly sent,
 * outcomes wait for that, some milliseconds at most, and share its commit: on a memory card each
 * commit is time and wear.
 *
 * When the disk refuses, outcomes stay in memory and are written later. Nothing in here is sent
 * again while this process lives. There is a limit: when it is reached, `full` says so and sending
 * rests.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Result } from '#base/result';
import type { QueuedRecipientId } from '#mail/ids';
import type { Outcome, Queue, Told } from '#mail/queue/queue';
import type { StoreTrouble } from '#mail/store/store';

export interface LedgerPorts {
  readonly queue: Pick<Queue, 'record'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Something was written; there may be room again. */
  readonly written: () => void;
}

/** Something to write that is not the queue's: a report, which takes its recipients with it. */
export interface Report {
  readonly recipients: readonly QueuedRecipientId[];
  readonly write: () => Promise<Result<void, StoreTrouble>>;
  /** What is written when the report cannot be. */
  readonly instead: readonly Outcome[];
}

interface Entry {
  readonly outcomes: readonly Outcome[];
  readonly told: readonly Told[];
}

/** Disposed of when the mark is being written, or will not be. */
export type Ride = Disposable;

const mostOutcomes = 1_000;
const longestWait = 5;
const mostInOneCommit = 256;
const firstRetry = 2_000;
const longestRetry = 60_000;

export class Ledger {
  readonly #ports: LedgerPorts;
  readonly #unwritten = new Set<QueuedRecipientId>();
  #entries: Entry[] = [];
  #running: Promise<void> | undefined;
  #reports = new Set<Promise<void>>();
  #retry = firstRetry;
  #alarm: Disposable | undefined;
  /** Marks that are about to be written. */
  #coming = 0;
  #wait: Disposable | undefined;

  constructor(ports: LedgerPorts) {
    this.#ports = ports;
  }

  /** Recipients whose outcome is known and not on disk, or that are being dropped: not to be
   * tried. */
  get unwritten(): ReadonlySet<QueuedRecipientId> {
    return this.#unwritten;
  }

  get full(): boolean {
    return this.#unwritten.size >= mostOutcomes;
  }

  /** These are left alone until it is disposed of; undefined when what became of one of them is on
   * its way to disk. */
  reserve(recipients: readonly QueuedRecipientId[]): Disposable | undefined {
    if (recipients.some((id) => this.#unwritten.has(id))) return undefined;
    for (const id of recipients) this.#unwritten.add(id);
    return {
      [Symbol.dispose]: () => {
        for (const id of recipients) this.#unwritten.delete(id);
      },
    };
  }

  record(outcomes: readonly Outcome[], told: readonly Told[]): void {
    for (const { recipient } of outcomes) this.#unwritten.add(recipient);
    this.#entries.push({ outcomes, told });
    if (this.#alarm !== undefined || this.#running !== undefined) return;
    // Whoever handed this in begins with its next message within this turn of the loop.
    setImmediate(() => this.#runSoon());
  }

  /** A mark is about to be written: outcomes may share its commit. */
  expect(): Ride {
    this.#coming += 1;
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (left) return;
        left = true;
        this.#coming -= 1;
        this.#run();
      },
    };
  }

  /** Resolves when the report is on disk, or has been given up. */
  async report(report: Report): Promise<void> {
    for (const id of report.recipients) this.#unwritten.add(id);
    const writing = this.#write(report);
    this.#reports.add(writing);
    await writing.finally(() => this.#reports.delete(writing));
  }

  /** Resolves when all is on disk, or when the disk refuses. */
  async settled(): Promise<void> {
    while (this.#reports.size > 0) await Promise.all(this.#reports);
    this.#run();
    while (this.#running !== undefined) await this.#running;
  }

  /** The last try to write what is left. */
  async stop(): Promise<void> {
    this.#silence();
    this.#run();
    await this.settled();
    this.#silence();
  }

  #runSoon(): void {
    if (this.#coming === 0) this.#run();
    else this.#wait ??= this.#ports.clock.after(longestWait, () => this.#run());
  }

  #silence(): void {
    this.#wait?.[Symbol.dispose]();
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #run(): void {
    this.#wait?.[Symbol.dispose]();
    this.#wait = undefined;
    if (this.#alarm !== undefined || this.#running !== undefined) return;
    if (this.#entries.length > 0) this.#running = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#entries.length > 0) {
      const batch = firstEntries(this.#entries);
      const outcomes = batch.flatMap((entry) => entry.outcomes);
      const told = batch.flatMap((entry) => entry.told);
      const recorded = await this.#ports.queue.record(outcomes, told);
      if (!recorded.ok) {
        this.#later(recorded.error);
        break;
      }
      this.#entries.splice(0, batch.length);
      for (const { recipient } of outcomes) this.#unwritten.delete(recipient);
      this.#retry = firstRetry;
      this.#ports.written();
    }
    // Not in a `finally` of the promise: what is recorded in between would wait for nobody.
    this.#running = undefined;
  }

  #later({ say, detail }: StoreTrouble): void {
    const outcomes = this.#unwritten.size;
    const facts = { detail, outcomes };
    this.#ports.log.warn(`What became of outgoing mail cannot be written down: ${say}`, facts);
    this.#alarm = this.#ports.clock.after(this.#retry, () => {
      this.#alarm = undefined;
      this.#run();
    });
    this.#retry = Math.min(this.#retry * 2, longestRetry);
  }

  async #write({ recipients, write, instead }: Report): Promise<void> {
    const written = await write();
    if (!written.ok) {
      const { say, detail } = written.error;
      this.#ports.log.warn(`A report on outgoing mail cannot be written: ${say}`, { detail });
      this.record(instead, []);
      return;
    }
    for (const id of recipients) this.#unwritten.delete(id);
    this.#ports.written();
  }
}

function firstEntries(entries: readonly Entry[]): Entry[] {
  let count = 0;
  const end = entries.findIndex((entry, index) => {
    count += entry.outcomes.length;
    return index > 0 && count > mostInOneCommit;
  });
  return entries.slice(0, end < 0 ? entries.length : end);
}
