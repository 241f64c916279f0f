/* The owner's password in the store's database. Its table: migrations/0009-owner.ts. */
import type { Result } from '#base/result';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { OwnerRecord, OwnerRecords } from '../records.ts';

export class SqliteOwnerRecords implements OwnerRecords {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  async load(): Promise<OwnerRecord | undefined> {
    const rows = await this.#database.all<OwnerRecord>(
      'SELECT salt, rounds, sealed, changed FROM owner',
    );
    return rows[0];
  }

  put({ salt, rounds, sealed, changed }: OwnerRecord): Promise<Result<void, StoreTrouble>> {
    return this.#database.write(async (sql) => {
      await sql.run(
        'INSERT OR REPLACE INTO owner (id, salt, rounds, sealed, changed) VALUES (1, ?, ?, ?, ?)',
        [salt, rounds, sealed, changed],
      );
    });
  }
}
