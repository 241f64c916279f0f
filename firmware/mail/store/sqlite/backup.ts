/*
 * A backup is one file: a consistent copy of the database, made while the box works, with the data
 * directory's other files inside it, sealed with a passphrase. It holds all that a new box needs,
 * the device key included, so that nothing of the old box is missed. (The mail itself lies open in
 * it, as it does on the box: keep a backup where you would keep the box.)
 */
import { scrypt } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { syncFolder } from '#base/durable-file';
import { exists } from '#base/exists';
import type { Random } from '#base/random';
import { failed, ok, type Result, trouble } from '#base/result';
import { Seal } from '#base/seal';
import type { StoreTrouble } from '../store.ts';
import { Connection } from './connection.ts';
import { databaseName } from './database.ts';
import { storeTrouble } from './errors.ts';

/** The backup's own tables, which a restore takes out again. */
const backupTables = `
  CREATE TABLE backup (version INTEGER NOT NULL, salt BLOB NOT NULL);
  CREATE TABLE backup_file (name TEXT PRIMARY KEY, mode INTEGER NOT NULL, sealed BLOB NOT NULL);
`;

export const backupVersion = 1;

/** Files and folders that are in the backup as the database itself,
 * or belong to the running box. */
const leftOut: ReadonlySet<string> = new Set([
  ...[databaseName, `${databaseName}-wal`, `${databaseName}-shm`],
  ...['lock', 'lock-journal', 'reserve', 'control.sock', 'restore', 'rehearsal'],
]);

/** A program's packages can be fetched again. */
const packages = join('flows', 'node_modules');

/** A file outside of the data directory that belongs into a backup of it, under this name. It may be
 * another user's, who could put anything in its place. */
export interface Elsewhere {
  readonly name: string;
  readonly path: string;
}

/** In octets; each is read whole. */
const longestFile = 64 * 1024 * 1024;

export interface BackupReport {
  readonly messages: number;
  readonly accounts: number;
  readonly files: number;
  readonly octets: number;
}

/** Backs a data directory up to a new file. Refuses to replace one that exists. */
export async function backUp(
  directory: string,
  target: string,
  passphrase: string,
  random: Random,
  elsewhere: readonly Elsewhere[] = [],
): Promise<Result<BackupReport, StoreTrouble>> {
  const draft = join(dirname(target), `.${basename(target)}.partial`);
  try {
    const refused = await refuseTarget(directory, target);
    if (refused) return failed(refused);
    await rm(draft, { force: true });
    await (await open(draft, 'wx', 0o600)).close();
    await copyDatabase(join(directory, databaseName), draft);
    // What an earlier restore has left of them in the data directory comes after them.
    const files = [...elsewhere, ...(await filesOf(directory))];
    const report = await addFiles(files, draft, passphrase, random);
    await rename(draft, target);
    await syncFolder(dirname(target));
    return ok(report);
  } catch (error) {
    // A disk that was pulled out takes its draft along.
    await rm(draft, { force: true }).catch(() => {});
    const detail = error instanceof Error ? error.message : String(error);
    const why = storeTrouble(error) ?? noRoom(error, detail);
    const say =
      why?.code === 'full'
        ? `There is no room for the backup at ${target}`
        : `The backup could not be made: ${detail}`;
    return failed(trouble(why?.code ?? 'failing', say, detail));
  }
}

/** A full disk as the file system tells it, not SQLite. */
function noRoom(error: unknown, detail: string): StoreTrouble | undefined {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' ? trouble('full', detail, detail) : undefined;
}

/** The accounts in the store of a directory. */
export async function countAccounts(directory: string): Promise<number> {
  const connection = await Connection.open(join(directory, databaseName), 'read');
  try {
    return await accountsIn(connection);
  } finally {
    await connection.close();
  }
}

async function accountsIn(connection: Connection): Promise<number> {
  const [row] = await connection.all<{ accounts: number }>(
    'SELECT count(*) AS accounts FROM account',
  );
  return row?.accounts ?? 0;
}

/** A passphrase's key (RFC 7914 scrypt, 32 MiB). */
export async function passphraseKey(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  const derive = promisify<string, Uint8Array, number, object, Buffer>(scrypt);
  const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
  return derive(passphrase.normalize('NFKC'), salt, 32, cost);
}

async function refuseTarget(directory: string, target: string): Promise<StoreTrouble | undefined> {
  const say = await targetFault(directory, target);
  return say === undefined ? undefined : trouble('failing', say, say, false);
}

async function targetFault(directory: string, target: string): Promise<string | undefined> {
  const folder = dirname(target);
  const there = await stat(folder).catch(() => undefined);
  if (!there?.isDirectory())
    return `There is no folder ${folder}: make it, choose another, or plug its disk in`;
  if (await exists(target))
    return `${target} exists already: choose another name, or remove it first`;
  if (await isOutside(directory, target)) return undefined;
  return `${target} lies in the data directory itself: a backup belongs on another disk`;
}

/** Also behind a symbolic link. */
async function isOutside(directory: string, target: string): Promise<boolean> {
  const folder = await realpath(dirname(target)).catch(() => dirname(target));
  return relative(await realpath(directory), join(folder, basename(target))).startsWith('..');
}

async function copyDatabase(from: string, to: string): Promise<void> {
  const connection = await Connection.open(from, 'write');
  try {
    await connection.exec('PRAGMA busy_timeout = 5000;');
    await connection.copyTo(to);
  } finally {
    await connection.close();
  }
}

async function addFiles(
  files: readonly Elsewhere[],
  draft: string,
  passphrase: string,
  random: Random,
): Promise<BackupReport> {
  const salt = random.octets(16);
  const seal = new Seal(await passphraseKey(passphrase, salt));
  const connection = await Connection.open(draft, 'write');
  try {
    // One file, whole by itself: no write-ahead log beside it.
    await connection.exec(
      `PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; BEGIN; ${backupTables}`,
    );
    await connection.run('INSERT INTO backup VALUES (?, ?)', [backupVersion, salt]);
    const added = new Set<string>();
    for (const { name, path } of files) {
      const found = added.has(name) ? undefined : await readSafely(path);
      if (found === undefined) continue;
      const sealed = seal.seal(`backup file ${name}`, found.content);
      const row = [name, found.mode & 0o777, sealed];
      await connection.run('INSERT INTO backup_file VALUES (?, ?, ?)', row);
      added.add(name);
    }
    await connection.exec('COMMIT');
    const [counted] = await connection.all<{ messages: number; octets: number }>(
      'SELECT count(*) AS messages, coalesce(sum(octets), 0) AS octets FROM message',
    );
    return {
      messages: counted?.messages ?? 0,
      accounts: await accountsIn(connection),
      octets: counted?.octets ?? 0,
      files: added.size,
    };
  } finally {
    await connection.close();
  }
}

/** The data directory's files that a new box needs. */
async function filesOf(directory: string): Promise<readonly Elsewhere[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found
    .filter((file) => file.isFile())
    .map((file) => relative(directory, join(file.parentPath, file.name)))
    .filter((name) => !leftOut.has(name.split('/')[0] ?? name))
    .filter((name) => !name.endsWith('.new') && !name.startsWith(`${packages}/`))
    .sort()
    .map((name) => ({ name, path: join(directory, name) }));
}

/** Undefined: it has gone meanwhile, is none, or is not for us to read: mail does not wait for that.
 * Through no link, for that could lead to the keys of this very box. */
async function readSafely(
  path: string,
): Promise<{ readonly content: Buffer; readonly mode: number } | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const found = await file.stat();
    if (!found.isFile() || found.size > longestFile) return undefined;
    return { content: await file.readFile(), mode: found.mode };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ELOOP', 'ENXIO', 'EISDIR', 'EACCES'].includes(code)) return undefined;
    throw error;
  }
}
