/* Randomness that is the same in each run: SHA-256 over a seed and a counter. */
import { createHash } from 'node:crypto';
import type { Random } from '#base/random';

export class SeededRandom implements Random {
  readonly #seed: string;
  #count = 0;

  constructor(seed = 'restante') {
    this.#seed = seed;
  }

  octets(count: number): Buffer {
    const blocks: Buffer[] = [];
    for (let length = 0; length < count; length += 32) {
      blocks.push(
        createHash('sha256')
          .update(`${this.#seed} ${this.#count++}`)
          .digest(),
      );
    }
    return Buffer.concat(blocks).subarray(0, count);
  }

  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number {
    return this.octets(4).readUInt32BE() % bound;
  }

  pick<T>(things: readonly T[]): T {
    const thing = things[this.below(things.length)];
    if (thing === undefined) throw new Error('nothing to pick from');
    return thing;
  }
}
