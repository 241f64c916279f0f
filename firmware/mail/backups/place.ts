/*
 * The folder that backups go to, as it is now: there or not, on which disk, with how much room. It
 * may be a disk that somebody unplugs: then the folder under it may still be there, and is another
 * one, on the disk that the mail itself is on.
 */
import { readdir, realpath, rm, stat, statfs } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { failed, ok, type Result, type Trouble, trouble } from '#base/result';
import { ownBackups, ownPartials, ownSuspects, scratchName } from './names.ts';

export interface BackupPlace {
  /** Without symbolic links. */
  readonly folder: string;
  /** It is another disk than the mail's. */
  readonly otherDisk: boolean;
}

/** `missing`: it may come by itself, when somebody plugs the disk in. */
export type PlaceTrouble = Trouble<'missing' | 'wrong'>;

/** `wasOtherDisk`: the last backup here went to another disk than the mail's. */
export async function findPlace(
  to: string,
  data: string,
  wasOtherDisk: boolean,
): Promise<Result<BackupPlace, PlaceTrouble>> {
  try {
    const [folder, own] = [await realpath(to), await realpath(data)];
    const [there, mail] = [await stat(folder), await stat(own)];
    if (!there.isDirectory()) return failed(wrong(`${to} is no folder`));
    if (isInside(folder, own)) {
      return failed(wrong(`${to} lies with the mail itself: a backup belongs on another disk`));
    }
    const otherDisk = there.dev !== mail.dev;
    if (wasOtherDisk && !otherDisk) return failed(notPluggedIn(to));
    return ok({ folder, otherDisk });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EIO' || code === 'ENODEV') {
      return failed(notPluggedIn(to));
    }
    return failed(wrong(`${to} cannot be used: ${message}`));
  }
}

/** Octets that somebody who is not root may still write there. */
export async function roomIn(folder: string): Promise<number> {
  const disk = await statfs(folder);
  return disk.bavail * disk.bsize;
}

/** Removes all but the newest `keep` of the box's own backups and the newest that is suspect, and
 * what was cut off. Never throws: what cannot be removed now is removed the next time. */
export async function tidy(folder: string, mark: string, keep: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const own = ownBackups(mark, names);
  const suspects = ownSuspects(mark, names).slice(1);
  for (const name of [...own.slice(keep), ...suspects, ...ownPartials(mark, names)]) {
    await rm(join(folder, name), { force: true }).catch(() => {});
  }
  await removeFolder(join(folder, scratchName(mark)));
}

/** Never throws: what cannot be removed now is removed the next time. */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => {});
}

function isInside(folder: string, other: string): boolean {
  const path = relative(other, folder);
  return path === '' || !(path === '..' || path.startsWith('../'));
}

function notPluggedIn(to: string): PlaceTrouble {
  const say = `The folder ${to} is not there: is its disk plugged in?`;
  return trouble('missing', say, say);
}

function wrong(say: string): PlaceTrouble {
  return trouble('wrong', say, say, false);
}
