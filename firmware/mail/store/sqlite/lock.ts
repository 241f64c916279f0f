/*
 * One box on one data directory. The kernel's lock on a small file, taken through SQLite (Node has
 * no file locks of its own), ends with the process however it ends, so no stale lock can stay.
 */
import { join } from 'node:path';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { Connection } from './connection.ts';
import { storeTrouble } from './errors.ts';

/** Holds the directory until disposed of. */
export async function holdLock(
  directory: string,
): Promise<Result<AsyncDisposable, Refusal<'running'>>> {
  const connection = await Connection.open(join(directory, 'lock'), 'create');
  try {
    await connection.exec(
      `PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY;
       BEGIN EXCLUSIVE;`,
    );
  } catch (error) {
    await connection.close();
    if (storeTrouble(error)?.code !== 'failing') throw error;
    return failed(
      refusal('running', `A Restante is running already on the data directory ${directory}`),
    );
  }
  return ok({ [Symbol.asyncDispose]: () => connection.close() });
}
