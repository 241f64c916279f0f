/*
 * What scheduled backups remember, in the store's database (migrations/0008-backups.ts). What
 * follows from it is decided in ../schedule.ts and ../backups.ts.
 */
import { ok, type Result } from '#base/result';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import { reading } from '../../store/sqlite/errors.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { BackupRecords, BackupRun, BackupState } from '../records.ts';

/** As SQLite gives it: NULL for what is not known. */
type Nullable<T> = { readonly [Name in keyof T]-?: T[Name] | null };

type RunRow = Nullable<Omit<BackupRun, 'works' | 'rehearsed'>> & {
  readonly works: number;
  readonly rehearsed: number;
};

export class SqliteBackupRecords implements BackupRecords {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  load(): Promise<Result<BackupState, StoreTrouble>> {
    return reading(async () => {
      const [row] = await this.#database.all<Nullable<BackupState>>(
        `SELECT passphrase, well_at AS wellAt, tried_at AS triedAt,
           other_disk_folder AS otherDiskFolder,
           told_well_at AS toldWellAt, told_failed_at AS toldFailedAt
         FROM backup_state`,
      );
      return ok(known(row ?? {}) as BackupState);
    });
  }

  save(
    state: Omit<BackupState, 'passphrase'>,
    run?: BackupRun,
  ): Promise<Result<void, StoreTrouble>> {
    const { wellAt, triedAt, otherDiskFolder, toldWellAt, toldFailedAt } = state;
    return this.#database.write(async (sql) => {
      await sql.run(
        `UPDATE backup_state SET well_at = ?, tried_at = ?, other_disk_folder = ?, told_well_at = ?,
           told_failed_at = ?`,
        [
          ...[wellAt ?? null, triedAt ?? null, otherDiskFolder ?? null],
          ...[toldWellAt ?? null, toldFailedAt ?? null],
        ],
      );
      if (run === undefined) return;
      const { at, works, rehearsed, say, file, messages, octets } = run;
      await sql.run(
        `INSERT INTO backup_run (at, works, rehearsed, say, file, messages, octets)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [
          ...[at, works ? 1 : 0, rehearsed ? 1 : 0, say],
          ...[file ?? null, messages ?? null, octets ?? null],
        ],
      );
    });
  }

  savePassphrase(sealed: Uint8Array): Promise<Result<void, StoreTrouble>> {
    return this.#database.write(async (sql) => {
      await sql.run('UPDATE backup_state SET passphrase = ?', [sealed]);
    });
  }

  runs(): Promise<Result<readonly BackupRun[], StoreTrouble>> {
    return reading(async () => {
      const rows = await this.#database.all<RunRow>(
        `SELECT at, works, rehearsed, say, file, messages, octets FROM backup_run
         ORDER BY id DESC`,
      );
      const runs = rows.map(({ works, rehearsed, ...rest }) => {
        return { ...known(rest), works: works === 1, rehearsed: rehearsed === 1 };
      });
      return ok(runs as BackupRun[]);
    });
  }
}

/** Without what is NULL. */
function known(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
