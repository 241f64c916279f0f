/*
 * What is known of collected messages, in the store's database (0006-sources.ts). Delivered
 * messages are noted by `arrival`, all else through here. Records of 100,000 messages lie in some
 * megabytes; every question here goes by an index, but `prune`, which looks through a source's
 * records on the reading connection, where nobody waits for it.
 *
 * Digests enter the large index a thousand at a time. With 16 messages in a commit and 100,000
 * records that writes 10 KB a message, where one by one writes 14 (measured; the message itself has
 * 3.5 of both).
 */
import { failed, ok, type Result, trouble } from '#base/result';
import type { SourceFolderId, SourceId } from '../../ids.ts';
import type { Statements } from '../../store/sqlite/connection.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import { reading } from '../../store/sqlite/errors.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type {
  Collected,
  CollectedKey,
  CollectedRecord,
  Match,
  Present,
  SourceFolder,
} from '../collected.ts';
import {
  collectedRecord,
  collectedRow,
  present,
  type StoredPresent,
  type StoredRow,
  storedUid,
} from './collected-rows.ts';

interface FolderRow {
  readonly id: SourceFolderId;
  readonly source: SourceId;
  readonly name: string;
  readonly identity: string;
  readonly settled: number | null;
  readonly modseq: string | null;
}

type MatchRow = StoredRow & { readonly name: string; readonly identity: string };

type Kept<T = void> = Promise<Result<T, StoreTrouble>>;

/** Who sends one message a thousand times may see some of them matched late, never lost. */
const matchesLookedAt = 1_000;
const matchesTold = 100;
/** The small index may have so many digests ... */
const mostFresh = 1_000;
/** ... and after so many questions it is looked whether it has more. */
const questionsBetweenLooks = 100;
/** Records forgotten in one statement. */
const pruneBatch = 500;

const folderColumns = 'id, source, name, identity, settled, modseq';
const recordColumns = 'folder, uid, fate, digest, head_digest, octets, at, removed_at';
const keysOf = (table: string) =>
  `(${table}.folder, ${table}.uid) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))`;

/** Of a source, with this digest; a part for each of the two indexes. */
const matchesIn = (fresh: 0 | 1) =>
  `SELECT ${recordColumns}, source_folder.name, source_folder.identity
   FROM collected JOIN source_folder ON source_folder.id = collected.folder
   WHERE fresh = ${fresh} AND substr(digest, 1, 4) = substr(?1, 1, 4) AND digest = ?1
     AND source_folder.source = ?2`;
const matchingSql = `
  SELECT * FROM (${matchesIn(0)} UNION ALL ${matchesIn(1)} LIMIT ${matchesLookedAt})
  ORDER BY at, folder, uid LIMIT ${matchesTold}`;
const freshSql = `FROM collected INDEXED BY collected_fresh WHERE fresh = 1 AND digest IS NOT NULL`;

export class SqliteCollected implements Collected {
  readonly #database: SharedDatabase;
  #questions = 0;
  #filing: Promise<void> | undefined;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  folders(source: SourceId): Kept<SourceFolder[]> {
    return reading(async () => {
      const rows = await this.#database.all<FolderRow>(
        `SELECT ${folderColumns} FROM source_folder WHERE source = ? ORDER BY id`,
        [source],
      );
      return ok(rows.map(toFolder));
    });
  }

  async folder(source: SourceId, name: string, identity: string): Kept<SourceFolder> {
    const there = await reading(async () => ok(await this.#find(this.#database, source, name)));
    if (!there.ok) return there;
    const found = there.value.find((one) => one.identity === identity);
    if (found !== undefined) return ok(found);
    const made = await this.#database.write(async (sql) => {
      await sql.run(
        `INSERT OR IGNORE INTO source_folder (source, name, identity)
         SELECT id, ?, ? FROM source WHERE id = ? AND removed = 0`,
        [name, identity, source],
      );
      return this.#find(sql, source, name);
    });
    if (!made.ok) return made;
    const folder = made.value.find((one) => one.identity === identity);
    return folder === undefined ? failed(sourceGone()) : ok(folder);
  }

  settle(folder: SourceFolderId, far: Pick<SourceFolder, 'settled' | 'modseq'>): Kept {
    return this.#write((sql) =>
      sql.run('UPDATE source_folder SET settled = ?, modseq = ? WHERE id = ?', [
        far.settled ?? null,
        far.modseq ?? null,
        folder,
      ]),
    );
  }

  known(folder: SourceFolderId, uids: readonly string[]): Kept<Map<string, CollectedRecord>> {
    return reading(async () => {
      const rows = await this.#database.all<StoredRow>(
        `SELECT ${recordColumns} FROM collected
         WHERE folder = ? AND uid IN (SELECT value FROM json_each(?))`,
        [folder, JSON.stringify(uids.map(storedUid))],
      );
      const records = rows.map(collectedRecord);
      return ok(new Map(records.map((record) => [record.uid, record])));
    });
  }

  matching(source: SourceId, digest: Buffer): Kept<Match[]> {
    return reading(async () => {
      const rows = await this.#database.all<MatchRow>(matchingSql, [digest, source]);
      this.#questions += 1;
      if (this.#questions % questionsBetweenLooks === 0) {
        this.#filing ??= this.#file().finally(() => {
          this.#filing = undefined;
        });
      }
      return ok(
        rows.map(({ name, identity, ...row }) => ({
          ...collectedRecord(row),
          in: { name, identity },
        })),
      );
    });
  }

  async note(records: readonly CollectedRecord[], instead: readonly CollectedKey[] = []): Kept {
    const rows = JSON.stringify(records.map(collectedRow));
    const folders = JSON.stringify([...new Set(records.map(({ folder }) => folder))]);
    const noted = await this.#database.write(async (sql): Kept => {
      const gone = await sql.all(
        `SELECT 1 FROM json_each(?) AS wanted WHERE NOT EXISTS
           (SELECT 1 FROM source_folder JOIN source ON source.id = source_folder.source
            WHERE source_folder.id = wanted.value AND source.removed = 0) LIMIT 1`,
        [folders],
      );
      if (gone.length > 0) return failed(sourceGone());
      if (instead.length > 0) {
        await sql.run(`DELETE FROM collected WHERE ${keysOf('collected')}`, [keysIn(instead)]);
      }
      await sql.run(
        `INSERT OR REPLACE INTO collected (${recordColumns})
         SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), unhex(value ->> 4),
                value ->> 5, value ->> 6, value ->> 7
         FROM json_each(?)`,
        [rows],
      );
      return ok(undefined);
    });
    return noted.ok ? noted.value : noted;
  }

  removable(folder: SourceFolderId, until: number, count: number): Kept<CollectedRecord[]> {
    return reading(async () => {
      const rows = await this.#database.all<StoredRow>(
        `SELECT ${recordColumns} FROM collected
         WHERE folder = ? AND at <= ? AND fate <= 1 AND removed_at IS NULL
         ORDER BY at, uid LIMIT ?`,
        [folder, until, count],
      );
      return ok(rows.map(collectedRecord));
    });
  }

  /** By the table's own order: numbers by their value, then texts. */
  present(folder: SourceFolderId, after: string | undefined, count: number): Kept<Present[]> {
    return reading(async () => {
      const rows = await this.#database.all<StoredPresent>(
        `SELECT folder, uid, fate, octets FROM collected
         WHERE folder = ? AND uid > ? AND removed_at IS NULL ORDER BY uid LIMIT ?`,
        [folder, after === undefined ? -1 : storedUid(after), count],
      );
      return ok(rows.map(present));
    });
  }

  removed(keys: readonly CollectedKey[], at: number): Kept {
    return this.#write((sql) =>
      sql.run(`UPDATE collected SET removed_at = ? WHERE ${keysOf('collected')}`, [
        Math.floor(at),
        keysIn(keys),
      ]),
    );
  }

  async prune(source: SourceId, before: number): Kept {
    const old = await reading(async () =>
      ok(
        await this.#database.all<Pick<StoredRow, 'folder' | 'uid'>>(
          `SELECT folder, uid FROM collected
           WHERE folder IN (SELECT id FROM source_folder WHERE source = ?) AND removed_at < ?
           LIMIT ${pruneBatch}`,
          [source, before],
        ),
      ),
    );
    if (!old.ok) return old;
    if (old.value.length === 0) return ok(undefined);
    const keys = JSON.stringify(old.value.map(({ folder, uid }) => [folder, uid]));
    // Once more `removed_at`: it may have come back to the source meanwhile.
    const pruned = await this.#write((sql) =>
      sql.run(`DELETE FROM collected WHERE ${keysOf('collected')} AND removed_at < ?`, [
        keys,
        before,
      ]),
    );
    if (!pruned.ok || old.value.length < pruneBatch) return pruned;
    return this.prune(source, before);
  }

  count(source: SourceId): Kept<number> {
    return reading(async () => {
      const [row] = await this.#database.all<{ delivered: number }>(
        `SELECT coalesce(sum(delivered), 0) AS delivered FROM source_folder WHERE source = ?`,
        [source],
      );
      return ok(row?.delivered ?? 0);
    });
  }

  /** Enters digests into the large index, when the small one has many. Whatever keeps it from that,
   * it is tried again. */
  async #file(): Promise<void> {
    await reading(async () => {
      const [count] = await this.#database.all<{ fresh: number }>(
        `SELECT count(*) AS fresh ${freshSql}`,
      );
      if ((count?.fresh ?? 0) <= mostFresh) return ok(undefined);
      return this.#write((sql) =>
        sql.run(
          `UPDATE collected SET fresh = 0 WHERE (folder, uid) IN
             (SELECT folder, uid ${freshSql} LIMIT ${2 * mostFresh})`,
        ),
      );
    });
  }

  /** Resolves when nothing changes over between the indexes. */
  async settled(): Promise<void> {
    await this.#filing;
  }

  async #find(
    sql: Pick<Statements, 'all'>,
    source: SourceId,
    name: string,
  ): Promise<SourceFolder[]> {
    const rows = await sql.all<FolderRow>(
      `SELECT ${folderColumns} FROM source_folder WHERE source = ? AND name = ?`,
      [source, name],
    );
    return rows.map(toFolder);
  }

  async #write(run: (sql: Statements) => Promise<unknown>): Kept {
    const written = await this.#database.write(run);
    return written.ok ? ok(undefined) : written;
  }
}

function keysIn(keys: readonly CollectedKey[]): string {
  return JSON.stringify(keys.map(({ folder, uid }) => [folder, storedUid(uid)]));
}

function toFolder({ id, source, name, identity, settled, modseq }: FolderRow): SourceFolder {
  return {
    ...{ id, source, name, identity },
    ...(settled === null ? {} : { settled }),
    ...(modseq === null ? {} : { modseq }),
  };
}

function sourceGone(): StoreTrouble {
  const say = 'The source it was collected from is gone';
  return trouble('lost', say, say);
}
