/*
 * One connection to the database file, with promises and kept prepared statements. Only the
 * asynchronous calls of the package are used: SQLite works on libuv's threads and the event loop
 * never waits for the disk. Every statement here runs to its end in one trip, so nothing stays
 * open in SQLite while anybody is awaited.
 */
import sqlite3, { type Database, type Statement } from 'sqlite3';

export type SqlValue = string | number | null | Uint8Array;

/** What a statement changed. */
export interface Changed {
  readonly lastID: number;
  readonly changes: number;
}

/** Runs SQL. Statements are kept prepared, so their texts must come from a small fixed set. */
export interface Statements {
  run(sql: string, params?: readonly SqlValue[]): Promise<Changed>;
  all<Row>(sql: string, params?: readonly SqlValue[]): Promise<Row[]>;
}

type Mode = 'write' | 'read' | 'create';

const flags = {
  write: sqlite3.OPEN_READWRITE | sqlite3.OPEN_FULLMUTEX,
  read: sqlite3.OPEN_READONLY | sqlite3.OPEN_FULLMUTEX,
  create: sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE | sqlite3.OPEN_FULLMUTEX,
} as const;

export class Connection implements Statements {
  readonly #database: Database;
  readonly #prepared = new Map<string, Statement>();

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Opens the file. Rejects with SQLite's error. */
  static open(path: string, mode: Mode): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(path, flags[mode], (error) => {
        if (error) reject(error);
        else resolve(new Connection(database));
      });
    });
  }

  run(sql: string, params: readonly SqlValue[] = []): Promise<Changed> {
    return new Promise((resolve, reject) => {
      this.#statement(sql).run([...params], function (error) {
        if (error) reject(error);
        else resolve({ lastID: Number(this.lastID), changes: Number(this.changes) });
      });
    });
  }

  all<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#statement(sql).all([...params], (error, rows) => {
        if (error) reject(error);
        else resolve(rows as Row[]);
      });
    });
  }

  /** Runs a script: pragmas, migrations. Nothing is kept prepared. */
  exec(script: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.exec(script, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Calls `hear` with the number of frames in the write-ahead log after each commit. */
  onCommit(hear: (frames: number) => void): void {
    this.#database.on('wal', (_database: string, frames: number) => hear(frames));
  }

  /** Copies the whole database to a new file, as it is at one moment: in a single step, for a copy
   * in several would begin anew whenever somebody writes between them. */
  async copyTo(path: string): Promise<void> {
    const backup = this.#database.backup(path);
    try {
      await new Promise<void>((resolve, reject) => {
        backup.step(-1, (error) => (error ? reject(error) : resolve()));
      });
    } finally {
      await new Promise<void>((resolve) => void backup.finish(() => resolve()));
    }
  }

  async close(): Promise<void> {
    for (const statement of this.#prepared.values()) {
      await new Promise<void>((resolve) => void statement.finalize(() => resolve()));
    }
    this.#prepared.clear();
    await new Promise<void>((resolve, reject) => {
      this.#database.close((error) => (error ? reject(error) : resolve()));
    });
  }

  #statement(sql: string): Statement {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      // An error in preparing reaches the callback of the run that asked. What could not be
      // prepared is not kept: it may work later, and finalizing it would never call back.
      statement = this.#database.prepare(sql, (error) => {
        if (error) this.#prepared.delete(sql);
      });
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
