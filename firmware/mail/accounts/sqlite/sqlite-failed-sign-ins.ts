/* Failed sign-ins in the store's database. Its table: migrations/0002-failed-sign-ins.ts. */
import type { Result } from '#base/result';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { FailedSignIn, FailedSignInRecords, Who } from '../tally.ts';

export class SqliteFailedSignIns implements FailedSignInRecords {
  readonly #database: SharedDatabase;

  constructor(database: SharedDatabase) {
    this.#database = database;
  }

  load(): Promise<FailedSignIn[]> {
    return this.#database.all('SELECT login, address, failures, last FROM failed_sign_in');
  }

  save(
    changed: readonly FailedSignIn[],
    gone: readonly Who[],
  ): Promise<Result<void, StoreTrouble>> {
    return this.#database.write(async (sql) => {
      for (const { login, address } of gone) {
        await sql.run('DELETE FROM failed_sign_in WHERE login = ? AND address = ?', [
          login,
          address,
        ]);
      }
      for (const { login, address, failures, last } of changed) {
        await sql.run(
          `INSERT OR REPLACE INTO failed_sign_in (login, address, failures, last)
           VALUES (?, ?, ?, ?)`,
          [login, address, failures, last],
        );
      }
    });
  }
}
