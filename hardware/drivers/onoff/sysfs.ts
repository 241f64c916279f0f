/*
 * The kernel's old GPIO files, /sys/class/gpio: which chips there are, taking a line and giving it
 * back. A line's number is the base of its chip plus its offset, and bases change with the kernel:
 * they are read anew at each start. Obsolete; a kernel may come without them.
 */
import { access, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, pause } from '#base/clock';
import type { Chip } from '../../boards/boards.ts';

export interface SysfsChip extends Chip {
  /** The number of its first line. */
  readonly base: number;
}

/** Milliseconds that udev gets to hand an exported line over to the group gpio. */
const patience = 3000;
const between = 20;

export class Sysfs {
  readonly #clock: Clock;
  readonly #folder: string;

  constructor(clock: Clock, folder = '/sys/class/gpio') {
    this.#clock = clock;
    this.#folder = folder;
  }

  async chips(): Promise<SysfsChip[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const chips = names.filter((name) => name.startsWith('gpiochip'));
    return Promise.all(
      chips.sort().map(async (name) => ({
        label: await this.#read(name, 'label'),
        base: Number(await this.#read(name, 'base')),
        lines: Number(await this.#read(name, 'ngpio')),
      })),
    );
  }

  async isExported(line: number): Promise<boolean> {
    return access(join(this.#folder, `gpio${line}`)).then(
      () => true,
      () => false,
    );
  }

  /** Rejects with the errno's name in `code`: EBUSY when anybody has the line. */
  export(line: number): Promise<void> {
    return writeFile(join(this.#folder, 'export'), `${line}`);
  }

  unexport(line: number): Promise<void> {
    return writeFile(join(this.#folder, 'unexport'), `${line}`);
  }

  /** Waits until this user may use the files of an exported line; false: it never may. */
  async becomesOurs(line: number, files: readonly string[]): Promise<boolean> {
    const paths = files.map((file) => join(this.#folder, `gpio${line}`, file));
    for (let waited = 0; ; waited += between) {
      if (await mayUse(paths)) return true;
      if (waited >= patience) return false;
      await pause(this.#clock, between);
    }
  }

  async #read(chip: string, file: string): Promise<string> {
    return (await readFile(join(this.#folder, chip, file), 'utf8')).trim();
  }
}

async function mayUse(paths: readonly string[]): Promise<boolean> {
  try {
    for (const path of paths) await (await open(path, 'r+')).close();
    return true;
  } catch {
    return false;
  }
}
