/*
 * The data directory: which one it is, and that it is there, ours alone (0700) and writable before
 * anything is built on it. Every fault is one sentence that a person can act on.
 */
import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { exists } from '#base/exists';
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import { socketPathFault } from '#control/socket-path';

/** `--data`, else RESTANTE_DATA, else ./data; absolute. */
export function dataDirectory(option: string | undefined, environment: NodeJS.ProcessEnv): string {
  return resolve(option ?? (environment['RESTANTE_DATA'] || 'data'));
}

/** Makes it when it is not there.
 * The folder above it must exist only as far as mkdir can make it. */
export async function prepareDataDirectory(path: string): Promise<Result<void>> {
  const tooLong = socketPathFault(path);
  if (tooLong !== undefined) return failed(refusal('data-directory', tooLong));
  try {
    await makeFolder(path);
    if (!(await stat(path)).isDirectory()) return notAFolder(path);
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(undefined);
  } catch (error) {
    return explain(path, error as NodeJS.ErrnoException);
  }
}

/**
 * Not Node's `recursive`: where a folder cannot be made although the one above it is there (in
 * /proc, say), that tries again for ever.
 */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || (await exists(dirname(path)))) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

function explain(path: string, error: NodeJS.ErrnoException): Result<never> {
  switch (error.code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return notAFolder(path);
    case 'EACCES':
    case 'EPERM':
      return say(`The data directory ${path} cannot be written: give it to this user.`);
    case 'EROFS':
      return say(`The data directory ${path} is on a disk that is mounted read-only.`);
    case 'ENOSPC':
      return say(`The disk is full: the data directory ${path} cannot be made.`);
    default:
      return failed(
        trouble(
          'data-directory',
          `The data directory ${path} cannot be used: ${error.message}.`,
          error.message,
        ),
      );
  }
}

function notAFolder(path: string): Result<never> {
  return say(`The data directory ${path} is not a folder: a file is in its place or in its path.`);
}

function say(sentence: string): Result<never> {
  return failed(refusal('data-directory', sentence));
}
