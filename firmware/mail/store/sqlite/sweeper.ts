/*
 * Takes out what is no longer wanted, in small batches, so that no delivery waits long behind it:
 * mail whose days on the shelf are over, mailboxes whose account is gone, what was known of sources
 * whose account is gone, messages that nothing holds any more, old lines of history, and then the
 * pages that have become free.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { SqlValue, Statements } from './connection.ts';
import type { Database } from './database.ts';
import { forgetLines } from './old-history.ts';
import type { Room } from './room.ts';

export interface SweeperSettings {
  /** Days that deleted mail stays on the shelf; 0 removes it at once. */
  readonly shelfDays: number;
  /** A clock that shows less is wrong (milliseconds since 1970): the program is not older than its
   * build. */
  readonly clockIsSaneFrom: number;
}

const batchEntries = 200;
/** Of small rows. */
const batchRecords = 1_000;
const batchOctets = 8 * 1024 * 1024;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Free pages up to a quarter of the file (or 4 MiB) stay: the next mail will use them. */
const slackPages = 1_024;
const vacuumPages = 512;

interface Leaving {
  readonly id: number;
  readonly message: number;
  readonly octets: number;
}

export class Sweeper {
  readonly #database: Database;
  readonly #room: Room;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #settings: () => SweeperSettings;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #alarm: Disposable | undefined;
  /** `clock.elapsed()` when the history was looked through; once an hour is enough. */
  #historyLooked = Number.NEGATIVE_INFINITY;

  constructor(
    database: Database,
    room: Room,
    clock: Clock,
    log: Log,
    settings: () => SweeperSettings,
  ) {
    this.#database = database;
    this.#room = room;
    this.#clock = clock;
    this.#log = log;
    this.#settings = settings;
  }

  /** There may be something to do: begins, or goes on when it is at work. */
  sweep(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing is left to do now. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm?.[Symbol.dispose]();
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#alarm?.[Symbol.dispose]();
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        while (!this.#stopped && (await this.#sweepShelf())) await turn();
        while (!this.#stopped && (await this.#sweepMailboxes())) await turn();
        while (!this.#stopped && (await this.#sweepCollected())) await turn();
        while (!this.#stopped && (await this.#sweepHistory())) await turn();
        while (!this.#stopped && (await this.#giveBackPages())) await turn();
      }
    } catch (error) {
      this.#log.error('Old mail could not be taken out', { detail: String(error) });
    }
    if (!this.#stopped) this.#alarm = this.#clock.after(hourMs, () => this.sweep());
  }

  /** One batch of the shelf, oldest first; before its time when room is low.
   * True while more waits. */
  async #sweepShelf(): Promise<boolean> {
    const { shelfDays, clockIsSaneFrom } = this.#settings();
    const now = this.#clock.now();
    const sane = now >= clockIsSaneFrom;
    if (sane && shelfDays > 0) await this.#dateAnew(clockIsSaneFrom, now);
    // While the clock is wrong nothing's days are over; with 0 days there is nothing to count.
    const over = sane || shelfDays === 0 ? now - shelfDays * dayMs : -1;
    const before = this.#room.low ? Number.MAX_SAFE_INTEGER : over;
    const due = await this.#database.all<Leaving>(
      'SELECT id, message, octets FROM shelf WHERE shelved <= ? ORDER BY shelved, id LIMIT ?',
      [before, batchEntries],
    );
    const batch = upTo(batchOctets, due);
    if (batch.length === 0) return false;
    const swept = await this.#database.write(async (sql) => {
      await sql.run('DELETE FROM shelf WHERE id IN (SELECT value FROM json_each(?))', [
        JSON.stringify(batch.map((entry) => entry.id)),
      ]);
      await dropUnheld(sql, batch);
    }, true);
    if (this.#room.low) await this.#room.look();
    return swept.ok;
  }

  /** What was deleted while the clock was wrong has its days from now on. */
  async #dateAnew(saneFrom: number, now: number): Promise<void> {
    const [wrong] = await this.#database.all('SELECT 1 FROM shelf WHERE shelved < ? LIMIT 1', [
      saneFrom,
    ]);
    if (wrong === undefined) return;
    await this.#database.write((sql) =>
      sql.run('UPDATE shelf SET shelved = ? WHERE shelved < ?', [now, saneFrom]),
    );
  }

  /** One batch of a mailbox whose account is gone. True while more waits. */
  async #sweepMailboxes(): Promise<boolean> {
    const [mailbox] = await this.#database.all<{ id: number }>(
      'SELECT id FROM mailbox WHERE account IS NULL LIMIT 1',
    );
    if (mailbox === undefined) return false;
    const swept = await this.#database.write((sql) => this.#emptyMailbox(sql, mailbox.id), true);
    return swept.ok;
  }

  async #emptyMailbox(sql: Statements, mailbox: number): Promise<void> {
    const held: SqlValue[] = [mailbox, batchEntries];
    for (const table of ['entry', 'shelf'] as const) {
      const rows = await sql.all<Leaving>(
        `SELECT id, message, octets FROM ${table} WHERE mailbox = ? LIMIT ?`,
        held,
      );
      if (rows.length === 0) continue;
      await sql.run(`DELETE FROM ${table} WHERE id IN (SELECT value FROM json_each(?))`, [
        JSON.stringify(rows.map((row) => row.id)),
      ]);
      await dropUnheld(sql, rows);
      return;
    }
    await sql.run('DELETE FROM mailbox WHERE id = ?', [mailbox]);
  }

  /** One batch of what was known of a source that is gone. True while more waits. */
  async #sweepCollected(): Promise<boolean> {
    const [folder] = await this.#database.all<{ id: number }>(
      `SELECT id FROM source_folder
       WHERE NOT EXISTS (SELECT 1 FROM source WHERE source.id = source_folder.source) LIMIT 1`,
    );
    if (folder === undefined) return false;
    const swept = await this.#database.write(async (sql) => {
      const { changes } = await sql.run(
        `DELETE FROM collected WHERE folder = ?1 AND uid IN
           (SELECT uid FROM collected WHERE folder = ?1 LIMIT ${batchRecords})`,
        [folder.id],
      );
      if (changes === 0) await sql.run('DELETE FROM source_folder WHERE id = ?', [folder.id]);
    }, true);
    return swept.ok;
  }

  /** One batch of old lines. True while more waits. */
  async #sweepHistory(): Promise<boolean> {
    if (this.#clock.elapsed() - this.#historyLooked < hourMs) return false;
    const { clockIsSaneFrom } = this.#settings();
    const now = this.#clock.now();
    const sane = now >= clockIsSaneFrom;
    const more = await forgetLines(this.#database, clockIsSaneFrom, sane ? now : undefined);
    if (!more) this.#historyLooked = this.#clock.elapsed();
    return more;
  }

  /** Some free pages go back to the file system. True while more should. */
  async #giveBackPages(): Promise<boolean> {
    const [pages] = await this.#database.all<{ free: number; all: number }>(
      `SELECT freelist_count AS free, page_count AS "all"
       FROM pragma_freelist_count, pragma_page_count`,
    );
    const free = pages?.free ?? 0;
    const slack = this.#room.low ? 0 : Math.max(slackPages, Math.floor((pages?.all ?? 0) / 4));
    if (free <= slack) return false;
    const count = Math.min(vacuumPages, free - slack);
    const given = await this.#database.write(async (sql) => {
      await sql.all(`PRAGMA incremental_vacuum(${count === vacuumPages ? vacuumPages : 16})`);
    }, true);
    return given.ok;
  }
}

/** Messages of these rows that no mailbox, no shelf and no queue holds any more. */
async function dropUnheld(sql: Statements, rows: readonly Leaving[]): Promise<void> {
  await sql.run(
    `DELETE FROM message WHERE id IN (SELECT value FROM json_each(?))
       AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.message = message.id)
       AND NOT EXISTS (SELECT 1 FROM shelf WHERE shelf.message = message.id)
       AND NOT EXISTS (SELECT 1 FROM queued WHERE queued.message = message.id)`,
    [JSON.stringify(rows.map((row) => row.message))],
  );
}

/** The first rows that together have no more than `octets`; at least one. */
function upTo(octets: number, rows: readonly Leaving[]): readonly Leaving[] {
  let sum = 0;
  const end = rows.findIndex((row, index) => {
    sum += row.octets;
    return index > 0 && sum > octets;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

/** Lets sessions have their turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
