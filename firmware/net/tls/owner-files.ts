/*
 * The owner's own certificate: two PEM files that somebody else writes (certbot, acme.sh, a NAS).
 * Read whole on each look; a watch on their folders says early that a look is worth it. The
 * folders are watched and not the files, because renewal replaces files and symbolic links.
 */
import { type FSWatcher, watch } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readNamedFile } from '#base/named-file';
import { failed, ok, type Result } from '#base/result';
import { type Pair, readPair } from './pair.ts';

/** The settings tls.certificate and tls.key. */
export interface OwnerFiles {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The pair in the files (`known` itself while they hold nothing else), or in one sentence what is
 * wrong with it at `now`.
 */
export async function readOwnerPair(
  files: OwnerFiles,
  known: Pair | undefined,
  now: number,
): Promise<Result<Pair, string>> {
  const chain = await readText(files.certificate);
  if (!chain.ok) return chain;
  const key = await readText(files.key);
  if (!key.ok) return key;
  const same = known?.chain === chain.value && known.key === key.value;
  const pair = known !== undefined && same ? ok(known) : readPair(chain.value, key.value);
  if (pair.ok && pair.value.notAfter <= now) {
    return failed(`The certificate ran out on ${dateOf(pair.value.notAfter)}.`);
  }
  // One that begins in the future is taken: more likely it is our clock that lags.
  return pair;
}

export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

async function readText(path: string): Promise<Result<string, string>> {
  try {
    return ok(await readNamedFile(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return failed(`There is no file ${path}.`);
    if (code === 'EACCES') return failed(`The box may not read ${path}.`);
    return failed(`${path} cannot be read: ${message}.`);
  }
}

/** Calls `changed` (often more than once) when something happens beside the files. */
export class OwnerWatch {
  readonly #changed: () => void;
  #folders = '';
  #watchers: FSWatcher[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Watches these files' folders and those that their symbolic links lead to; nothing else. */
  async follow(files: OwnerFiles | undefined): Promise<void> {
    const paths = files === undefined ? [] : [files.certificate, files.key];
    const real = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
    const folders = [...new Set([...paths, ...real].map((path) => dirname(path)))];
    if (folders.join('\n') === this.#folders) return;
    this.stop();
    this.#folders = folders.join('\n');
    for (const folder of folders) this.#watch(folder);
  }

  stop(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
    this.#folders = '';
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#changed());
      // A folder that is not there or cannot be watched: the regular look must do.
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      this.#folders = '';
    }
  }
}
