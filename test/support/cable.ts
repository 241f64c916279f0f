/* A serial cable: two real ptys, joined by socat, that can be unplugged and plugged in again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Why tests with cables cannot run here, or false. */
export const noCable = spawnSync('socat', ['-V']).error !== undefined && 'socat is not installed';

export class Cable implements AsyncDisposable {
  readonly #folder: string;
  #socat: ChildProcess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async laid(): Promise<Cable> {
    return new Cable(await mkdtemp(join(tmpdir(), 'cable-')));
  }

  /** The tty of the box's end. */
  get here(): string {
    return join(this.#folder, 'here');
  }

  /** The tty of the other end. */
  get there(): string {
    return join(this.#folder, 'there');
  }

  async plug(): Promise<void> {
    const ends = [this.here, this.there].map((link) => `pty,raw,echo=0,link=${link}`);
    const socat = spawn('socat', ['-d', '-d', ...ends], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#socat = socat;
    for await (const line of createInterface(socat.stderr)) {
      if (line.includes('starting data transfer')) break;
    }
    socat.stderr.resume();
  }

  async unplug(): Promise<void> {
    const socat = this.#socat;
    if (socat === undefined) return;
    this.#socat = undefined;
    const ended = once(socat, 'exit');
    socat.kill('SIGTERM');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
