/*
 * One backup: is there room, write it, restore it for a trial where a disk has room for that, and
 * judge it. Each end is an answer, in words. It remembers nothing: when one is due, what is kept
 * of how it went, which old ones go, and who is told stand in backups.ts.
 */
import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { exists } from '#base/exists';
import { type Failure, type Result, trouble } from '#base/result';
import { backupName, ownScratch, scratchName, suspectName } from './names.ts';
import { type BackupPlace, roomIn } from './place.ts';
import type { BackupRun } from './records.ts';
import type { Rehearsed } from './rehearsal.ts';
import { runInWords } from './words.ts';

/** What a backup holds, as it says itself. */
export interface Made {
  readonly messages: number;
  readonly accounts: number;
  readonly octets: number;
}

export type Stage = 'copying' | 'rehearsing';

export interface MakingPorts {
  readonly data: string;
  /** Writes a backup to a new file. */
  make(file: string, passphrase: string): Promise<Result<Made>>;
  /** Restores one into a scratch folder, which is gone afterwards. */
  rehearse(file: string, passphrase: string, scratch: string): Promise<Result<Rehearsed>>;
  /** Octets that a backup wants now, and that its rehearsal wants beside it. */
  roomWanted(file?: string): Promise<number>;
  /** Octets that have to stay free where the mail is. */
  readonly lowWater: () => number;
}

/** What is asked for. */
export interface Order {
  readonly place: BackupPlace;
  /** The folder as its owner calls it. */
  readonly to: string;
  /** In the names of this box's backups. */
  readonly mark: string;
  readonly passphrase: string;
  /** When it began. */
  readonly at: number;
  tell(stage: Stage): void;
}

export async function makeBackup(ports: MakingPorts, order: Order): Promise<BackupRun> {
  const { passphrase, at, tell } = order;
  const noRoom = await roomFault(ports, order);
  if (noRoom !== undefined) return failedRun(at, noRoom);
  tell('copying');
  const file = await freeName(order);
  const made = await ports.make(file, passphrase);
  if (!made.ok) return failedRun(at, made.error);
  tell('rehearsing');
  return tryOut(ports, order, file, made.value);
}

/** One that was not made. */
export function failedRun(at: number, { say }: Failure): BackupRun {
  return { at, works: false, rehearsed: false, say: /[.?!]$/.test(say) ? say : `${say}.` };
}

async function roomFault(ports: MakingPorts, { place, to }: Order): Promise<Failure | undefined> {
  try {
    const [wanted, room] = [await ports.roomWanted(), await roomIn(place.folder)];
    if (room >= wanted) return undefined;
    const megabytes = (octets: number) => `${Math.ceil(octets / 1_048_576)} MB`;
    const say =
      `A backup wants ${megabytes(wanted)}, and ${to} has room for ${megabytes(room)}: ` +
      'make room there, or keep fewer backups (backup.keep)';
    return trouble('full', say, say);
  } catch (error) {
    const say = `${to} cannot be looked at: ${error instanceof Error ? error.message : error}`;
    return trouble('failing', say, say);
  }
}

async function freeName({ place, mark, at }: Order): Promise<string> {
  for (let number = 1; ; number += 1) {
    const file = join(place.folder, backupName(mark, at, number));
    if (!(await exists(file))) return file;
  }
}

async function tryOut(
  ports: MakingPorts,
  order: Order,
  file: string,
  made: Made,
): Promise<BackupRun> {
  const { messages, octets } = made;
  const facts = { at: order.at, file: basename(file), messages, octets };
  const scratch = await scratchFor(ports, order, file);
  if (scratch === undefined) {
    const say = runInWords({ ...made, rehearsed: false });
    return { ...facts, works: true, rehearsed: false, say };
  }
  const rehearsed = await ports.rehearse(file, order.passphrase, scratch);
  const faults = rehearsed.ok ? faultsOf(made, rehearsed.value) : [rehearsed.error.say];
  if (faults.length === 0) {
    const say = runInWords({ ...made, rehearsed: true });
    return { ...facts, works: true, rehearsed: true, say };
  }
  const suspect = suspectName(facts.file);
  await rename(file, join(order.place.folder, suspect)).catch(() => {});
  const say = `The backup ${suspect} was written, and cannot be trusted: ${faults.join('. ')}.`;
  return { ...facts, file: suspect, works: false, rehearsed: true, say };
}

/** Where there is more room, and enough; undefined: nowhere. */
async function scratchFor(
  { data, lowWater, roomWanted }: MakingPorts,
  { place, mark }: Order,
  file: string,
): Promise<string | undefined> {
  try {
    const [here, there] = [(await roomIn(data)) - lowWater(), await roomIn(place.folder)];
    if (Math.max(here, there) < (await roomWanted(file))) return undefined;
    return here >= there ? ownScratch(data) : join(place.folder, scratchName(mark));
  } catch {
    return undefined;
  }
}

function faultsOf(made: Made, { messages, accounts, findings }: Rehearsed): string[] {
  const missing = (what: string, found: number, wanted: number) =>
    found === wanted ? [] : [`It holds ${found} ${what} in place of ${wanted}`];
  return [
    ...findings.slice(0, 5),
    ...missing('messages', messages, made.messages),
    ...missing('accounts', accounts, made.accounts),
  ];
}
