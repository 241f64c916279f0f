/*
 * The shelf in the SQLite store: what lies on it, and putting it back. Expunging fills it
 * (sqlite-store.ts), and the sweeper empties it; neither is done here. Who may ask is not known
 * here.
 */
import { ok, type Result } from '#base/result';
import type { AccountId, EntryId } from '../../ids.ts';
import type { Shelf, ShelvedMessage } from '../shelf.ts';
import type { StoreTrouble } from '../store.ts';
import { beginningOf, type PackedChunk } from './chunks.ts';
import type { Database } from './database.ts';
import { reading } from './errors.ts';

/** Entries put back in one commit, so that no delivery waits long behind a whole shelf. */
const batchEntries = 200;

type Row = Omit<ShelvedMessage, 'beginning'> & { chunkOctets: number } & Omit<
    PackedChunk,
    'octets'
  >;

const backToTheirMailbox = `
  INSERT INTO entry (mailbox, uid, message, generation, modseq, internal_date, flags,
                     octets, wire_octets, shape)
  SELECT shelf.mailbox, mailbox.uidnext, shelf.message, (SELECT max(id) FROM generation),
         mailbox.modseq + 1, shelf.internal_date, shelf.flags,
         message.octets, message.wire_octets, message.shape
  FROM shelf JOIN mailbox ON mailbox.id = shelf.mailbox JOIN message ON message.id = shelf.message
  WHERE shelf.id = ? AND mailbox.account = ?`;

export class SqliteShelf implements Shelf {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(account: AccountId, count: number): Promise<Result<ShelvedMessage[], StoreTrouble>> {
    return reading(async () => {
      const rows = await this.#database.all<Row>(
        `SELECT shelf.id AS entry, shelf.octets, internal_date AS internalDate, shelved,
           coalesce(chunk.octets, 0) AS chunkOctets, coalesce(chunk.crc, 0) AS crc,
           coalesce(chunk.data, x'') AS data
         FROM shelf JOIN mailbox ON mailbox.id = shelf.mailbox
         LEFT JOIN chunk ON chunk.id = shelf.message * 1048576
         WHERE mailbox.account = ? ORDER BY shelved DESC, shelf.id DESC LIMIT ?`,
        [account, count],
      );
      return ok(
        rows.map(({ chunkOctets: octets, crc, data, ...shelved }) => ({
          ...shelved,
          beginning: beginningOf({ octets, crc, data }),
        })),
      );
    });
  }

  async restore(
    account: AccountId,
    entries: readonly EntryId[],
  ): Promise<Result<number, StoreTrouble>> {
    let restored = 0;
    for (let at = 0; at < entries.length; at += batchEntries) {
      const batch = await this.#restoreBatch(account, entries.slice(at, at + batchEntries));
      // What is back stays back; who asks again gets the rest.
      if (!batch.ok) return batch;
      restored += batch.value;
    }
    return ok(restored);
  }

  #restoreBatch(
    account: AccountId,
    entries: readonly EntryId[],
  ): Promise<Result<number, StoreTrouble>> {
    return this.#database.write(async (sql) => {
      let restored = 0;
      for (const entry of entries) {
        const { changes } = await sql.run(backToTheirMailbox, [entry, account]);
        if (changes === 0) continue;
        await sql.run('DELETE FROM shelf WHERE id = ?', [entry]);
        restored += 1;
      }
      return restored;
    });
  }

  async restoreAll(account: AccountId): Promise<Result<number, StoreTrouble>> {
    const shelved = await reading(async () =>
      ok(
        await this.#database.all<{ id: EntryId }>(
          `SELECT shelf.id AS id FROM shelf JOIN mailbox ON mailbox.id = shelf.mailbox
           WHERE mailbox.account = ? ORDER BY shelf.id`,
          [account],
        ),
      ),
    );
    if (!shelved.ok) return shelved;
    return this.restore(
      account,
      shelved.value.map(({ id }) => id),
    );
  }
}
