/* Renewals of join links in the store's database. Its table: migrations/0006-join-links.ts. */
import type { Result } from '#base/result';
import type { AccountId } from '../../ids.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { JoinRecords } from '../join-links.ts';

interface Row {
  readonly account: AccountId;
  readonly renewals: number;
}

export class SqliteJoinRecords implements JoinRecords {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  async load(): Promise<ReadonlyMap<AccountId, number>> {
    const rows = await this.#database.all<Row>('SELECT account, renewals FROM join_link');
    return new Map(rows.map(({ account, renewals }) => [account, renewals]));
  }

  renew(account: AccountId): Promise<Result<number, StoreTrouble>> {
    return this.#database.write(async (sql) => {
      await sql.run(
        `INSERT INTO join_link (account, renewals) VALUES (?, 1)
         ON CONFLICT (account) DO UPDATE SET renewals = renewals + 1`,
        [account],
      );
      const [row] = await sql.all<Row>(
        'SELECT account, renewals FROM join_link WHERE account = ?',
        [account],
      );
      return row?.renewals ?? 0;
    });
  }
}
