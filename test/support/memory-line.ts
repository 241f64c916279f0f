/* A line of octets in memory, with a terminal at its other end: types, and waits for what it shows. */
import type { ByteStream } from '#control/console/byte-stream';

export class MemoryLine implements ByteStream {
  readonly name = '/dev/memory';
  waiting = 0;
  /** All that was sent. */
  shown = '';
  #seen = 0;
  #came: (octets: Uint8Array) => void = () => {};
  #look: () => void = () => {};
  readonly #drop = Promise.withResolvers<void>();
  readonly dropped = this.#drop.promise;
  /** While set, what is written waits. */
  stuck: Promise<void> | undefined;
  /** What is written comes back, a little later, as from a terminal that nobody has set to raw. */
  echoes = false;

  write(octets: string | Uint8Array): void {
    const text = typeof octets === 'string' ? octets : Buffer.from(octets).toString();
    this.shown += text;
    if (this.echoes) setImmediate(() => this.type(text));
    this.#look();
  }

  drained(): Promise<void> {
    return this.stuck ?? Promise.resolve();
  }

  read(came: (octets: Uint8Array) => void): void {
    this.#came = came;
  }

  type(text: string): void {
    this.#came(Buffer.from(text));
  }

  drop(): void {
    this.#drop.resolve();
  }

  /** Resolves when this has been shown since the last time; with what was shown up to its end. */
  async see(text: string): Promise<string> {
    let at = this.shown.indexOf(text, this.#seen);
    while (at < 0) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
      at = this.shown.indexOf(text, this.#seen);
    }
    const seen = this.shown.slice(this.#seen, at + text.length);
    this.#seen = at + text.length;
    return seen;
  }
}
