/*
 * Key derivations, one at a time in the whole process: SQLite, crypto and zlib share libuv's four
 * threads, and sixteen devices that sign in at once must not make a commit wait. Clients take
 * turns by address, so that whoever knocks often waits for himself alone; the queue is bounded.
 */
import { trouble } from '#base/result';
import { deriveKeys, type Keys } from './keys.ts';

/** Sixteen devices of one house may share one address. */
const mostOfOneAddress = 32;
const mostOfAll = 128;

/** What is said when `keys` answers undefined. */
export const tooManyWaiting = trouble(
  'busy',
  'Too many are signing in just now; try again in a moment',
  'derivations queue full',
);

export class Derivations {
  readonly #derive: typeof deriveKeys;
  /** Waiting tasks by address. The Map's order is the order of turns. */
  readonly #waiting = new Map<string, (() => Promise<void>)[]>();
  #count = 0;
  #busy = false;

  constructor(derive: typeof deriveKeys = deriveKeys) {
    this.#derive = derive;
  }

  /** The keys of a prepared password; undefined when too many are waiting already. */
  keys(password: string, salt: Buffer, rounds: number, address: string): Promise<Keys | undefined> {
    const line = this.#waiting.get(address) ?? [];
    if (line.length >= mostOfOneAddress || this.#count >= mostOfAll) {
      return Promise.resolve(undefined);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Keys>();
    line.push(() => this.#derive(password, salt, rounds).then(resolve, reject));
    this.#waiting.set(address, line);
    this.#count += 1;
    if (!this.#busy) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (;;) {
      const [turn] = this.#waiting;
      if (turn === undefined) break;
      const [address, line] = turn;
      const task = line.shift();
      // Back to the end of the round, or out of it.
      this.#waiting.delete(address);
      if (line.length > 0) this.#waiting.set(address, line);
      this.#count -= 1;
      await task?.();
    }
    this.#busy = false;
  }
}
