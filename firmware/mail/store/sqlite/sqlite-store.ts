/*
 * The product's store: the port of ../store.ts on SQLite. Laws that hold between rows stand in the
 * schema's triggers; this file asks the questions.
 */
import type { Clock } from '#base/clock';
import { failed, ok, type Result, trouble } from '#base/result';
import { Watchers } from '#base/watchers';
import { HistoryLines } from '../../history/sqlite/history-lines.ts';
import type { AccountId, EntryId, MailboxId, MessageId, Uid } from '../../ids.ts';
import type {
  ChunkReference,
  Incoming,
  Listing,
  MailboxState,
  Store,
  StoreHealth,
  StoreTrouble,
} from '../store.ts';
import { ChunkBuffers, chunkId, type PackedChunk, unpackAll } from './chunks.ts';
import { Database, type DatabaseParts, type DatabasePorts } from './database.ts';
import { reading } from './errors.ts';
import { ListingBuilder, type ListingPage, listingSql } from './listing.ts';
import { Packer } from './packer.ts';
import { RetrievedNotes } from './retrieved-notes.ts';
import { Room, type RoomSettings } from './room.ts';
import { SqliteIncoming } from './sqlite-incoming.ts';
import { Sweeper, type SweeperSettings } from './sweeper.ts';

export type StoreSettings = RoomSettings & SweeperSettings;

/** Entries deleted by one statement; as many statements as needed make one commit. */
const expungeBatch = 1_000;
/** Notes of retrieval that may wait for somebody else's commit. */
const notesInMemory = 4_096;
/** Entries read by one statement. */
const listingPage = 4_096;

export class SqliteStore implements Store {
  /** For the other adapters that keep their rows in the same file. */
  readonly database: Database;
  /** Lines for SqliteHistory, which are written with the commits of this store. */
  readonly historyLines: HistoryLines;
  readonly #clock: Clock;
  readonly #room: Room;
  readonly #sweeper: Sweeper;
  readonly #notes: RetrievedNotes;
  readonly #buffers = new ChunkBuffers();
  readonly #packer = new Packer();
  readonly #watchers: Watchers;
  #lastMessage = 0;

  private constructor(
    database: Database,
    clock: Clock,
    room: Room,
    sweeper: Sweeper,
    notes: RetrievedNotes,
    historyLines: HistoryLines,
    watchers: Watchers,
  ) {
    this.database = database;
    this.historyLines = historyLines;
    this.#watchers = watchers;
    this.#clock = clock;
    this.#room = room;
    this.#sweeper = sweeper;
    this.#notes = notes;
  }

  /** Opens or makes the store in a data directory and begins to look after it. */
  static async open(
    directory: string,
    parts: DatabaseParts,
    settings: () => StoreSettings,
  ): Promise<Result<SqliteStore, StoreTrouble>> {
    const { clock, log } = parts;
    const room = new Room(directory, clock, log, settings);
    const notes = new RetrievedNotes();
    const lines = new HistoryLines(clock);
    const watchers = new Watchers();
    const ports: DatabasePorts = {
      releaseReserve: () => room.release(),
      along: async (sql) => {
        await notes.write(sql);
        await lines.write(sql);
      },
      ended: (committed, why) => {
        notes.ended(committed);
        lines.ended(committed);
        if (committed || why !== undefined) room.note(why);
        watchers.tell();
      },
    };
    let opened = await Database.open(directory, parts, ports);
    // The log and its index want some blocks. On a full disk people still read, and delete.
    if (!opened.ok && opened.error.code === 'full' && (await room.release())) {
      opened = await Database.open(directory, parts, ports);
    }
    if (!opened.ok) return opened;
    const database = opened.value;
    const sweeper = new Sweeper(database, room, clock, log, settings);
    await room.start(database, () => sweeper.sweep());
    const store = new SqliteStore(database, clock, room, sweeper, notes, lines, watchers);
    store.#lastMessage = await lastMessage(database);
    sweeper.sweep();
    return ok(store);
  }

  /** Writes the last notes and closes. */
  async close(): Promise<void> {
    this.#room.stop();
    await this.#sweeper.stop();
    await this.#writeNotes();
    await this.database.close();
  }

  /** Some notes, or all that the disk takes. */
  async #writeNotes(): Promise<void> {
    for (;;) {
      const left = this.#notes.waiting + this.historyLines.waiting;
      if (left === 0) return;
      const written = await this.database.write(async () => {});
      if (!written.ok) return;
    }
  }

  /** Something was taken away (an account, a setting changed):
   * look whether room can be given back. */
  sweep(): void {
    this.#sweeper.sweep();
  }

  incoming(): Incoming {
    this.#lastMessage += 1;
    const message = this.#lastMessage as MessageId;
    const took = (octets: number) => this.#room.took(octets);
    return new SqliteIncoming(this.database, this.#buffers, this.#packer, message, took);
  }

  inbox(account: AccountId): Promise<Result<MailboxState, StoreTrouble>> {
    return reading(async () => {
      const [row] = await this.database.all<MailboxState>(
        `SELECT id AS mailbox, messages, octets, wire_octets AS wireOctets, unretrieved,
           uidvalidity AS uidValidity, uidnext AS uidNext
         FROM mailbox WHERE account = ? AND name = 'INBOX'`,
        [account],
      );
      return row ? ok(row) : failed(lost('That mailbox does not exist any more'));
    });
  }

  listing(mailbox: MailboxId, before: Uid): Promise<Result<Listing, StoreTrouble>> {
    return reading(async () => {
      const builder = new ListingBuilder(await this.#generations());
      let after = 0;
      for (;;) {
        const [page] = await this.database.all<ListingPage>(listingSql, [
          mailbox,
          after,
          before,
          listingPage,
        ]);
        if (page === undefined || page.last === null) break;
        builder.add(page);
        after = page.last;
        if (page.length < listingPage) break;
      }
      return ok(builder.listing());
    });
  }

  read(chunks: readonly ChunkReference[]): Promise<Result<Uint8Array[], StoreTrouble>> {
    return reading(async () => {
      const ids = chunks.map(({ message, chunk }) => chunkId(message, chunk));
      const rows = await this.database.all<PackedChunk & { id: number }>(
        'SELECT * FROM chunk WHERE id IN (SELECT value FROM json_each(?))',
        [JSON.stringify(ids)],
      );
      const unpacked = unpackAll(rows);
      const places = new Map(rows.map((row, place) => [row.id, place]));
      const read: Uint8Array[] = [];
      for (const [index, reference] of chunks.entries()) {
        const place = places.get(ids[index] ?? -1);
        const octets = place === undefined ? await this.#beyond(reference) : unpacked[place];
        if (octets === undefined) return failed(damaged(reference));
        if (!(octets instanceof Uint8Array)) return failed(octets);
        read.push(octets);
      }
      return ok(read);
    });
  }

  async expunge(
    mailbox: MailboxId,
    entries: readonly EntryId[],
    allowed: () => boolean,
  ): Promise<Result<void, StoreTrouble>> {
    const written = await this.database.write(async (sql) => {
      if (!allowed()) return failed(lost('The maildrop is not yours any more'));
      for (let at = 0; at < entries.length; at += expungeBatch) {
        const leaving = [mailbox, JSON.stringify(entries.slice(at, at + expungeBatch))];
        await sql.run(
          `INSERT INTO shelf
           SELECT id, mailbox, message, generation, internal_date, flags, octets, ?
           FROM entry WHERE mailbox = ? AND id IN (SELECT value FROM json_each(?))`,
          [this.#clock.now(), ...leaving],
        );
        await sql.run(
          'DELETE FROM entry WHERE mailbox = ? AND id IN (SELECT value FROM json_each(?))',
          leaving,
        );
      }
      return ok(undefined);
    }, true);
    if (!written.ok) return written;
    this.#sweeper.sweep();
    return written.value;
  }

  noteRetrieved(mailbox: MailboxId, entries: readonly EntryId[]): void {
    this.#notes.note(mailbox, entries);
    this.#watchers.tell();
    // Somebody reads and reads while nobody writes: a commit for many is cheap too.
    if (this.#notes.waiting > notesInMemory) void this.database.write(async () => {});
  }

  /** By account: messages in its INBOX that were not retrieved. What is noted as retrieved and not
   * on disk yet is none of them. */
  unretrieved(): Promise<Result<Map<AccountId, number>, StoreTrouble>> {
    return reading(async () => {
      const noted = [...this.#notes.unwritten()].map(([box, entries]) => [box, [...entries]]);
      const rows = await this.database.all<{ account: AccountId; unretrieved: number }>(
        `SELECT account, unretrieved - (
             SELECT count(*) FROM json_each(?) AS noted, json_each(noted.value -> 1) AS one
             JOIN entry ON entry.id = one.value
             WHERE noted.value ->> 0 = mailbox.id AND entry.retrieved = 0) AS unretrieved
         FROM mailbox WHERE account IS NOT NULL AND name = 'INBOX'`,
        [JSON.stringify(noted)],
      );
      return ok(new Map(rows.map(({ account, unretrieved }) => [account, unretrieved])));
    });
  }

  /** Calls `tell` after each group that was written, and when something was noted as retrieved. */
  watch(tell: () => void): Disposable {
    return this.#watchers.add(tell);
  }

  health(): StoreHealth {
    return this.#room.health();
  }

  /** Octets that may be taken in by what can wait, collecting: it stops at this mark already. */
  roomAbove(mark: number): number {
    return this.#room.roomAbove(mark);
  }

  /** Resolves when nothing is left to be swept now. */
  settled(): Promise<void> {
    return this.#sweeper.settled();
  }

  /** No such chunk: the end of the message, or trouble. */
  async #beyond(reference: ChunkReference): Promise<Uint8Array | StoreTrouble | undefined> {
    const [message] = await this.database.all<{ chunks: number }>(
      'SELECT chunks FROM message WHERE id = ?',
      [reference.message],
    );
    if (message === undefined) return lost('That message is gone');
    return reference.chunk < message.chunks ? undefined : new Uint8Array(0);
  }

  async #generations(): Promise<ReadonlyMap<number, string>> {
    const rows = await this.database.all<{ id: number; name: string }>(
      'SELECT id, name FROM generation',
    );
    return new Map(rows.map((row) => [row.id, row.name]));
  }
}

/** The highest number a message ever had; what a crash cut off has been cleared before. */
async function lastMessage(database: Database): Promise<number> {
  const [row] = await database.all<{ last: number }>(
    `SELECT coalesce(max(seq), 0) AS last FROM sqlite_sequence WHERE name = 'message'`,
  );
  return row?.last ?? 0;
}

function lost(say: string): StoreTrouble {
  return trouble('lost', say, say, false);
}

function damaged({ message, chunk }: ChunkReference): StoreTrouble {
  const detail = `message ${message}, chunk ${chunk}: the octets on disk are not those that came`;
  return trouble('damaged', 'This message is damaged on the disk', detail, false);
}
