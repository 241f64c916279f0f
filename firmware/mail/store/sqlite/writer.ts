/*
 * The one writer, which commits in groups. Whoever wants something written hands in a job and
 * waits; jobs that have gathered meanwhile run in one transaction and share one fsync, and only
 * after it is anybody answered. Each job runs back to back in a savepoint of its own, so that its
 * failure undoes only itself; a failed COMMIT fails its whole group, each waiter with its own
 * answer. Deliveries, the common job, have a short form: one INSERT INTO arrival for many of them
 * at once (see migrations/0001-mail.ts), taken apart when it fails.
 *
 * SQLite rolls the whole transaction back by itself on a full or failing disk: then the group
 * fails. Jobs that free room (`vital`) are tried again after room was made for them.
 */
import { failed, ok, type Result } from '#base/result';
import type { StoreTrouble } from '../store.ts';
import type { Connection, SqlValue, Statements } from './connection.ts';
import { storeTrouble } from './errors.ts';

/** Values for one row of the view `arrival`, in its order. */
export type ArrivalRow = readonly SqlValue[];

interface Job {
  /** Statements of a savepoint, or a row for `arrival`. */
  readonly work: { readonly run: (sql: Statements) => Promise<unknown> } | { row: ArrivalRow };
  readonly vital: boolean;
  /** How often it met a full disk. */
  refused: number;
  readonly resolve: (result: Result<unknown, StoreTrouble>) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly job: Job } & (
  | { readonly done: true; readonly value: unknown }
  | { readonly done: false; readonly error: unknown }
);

export interface WriterPorts {
  /** Makes room on a full disk for jobs that free more: the first time what can be had for nothing,
   * the second time the reserve. False when there is nothing left to try. */
  makeRoom(attempt: number): Promise<boolean>;
  /** Runs in every group, before its COMMIT: small notes that deserve no fsync of their own. */
  along(sql: Statements): Promise<void>;
  /** Called after each group: is it on disk, and what was wrong with the disk if not. (A group may
   * also fail for a reason of its own, a deferred constraint.) */
  ended(committed: boolean, trouble?: StoreTrouble): void;
}

/** Deliveries are inserted this many at a time, so few different statements are kept prepared. */
const arrivalBatches = [16, 8, 4, 2, 1] as const;
const arrivalColumns = 16;

/** A group ends after this many jobs, so that the first of it does not wait long. */
const groupJobs = 128;

export class Writer {
  readonly #connection: Connection;
  readonly #ports: WriterPorts;
  readonly #queue: Job[] = [];
  #running: Promise<void> | undefined;
  #pause: Promise<void> | undefined;

  constructor(connection: Connection, ports: WriterPorts) {
    this.#connection = connection;
    this.#ports = ports;
  }

  /** Runs `run` in a savepoint; resolves when it is on disk. Rejects with what `run` threw, unless
   * that is the disk's fault. `run` may be run again when `vital`. */
  async write<T>(
    run: (sql: Statements) => Promise<T>,
    vital = false,
  ): Promise<Result<T, StoreTrouble>> {
    const result = await this.#enqueue({ run }, vital);
    return result.ok ? ok(result.value as T) : result;
  }

  /** Lands a delivery; resolves when it is on disk. */
  async arrive(row: ArrivalRow): Promise<Result<void, StoreTrouble>> {
    const result = await this.#enqueue({ row }, false);
    return result.ok ? ok(undefined) : result;
  }

  /** True while nothing waits to be written. */
  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** Lets no new group begin until `meanwhile` is done;
   * for the rare checkpoint that must catch up. */
  async hold(meanwhile: () => Promise<void>): Promise<void> {
    while (this.#pause) await this.#pause;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pause = promise;
    try {
      await this.#running;
      await meanwhile();
    } finally {
      this.#pause = undefined;
      resolve();
      this.#start();
    }
  }

  /** Resolves when all that was handed in is answered. */
  async settle(): Promise<void> {
    while (this.#running || this.#pause) await (this.#running ?? this.#pause);
  }

  #enqueue(work: Job['work'], vital: boolean): Promise<Result<unknown, StoreTrouble>> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ work, vital, refused: 0, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    if (this.#running || this.#pause || this.#queue.length === 0) return;
    this.#running = this.#drain().finally(() => {
      this.#running = undefined;
      this.#start();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && !this.#pause) {
      // Whoever is about to hand something in during this turn of the loop shall share the group.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      await this.#group();
    }
  }

  async #group(): Promise<void> {
    const outcomes: Outcome[] = [];
    const jobs: Job[] = [];
    try {
      await this.#connection.run('BEGIN IMMEDIATE');
      while (this.#queue.length > 0 && jobs.length < groupJobs) {
        const batch = this.#queue.splice(0, groupJobs - jobs.length);
        jobs.push(...batch);
        await this.#runBatch(batch, outcomes);
      }
      await this.#ports.along(this.#connection);
      await this.#connection.run('COMMIT');
    } catch (error) {
      await this.#connection.run('ROLLBACK').catch(() => {}); // SQLite may have done it already
      await this.#failGroup(jobs, error);
      return;
    }
    for (const outcome of outcomes) answer(outcome);
    this.#ports.ended(true);
  }

  /** Runs jobs in order, neighbouring deliveries together. Throws when the transaction is lost. */
  async #runBatch(batch: readonly Job[], outcomes: Outcome[]): Promise<void> {
    let at = 0;
    while (at < batch.length) {
      const job = batch[at];
      if (job === undefined) return;
      if ('run' in job.work) {
        outcomes.push(await this.#runJob(job, job.work.run));
        at += 1;
        continue;
      }
      let end = at + 1;
      while (end < batch.length && batch[end] !== undefined && isArrival(batch[end])) end += 1;
      const size = arrivalBatches.find((count) => count <= end - at) ?? 1;
      outcomes.push(...(await this.#land(batch.slice(at, at + size))));
      at += size;
    }
  }

  async #runJob(job: Job, run: (sql: Statements) => Promise<unknown>): Promise<Outcome> {
    await this.#connection.run('SAVEPOINT job');
    try {
      const value = await run(this.#connection);
      await this.#connection.run('RELEASE job');
      return { job, done: true, value };
    } catch (error) {
      if (storeTrouble(error)) throw error;
      await this.#connection.run('ROLLBACK TO job');
      await this.#connection.run('RELEASE job');
      return { job, done: false, error };
    }
  }

  /** One statement for all; when it fails for a reason of one of them, one statement for each. */
  async #land(jobs: readonly Job[]): Promise<Outcome[]> {
    const values = jobs.flatMap((job) => ('row' in job.work ? job.work.row : []));
    try {
      await this.#connection.run(arrivalSql(jobs.length), values);
      return jobs.map((job) => ({ job, done: true, value: undefined }));
    } catch (error) {
      if (storeTrouble(error)) throw error;
      const [job] = jobs;
      if (jobs.length === 1 && job) return [{ job, done: false, error }];
      const outcomes: Outcome[] = [];
      for (const one of jobs) outcomes.push(...(await this.#land([one])));
      return outcomes;
    }
  }

  async #failGroup(jobs: readonly Job[], error: unknown): Promise<void> {
    const why = storeTrouble(error);
    this.#ports.ended(false, why);
    // A group that never began took no jobs: answer those that wait,
    // or they would be tried for ever.
    const concerned = jobs.length > 0 ? jobs : this.#queue.splice(0);
    const vital = why?.code === 'full' ? concerned.filter((job) => job.vital) : [];
    for (const job of vital) job.refused += 1;
    const attempt = Math.min(...vital.map((job) => job.refused));
    const again = vital.length > 0 && (await this.#ports.makeRoom(attempt));
    for (const job of concerned) {
      if (again && job.vital) this.#queue.push(job);
      else if (why) job.resolve(failed(why));
      else job.reject(error);
    }
  }
}

function isArrival(job: Job | undefined): boolean {
  return job !== undefined && 'row' in job.work;
}

function arrivalSql(rows: number): string {
  const row = `(${Array(arrivalColumns).fill('?').join(', ')})`;
  return `INSERT INTO arrival VALUES ${Array(rows).fill(row).join(', ')}`;
}

function answer(outcome: Outcome): void {
  if (outcome.done) outcome.job.resolve(ok(outcome.value));
  else outcome.job.reject(outcome.error);
}
