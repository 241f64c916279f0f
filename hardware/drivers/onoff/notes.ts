/*
 * Which lines this box has exported, noted in a file before it exports them, so that the next run
 * may take back what a killed one left behind, and nothing else. After a restart of the board
 * nothing is exported any more: notes of another boot do not count.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';

interface Note {
  readonly boot: string;
  readonly lines: readonly number[];
}

export class Notes {
  readonly #path: string;
  readonly #bootId: string;

  /** `path` is best on a file system in memory, such as /run. */
  constructor(path: string, bootId = '/proc/sys/kernel/random/boot_id') {
    this.#path = path;
    this.#bootId = bootId;
  }

  /** The lines that an earlier run of this boot noted. */
  async left(): Promise<readonly number[]> {
    try {
      const note = JSON.parse(await readFile(this.#path, 'utf8')) as Partial<Note>;
      const sameBoot = note.boot === (await this.#boot());
      return sameBoot && Array.isArray(note.lines) ? note.lines.filter(Number.isInteger) : [];
    } catch {
      return []; // None, or cut off while it was written: then nothing was exported yet.
    }
  }

  async write(lines: readonly number[]): Promise<void> {
    const note: Note = { boot: await this.#boot(), lines };
    await writeFile(this.#path, JSON.stringify(note));
  }

  forget(): Promise<void> {
    return rm(this.#path, { force: true });
  }

  async #boot(): Promise<string> {
    return (await readFile(this.#bootId, 'utf8')).trim();
  }
}
