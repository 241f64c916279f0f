/*
 * SQLite's result codes (https://www.sqlite.org/rescode.html) as the store's troubles. What is
 * neither the disk's nor the file's fault (a constraint, a wrong statement) is a bug or a rule of
 * the caller's, and is thrown on.
 */
import { failed, type Result, trouble } from '#base/result';
import type { StoreTrouble } from '../store.ts';

/** The trouble behind an error of SQLite's, or undefined when the error says something else. */
export function storeTrouble(error: unknown): StoreTrouble | undefined {
  const code = primaryCode(error);
  const detail = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'SQLITE_FULL':
      return trouble('full', 'There is no room for mail on the disk now', detail);
    case 'SQLITE_IOERR':
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
    case 'SQLITE_NOMEM':
    case 'SQLITE_PERM':
      // The shared-memory file reports a full disk as an I/O error of its own.
      if (extendedCode(error) === 'SQLITE_IOERR_SHMSIZE') {
        return trouble('full', 'There is no room for mail on the disk now', detail);
      }
      return trouble('failing', 'The disk does not take mail now', detail);
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return trouble('damaged', 'The mail store is damaged', detail, false);
    default:
      return undefined;
  }
}

/** Asks, with SQLite's errors as troubles. */
export async function reading<T>(
  ask: () => Promise<Result<T, StoreTrouble>>,
): Promise<Result<T, StoreTrouble>> {
  try {
    return await ask();
  } catch (error) {
    const why = storeTrouble(error);
    if (why === undefined) throw error;
    return failed(why);
  }
}

function primaryCode(error: unknown): string | undefined {
  return textField(error, 'primaryCode') ?? textField(error, 'code');
}

function extendedCode(error: unknown): string | undefined {
  return textField(error, 'code');
}

function textField(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}
