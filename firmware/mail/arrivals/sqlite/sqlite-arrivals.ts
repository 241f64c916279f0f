/*
 * Arrivals in the SQLite store: entries of the inboxes by their numbers, which only ever grow. It
 * only reads. What was expunged is not among them, and nothing here notes who has seen what: that
 * is in the cursor of whoever asks.
 */
import { ok, type Result } from '#base/result';
import type { AccountId, EntryId, MessageId } from '../../ids.ts';
import { beginningOf } from '../../store/sqlite/chunks.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import { reading } from '../../store/sqlite/errors.ts';
import { uniqueId } from '../../store/sqlite/listing.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { Arrival, ArrivalQuery, Arrivals, Arrived } from '../arrivals.ts';
import { advanced, type Cursor, type Generation, resume } from '../cursor.ts';

/** Chunks come whole, so beginnings are read a few at a time. */
const mostAtOnce = 16;

interface Row {
  readonly entry: EntryId;
  readonly message: MessageId;
  readonly account: AccountId;
  readonly generation: number;
  readonly octets: number;
  readonly arrivedAt: number;
  readonly chunkOctets: number;
  readonly crc: number;
  readonly data: Uint8Array;
}

/** The unary plus keeps the order of the numbers: an inbox's own index would have to be sorted. */
const arrived = `
  SELECT entry.id AS entry, entry.message, mailbox.account, entry.generation, entry.octets,
    entry.internal_date AS arrivedAt, coalesce(chunk.octets, 0) AS chunkOctets,
    coalesce(chunk.crc, 0) AS crc, coalesce(chunk.data, x'') AS data
  FROM entry JOIN mailbox ON mailbox.id = +entry.mailbox
  LEFT JOIN chunk ON chunk.id = entry.message * 1048576
  WHERE mailbox.name = 'INBOX' AND mailbox.account IS NOT NULL`;

/** Parameters: from this number on, behind that number of a generation and in all later ones, the
 * account or NULL, how many. */
const listSql = `${arrived} AND entry.id > ?
    AND (entry.generation > ? OR entry.generation = ? AND entry.id > ?)
    AND mailbox.account = coalesce(?, mailbox.account)
  ORDER BY entry.id LIMIT ?`;

export class SqliteArrivals implements Arrivals {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  list({ after = [], account, count }: ArrivalQuery): Promise<Result<Arrival[], StoreTrouble>> {
    return reading(async () => {
      const generations = await this.#generations();
      const from = resume(after, generations);
      const newest = generations.at(-1)?.id;
      // Numbers of a later generation may be lower than what was seen in a time that was undone.
      let behind = from.generation === newest ? from.entry : 0;
      let cursor = after;
      const found: Arrival[] = [];
      while (found.length < count) {
        const some = Math.min(mostAtOnce, count - found.length);
        const { generation, entry } = from;
        const rows = await this.#database.all<Row>(listSql, [
          ...[behind, generation, generation, entry],
          ...[account ?? null, some],
        ]);
        for (const row of rows) {
          const arrival = toArrival(row, generations, cursor);
          cursor = arrival.cursor;
          found.push(arrival);
        }
        if (rows.length < some) break;
        behind = rows.at(-1)?.entry ?? behind;
      }
      return ok(found);
    });
  }

  find(id: string): Promise<Result<Arrived | undefined, StoreTrouble>> {
    return reading(async () => {
      const dot = id.lastIndexOf('.');
      const number = Number.parseInt(id.slice(dot + 1), 36);
      const generation = id.slice(0, Math.max(0, dot));
      if (!Number.isSafeInteger(number) || uniqueId(generation, number) !== id) {
        return ok(undefined);
      }
      const [row] = await this.#database.all<Arrived>(
        `SELECT message.id AS message, message.octets, message.digest
         FROM entry JOIN generation ON generation.id = entry.generation
         JOIN mailbox ON mailbox.id = entry.mailbox JOIN message ON message.id = entry.message
         WHERE entry.id = ? AND generation.name = ? AND mailbox.account IS NOT NULL`,
        [number, generation],
      );
      return ok(row);
    });
  }

  end(): Promise<Result<Cursor, StoreTrouble>> {
    return reading(async () => {
      const rows = await this.#database.all<{ generation: string; entry: number }>(
        `SELECT name AS generation, max(entry.id) AS entry
         FROM entry JOIN generation ON generation.id = entry.generation
         GROUP BY generation.id ORDER BY generation.id`,
      );
      const [newest] = await this.#database.all<{ generation: string; entry: number }>(
        `SELECT name AS generation, coalesce((${lastSql}), 0) AS entry
         FROM generation ORDER BY id DESC LIMIT 1`,
      );
      const cursor = newest === undefined ? rows : [...rows, newest];
      return ok(cursor.reduce<Cursor>(advanced, []));
    });
  }

  last(): Promise<Result<EntryId, StoreTrouble>> {
    return reading(async () => {
      const [row] = await this.#database.all<{ seq: EntryId }>(lastSql);
      return ok(row?.seq ?? (0 as EntryId));
    });
  }

  since(entry: EntryId, count: number): Promise<Result<Arrival[], StoreTrouble>> {
    return reading(async () => {
      const rows = await this.#database.all<Row>(listSql, [
        ...[entry, 0, 0, 0, null],
        Math.min(count, mostAtOnce),
      ]);
      if (rows.length === 0) return ok([]);
      const generations = await this.#generations();
      return ok(rows.map((row) => toArrival(row, generations, [])));
    });
  }

  #generations(): Promise<Generation[]> {
    return this.#database.all<Generation>('SELECT id, name FROM generation ORDER BY id');
  }
}

const lastSql = "SELECT seq FROM sqlite_sequence WHERE name = 'entry'";

function toArrival(row: Row, generations: readonly Generation[], before: Cursor): Arrival {
  const { chunkOctets, crc, data, generation, ...arrival } = row;
  const name = generations.find(({ id }) => id === generation)?.name ?? 'unknown';
  return {
    ...arrival,
    id: uniqueId(name, row.entry),
    beginning: beginningOf({ octets: chunkOctets, crc, data }),
    cursor: advanced(before, { generation: name, entry: row.entry }),
  };
}
