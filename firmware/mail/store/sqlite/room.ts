/*
 * How much mail still fits, and whether the disk works. New mail is refused at a low-water mark,
 * before the disk is full; free pages inside the database count as room. A small reserve file is
 * given up when the disk is full all the same, so that people can still delete, and laid again
 * when there is room. After a failing disk the store tries a small write now and then, and opens
 * again by itself when that succeeds.
 */
import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { StoreHealth, StoreTrouble } from '../store.ts';
import type { Database } from './database.ts';

/** The settings the store needs. */
export interface RoomSettings {
  /** Octets that stay free; at most a tenth of the disk is asked for. */
  readonly lowWater: number;
}

const reserveName = 'reserve';
/** What a log that is due for a checkpoint may add to the database, and a large deletion to the
 * log. At most an eighth of a small disk. */
const reserveOctets = 8 * 1024 * 1024;

/** How often the disk is looked at. */
const lookEveryMs = 5_000;

export class Room {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #settings: () => RoomSettings;
  #database: Database | undefined;
  #free = 0;
  #disk = 0;
  #lowWater = 0;
  #reserved = false;
  #trouble: StoreTrouble | undefined;
  #sweep: () => void = () => {};
  #look: Disposable | undefined;
  #looking: Promise<void> | undefined;
  #wasOpen = true;

  constructor(directory: string, clock: Clock, log: Log, settings: () => RoomSettings) {
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
    this.#settings = settings;
  }

  /** `sweep` is called when there is little room: deleted mail may go before its time. */
  async start(database: Database, sweep: () => void): Promise<void> {
    this.#database = database;
    this.#sweep = sweep;
    await this.look();
    this.#lookAgain();
  }

  stop(): void {
    this.#look?.[Symbol.dispose]();
    this.#look = undefined;
  }

  health(): StoreHealth {
    const room = Math.max(0, this.#free - this.#lowWater);
    const why = this.#trouble;
    if (why?.code === 'damaged') return { takesMail: false, serves: true, room: 0, say: why.say };
    if (why?.code === 'failing') {
      const say =
        `The disk does not take mail: ${why.detail}. Mail is refused for now and nothing is ` +
        'lost; check the disk, the box goes on by itself when it works again';
      return { takesMail: false, serves: true, room, say };
    }
    if (room === 0 || why?.code === 'full') {
      const say =
        `The disk has only ${inMegabytes(this.#free)} left and ${inMegabytes(this.#lowWater)} ` +
        'must stay free, so new mail is refused for now: delete mail, or make room on the disk';
      return { takesMail: false, serves: true, room: 0, say };
    }
    return { takesMail: true, serves: true, room };
  }

  /** Octets that may be taken in by somebody who is to stop at this mark (at most a fifth of the
   * disk) already; 0 when no mail is taken in. */
  roomAbove(mark: number): number {
    if (!this.health().takesMail) return 0;
    const keep = Math.max(this.#lowWater, Math.min(mark, Math.floor(this.#disk / 5)));
    return Math.max(0, this.#free - keep);
  }

  /** Octets free on the disk and in the database's own free pages. */
  get free(): number {
    return this.#free;
  }

  /** Is there so little room that old deleted mail should go before its time? */
  get low(): boolean {
    return this.#free < this.#lowWater * 2;
  }

  /** Octets were taken in: in the log now, in the database later. Looks again in time when the
   * estimate comes near the mark. */
  took(octets: number): void {
    this.#free -= 2 * octets;
    if (this.#free < this.#lowWater * 3) void this.look();
  }

  /** What the last group met. */
  note(trouble: StoreTrouble | undefined): void {
    if (trouble === undefined) {
      if (this.#trouble?.code === 'failing') this.#trouble = undefined;
      return;
    }
    if (this.#trouble?.code !== trouble.code) {
      this.#log.error(trouble.say, { detail: trouble.detail });
    }
    this.#trouble = trouble;
    if (trouble.code === 'full') this.#free = Math.min(this.#free, this.#lowWater);
    this.#tell();
  }

  /** Gives the reserve up, also one of an earlier life. False when it is gone already. */
  async release(): Promise<boolean> {
    this.#reserved = false;
    try {
      await unlink(join(this.#directory, reserveName));
      this.#log.warn('The disk is full: the reserve was given up so that mail can be deleted');
      return true;
    } catch {
      return false;
    }
  }

  /** Looks at the disk now. Whoever asks while a look is under way gets that one's end. */
  look(): Promise<void> {
    const database = this.#database;
    if (database === undefined) return Promise.resolve();
    this.#looking ??= this.#lookAt(database).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookAt(database: Database): Promise<void> {
    try {
      const disk = await statfs(this.#directory);
      const [pages] = await database.all<{ octets: number }>(
        'SELECT freelist_count * page_size AS octets FROM pragma_freelist_count, pragma_page_size',
      );
      this.#disk = disk.blocks * disk.bsize;
      this.#free = disk.bavail * disk.bsize + (pages?.octets ?? 0);
      this.#lowWater = Math.min(this.#settings().lowWater, Math.floor(this.#disk / 10));
      if (this.#trouble?.code === 'full' && this.#free > this.#lowWater) this.#trouble = undefined;
      if (disk.bavail * disk.bsize > this.#lowWater + reserveOctets) await this.#reserve();
    } catch (error) {
      this.#log.warn('The disk cannot be looked at', { detail: String(error) });
    }
    if (this.#trouble?.code === 'failing') await this.#probe(database);
    if (this.low) this.#sweep();
    this.#tell();
  }

  #lookAgain(): void {
    this.#look = this.#clock.after(lookEveryMs, () => {
      void this.look().finally(() => {
        if (this.#look) this.#lookAgain();
      });
    });
  }

  #tell(): void {
    const { takesMail, say } = this.health();
    if (takesMail && !this.#wasOpen) this.#log.info('There is room again: mail is taken in');
    if (!takesMail && this.#wasOpen) this.#log.warn(say ?? 'No mail is taken in');
    this.#wasOpen = takesMail;
  }

  /** A write that changes nothing: its group tells `note` how it went. */
  async #probe(database: Database): Promise<void> {
    await database.write((sql) => sql.run('UPDATE generation SET begun = begun'));
  }

  async #reserve(): Promise<void> {
    if (this.#reserved) return;
    const octets = Math.min(reserveOctets, Math.floor(this.#disk / 8));
    const file = await open(join(this.#directory, reserveName), 'a', 0o600);
    try {
      // Written rather than truncated to length: only written blocks are really ours.
      const block = Buffer.alloc(65_536, 0x52);
      let there = (await file.stat()).size;
      const missing = there < octets;
      for (; there < octets; there += block.length) await file.write(block);
      if (missing) await file.sync();
      this.#reserved = true;
    } finally {
      await file.close();
    }
  }
}

function inMegabytes(octets: number): string {
  return `${(Math.max(0, octets) / 1_048_576).toFixed(1)} MB`;
}
