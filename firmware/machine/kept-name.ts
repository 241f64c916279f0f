/*
 * The name that the box took because another machine had its own, over a restart: a line in the data
 * directory. Backups have it, too, for whoever puts a box back has devices that know it by that name.
 * A line that cannot be read or written costs nothing but that the box asks for its names anew.
 */
import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '#base/durable-file';
import type { Log } from '#base/log';
import { Watchers } from '#base/watchers';
import { calledAs } from '#net/discovery/called';
import type { KeptName, TakenName } from '#net/discovery/discovery';

export class KeptNameFile implements KeptName {
  readonly #path: string;
  readonly #log: Log;
  readonly #watchers = new Watchers();
  #current: TakenName | undefined;

  constructor(data: string, log: Log) {
    this.#path = join(data, 'found-as');
    this.#log = log;
  }

  get current(): TakenName | undefined {
    return this.#current;
  }

  /** By which name a box with this host name is to be found; the one wished for, as far as is known. */
  nameOf(hostName: string): string {
    const { wish, turn } = this.#current ?? { wish: hostName, turn: 1 };
    return calledAs(hostName, wish === hostName ? turn : 1).text;
  }

  async start(): Promise<void> {
    this.#current = parse(await readFile(this.#path, 'utf8').catch(() => ''));
  }

  /** While the disk refuses it is known until the end of this run. */
  async keep(taken: TakenName | undefined): Promise<void> {
    this.#current = taken;
    this.#watchers.tell();
    try {
      if (taken !== undefined) await writeDurably(this.#path, `${taken.turn} ${taken.wish}\n`);
      else await unlink(this.#path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && taken === undefined) return;
      this.#log.warn('The name by which the box is found could not be kept.', { reason: message });
    }
  }

  /** Calls `changed` when another name is kept. */
  watch(changed: () => void): Disposable {
    return this.#watchers.add(changed);
  }
}

function parse(line: string): TakenName | undefined {
  const [, turn, wish] = /^([2-9]|[1-9]\d) (\S{1,255})\n$/.exec(line) ?? [];
  return turn === undefined || wish === undefined ? undefined : { wish, turn: Number(turn) };
}
