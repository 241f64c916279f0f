/*
 * Accounts in the store's database (tables: 0001-mail.ts, 0003-shared-secrets.ts and 0005-queue.ts
 * in ../../store/sqlite/migrations). They share the writer's commits with the mail, so an account
 * and its INBOX appear together. Knows no rules; records.ts says what a row means.
 */
import type { Clock } from '#base/clock';
import { ok } from '#base/result';
import type { AccountId, MailboxId } from '../../ids.ts';
import type { SqlValue } from '../../store/sqlite/connection.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type {
  AccountRecord,
  AccountRecords,
  AddressChange,
  AddressRecord,
  AllRecords,
  ForwardRecord,
  NewAccount,
  PasswordRecord,
  PasswordUse,
  Saved,
} from '../records.ts';

interface AccountRow {
  readonly id: AccountId;
  readonly name: string;
  readonly salt: Uint8Array;
  readonly rounds: number;
  readonly created: number;
  readonly inbox: MailboxId;
  readonly known_as: string | null;
}

interface PasswordRow {
  readonly account: AccountId;
  readonly name: string;
  readonly sealed: Uint8Array;
  readonly secret: Uint8Array | null;
  readonly created: number;
  readonly last_used: number | null;
  readonly last_address: string | null;
}

export class SqliteAccountRecords implements AccountRecords {
  readonly #database: SharedDatabase;
  readonly #clock: Clock;

  constructor(database: SharedDatabase, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async load(): Promise<AllRecords> {
    const accounts = await this.#database.all<AccountRow>(
      `SELECT account.id, account.name, salt, rounds, created, known_as, mailbox.id AS inbox
       FROM account JOIN mailbox ON mailbox.account = account.id AND mailbox.name = 'INBOX'
       ORDER BY account.id`,
    );
    const passwords = await this.#database.all<PasswordRow>(
      `SELECT account, name, sealed, secret, created, last_used, last_address
       FROM password ORDER BY id`,
    );
    const addresses = await this.#database.all<AddressRecord>(
      `SELECT account, key, spelling, kind FROM address ORDER BY key, account`,
    );
    const forwards = await this.#database.all<ForwardRecord>(
      `SELECT account, key, spelling, target_key AS targetKey, target
       FROM forward ORDER BY key, account, target_key`,
    );
    return {
      accounts: accounts.map(toAccount),
      passwords: passwords.map(toPassword),
      addresses,
      forwards,
    };
  }

  addAccount(account: NewAccount): Saved<AccountRecord> {
    const { name, salt, rounds, created, sealed, secret } = account;
    // RFC 9051 §2.3.1.1: a mailbox made anew under an old name needs a greater UIDVALIDITY.
    const uidValidity = Math.floor(this.#clock.now() / 1000);
    return this.#database.write(async (sql) => {
      const { lastID: id } = await sql.run(
        'INSERT INTO account (name, salt, rounds, created) VALUES (?, ?, ?, ?)',
        [name, salt, rounds, created],
      );
      await sql.run(
        `INSERT INTO password (account, name, sealed, secret, created) VALUES (?, 'main', ?, ?, ?)`,
        [id, sealed, secret ?? null, created],
      );
      const { lastID: inbox } = await sql.run(
        `INSERT INTO mailbox (account, name, uidvalidity) VALUES (?, 'INBOX', ?)`,
        [id, uidValidity],
      );
      const ids = { id: id as AccountId, inbox: inbox as MailboxId };
      return { ...ids, name, salt, rounds, created };
    });
  }

  removeAccount(account: AccountId): Saved {
    return this.#write('DELETE FROM account WHERE id = ?', [account]);
  }

  putPassword(password: PasswordRecord): Saved {
    const { account, name, sealed, secret, created, lastUsed, lastAddress } = password;
    return this.#write(
      `INSERT OR REPLACE INTO password
         (account, name, sealed, secret, created, last_used, last_address)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [account, name, sealed, secret ?? null, created, lastUsed ?? null, lastAddress ?? null],
    );
  }

  removePassword(account: AccountId, name: string): Saved {
    return this.#write('DELETE FROM password WHERE account = ? AND name = ?', [account, name]);
  }

  changeAddresses(change: AddressChange): Saved {
    const { add = [], remove = [], forward = [], unforward = [], knownAs = [] } = change;
    return this.#database.write(async (sql) => {
      for (const { key, account } of remove) {
        await sql.run('DELETE FROM address WHERE key = ? AND account = ?', [key, account]);
      }
      for (const { key, spelling, kind, account } of add) {
        await sql.run(
          'INSERT OR REPLACE INTO address (key, spelling, kind, account) VALUES (?, ?, ?, ?)',
          [key, spelling, kind, account],
        );
      }
      for (const { key, account, targetKey } of unforward) {
        await sql.run('DELETE FROM forward WHERE key = ? AND account = ? AND target_key = ?', [
          key,
          account,
          targetKey,
        ]);
      }
      for (const { key, spelling, account, targetKey, target } of forward) {
        await sql.run(
          `INSERT OR REPLACE INTO forward (key, spelling, account, target_key, target)
           VALUES (?, ?, ?, ?, ?)`,
          [key, spelling, account, targetKey, target],
        );
      }
      for (const { account, key } of knownAs) {
        await sql.run('UPDATE account SET known_as = ? WHERE id = ?', [key ?? null, account]);
      }
    });
  }

  noteUses(uses: readonly PasswordUse[]): Saved {
    return this.#database.write(async (sql) => {
      for (const { at, address, account, name } of uses) {
        await sql.run(
          'UPDATE password SET last_used = ?, last_address = ? WHERE account = ? AND name = ?',
          [at, address, account, name],
        );
      }
    });
  }

  async #write(text: string, params: readonly SqlValue[]): Saved {
    const written = await this.#database.write((sql) => sql.run(text, params));
    return written.ok ? ok(undefined) : written;
  }
}

function toAccount({ known_as, ...row }: AccountRow): AccountRecord {
  const knownAs = known_as === null ? {} : { knownAs: known_as };
  return { ...row, salt: Buffer.from(row.salt), ...knownAs };
}

function toPassword(row: PasswordRow): PasswordRecord {
  return {
    account: row.account,
    name: row.name,
    sealed: Buffer.from(row.sealed),
    ...(row.secret === null ? {} : { secret: Buffer.from(row.secret) }),
    created: row.created,
    ...(row.last_used === null ? {} : { lastUsed: row.last_used }),
    ...(row.last_address === null ? {} : { lastAddress: row.last_address }),
  };
}
