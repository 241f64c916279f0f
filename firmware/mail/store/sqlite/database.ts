/*
 * The database file with its connections: one writes, one reads, one checkpoints. WAL with
 * synchronous=FULL: a commit is on disk when it is answered, and a power cut at any moment leaves
 * the last commit. Checkpoints run beside the writer, on their own connection, so that no session
 * ever waits for one; only a log that outgrew its bound makes the writer wait once.
 */
import { join } from 'node:path';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { failed, ok, type Result, trouble } from '#base/result';
import type { StoreTrouble } from '../store.ts';
import { Connection, type SqlValue, type Statements } from './connection.ts';
import { storeTrouble } from './errors.ts';
import { migrations, schemaVersion } from './migrations/migrations.ts';
import { Writer, type WriterPorts } from './writer.ts';

/** The database's name in the data directory. */
export const databaseName = 'mail.db';

/** PRAGMA application_id: says that the file is ours ('Rsta'). */
export const applicationId = 0x52737461;

/** A log of this many frames (4 MiB) is worth a checkpoint ... */
const checkpointFrames = 1_000;
/** ... and at this many (64 MiB) the writer waits for one, or the log would grow without bound. */
const tooManyFrames = 16_000;

/** What adapters that keep rows of their own in the same file need of it. */
export type SharedDatabase = Pick<Database, 'write' | 'all'>;

export interface DatabaseParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** What the database asks of those who look after it. */
export interface DatabasePorts extends Omit<WriterPorts, 'makeRoom'> {
  /** Gives the reserved room on the disk back; false when there is none to give. */
  releaseReserve(): Promise<boolean>;
}

export class Database {
  readonly #parts: DatabaseParts;
  readonly #writing: Connection;
  readonly #reading: Connection;
  readonly #checkpointing: Connection;
  readonly #writer: Writer;
  #checkpoint: Promise<void> | undefined;

  private constructor(
    parts: DatabaseParts,
    connections: readonly [Connection, Connection, Connection],
    ports: DatabasePorts,
  ) {
    this.#parts = parts;
    [this.#writing, this.#reading, this.#checkpointing] = connections;
    const makeRoom = (attempt: number) => this.#makeRoom(attempt, ports);
    this.#writer = new Writer(this.#writing, { ...ports, makeRoom });
    this.#writing.onCommit((frames) => this.#afterCommit(frames));
  }

  /** Opens or makes the database in a data directory, brought to the present schema. */
  static async open(
    directory: string,
    parts: DatabaseParts,
    ports: DatabasePorts,
  ): Promise<Result<Database, StoreTrouble>> {
    const path = join(directory, databaseName);
    const connections: Connection[] = [];
    try {
      const writing = await Connection.open(path, 'create');
      connections.push(writing);
      const refused = await prepare(writing, parts);
      if (refused) {
        await writing.close();
        return failed(refused);
      }
      const reading = await Connection.open(path, 'write');
      connections.push(reading);
      await reading.exec(`${everywhere} PRAGMA query_only = ON;`);
      const checkpointing = await Connection.open(path, 'write');
      connections.push(checkpointing);
      await checkpointing.exec(everywhere);
      return ok(new Database(parts, [writing, reading, checkpointing], ports));
    } catch (error) {
      for (const connection of connections) await connection.close().catch(() => {});
      const why = storeTrouble(error);
      if (why === undefined) throw error;
      return failed({ ...why, say: `${why.say}: ${path} cannot be opened (${why.detail})` });
    }
  }

  /** Runs a job in a savepoint of the next group; resolves when it is on disk. `vital` jobs free
   * room: they may use the reserve, and may be run again. */
  write<T>(job: (sql: Statements) => Promise<T>, vital = false): Promise<Result<T, StoreTrouble>> {
    return this.#writer.write(job, vital);
  }

  get writer(): Writer {
    return this.#writer;
  }

  /** Reads what is committed. Rejects with SQLite's errors; see `storeTrouble`. */
  all<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return this.#reading.all<Row>(sql, params);
  }

  /** Waits for what was handed in, empties the log and closes. */
  async close(): Promise<void> {
    await this.#writer.settle();
    await this.#checkpoint;
    for (const connection of [this.#reading, this.#checkpointing, this.#writing]) {
      await connection.close(); // the last one checkpoints and removes the log
    }
  }

  /** A log that was copied back begins anew, in blocks that it has already. When the database
   * cannot grow for that, the reserve lets it. */
  async #makeRoom(attempt: number, ports: DatabasePorts): Promise<boolean> {
    if (attempt > 2 || (attempt === 2 && !(await ports.releaseReserve()))) return false;
    await this.#checkpoint;
    await this.#runCheckpoint('RESTART');
    return true;
  }

  #afterCommit(frames: number): void {
    if (frames < checkpointFrames || this.#checkpoint) return;
    const run =
      frames < tooManyFrames
        ? this.#runCheckpoint('PASSIVE')
        : this.#writer.hold(() => this.#runCheckpoint('RESTART'));
    this.#checkpoint = run.finally(() => {
      this.#checkpoint = undefined;
    });
  }

  async #runCheckpoint(mode: 'PASSIVE' | 'RESTART'): Promise<void> {
    try {
      await this.#checkpointing.all(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      // The log keeps what it has; the next commit tries again.
      const detail = error instanceof Error ? error.message : String(error);
      this.#parts.log.warn('The write-ahead log could not be checkpointed', { mode, detail });
    }
  }
}

const everywhere = `
  PRAGMA busy_timeout = 5000;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA foreign_keys = ON;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -2000;
  PRAGMA journal_size_limit = 8388608;
`;

/** Brings a file to the present schema; says why when it cannot. */
async function prepare(
  connection: Connection,
  parts: DatabaseParts,
): Promise<StoreTrouble | undefined> {
  // auto_vacuum works only when it is there before the first page.
  await connection.exec(`PRAGMA auto_vacuum = INCREMENTAL; ${everywhere}`);
  const [journal] = await connection.all<{ journal_mode: string }>('PRAGMA journal_mode = WAL');
  if (journal?.journal_mode !== 'wal') {
    const say =
      'The disk cannot hold the mail store: its file system lacks shared memory files, as ' +
      'network folders do. Use a data directory on a disk of this machine';
    return trouble('failing', say, `journal_mode is ${journal?.journal_mode}`, false);
  }
  const [header] = await connection.all<{ id: number; version: number }>(
    `SELECT application_id AS id, user_version AS version
     FROM pragma_application_id, pragma_user_version`,
  );
  const version = header?.version ?? 0;
  if (version > schemaVersion) {
    const say =
      `The mail store was written by a newer Restante (its schema is ${version}, this program ` +
      `knows ${schemaVersion}): start that version, or restore a backup made by this one`;
    return trouble('failing', say, say, false);
  }
  if (version > 0 && header?.id !== applicationId) {
    const say = `The file ${databaseName} is a database, but not a Restante mail store`;
    return trouble('damaged', say, say, false);
  }
  for (const [from, script] of migrations.entries()) {
    if (from < version) continue;
    const stamp = `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${from + 1};`;
    await connection.exec(`BEGIN IMMEDIATE; ${script} ${stamp} COMMIT;`);
  }
  await beginFirstGeneration(connection, parts);
  await clearIncoming(connection);
  return undefined;
}

/** The name that new unique-ids carry; a restore begins another one. Unique-ids are words of commands
 * (`mail message ID`), so none may begin with the hyphen of an option. */
export function generationName(random: Random): string {
  return random.octets(6).toString('base64url').replace(/^-/, '_');
}

async function beginFirstGeneration(sql: Statements, parts: DatabaseParts): Promise<void> {
  await sql.run(
    'INSERT INTO generation (name, begun) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM generation)',
    [generationName(parts.random), parts.clock.now()],
  );
}

/** Deliveries that a crash cut off: their chunks are not reachable; gives the room back. */
async function clearIncoming(sql: Statements): Promise<void> {
  await sql.run(
    `DELETE FROM chunk WHERE id IN (
       SELECT chunk.id FROM incoming JOIN chunk
       ON chunk.id BETWEEN incoming.message * 1048576 AND incoming.message * 1048576 + 1048575)`,
  );
  await sql.run('DELETE FROM incoming');
}
