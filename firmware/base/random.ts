/* Randomness as a port: identifiers, salts, nonces. Tests give a seeded one. */
import { randomFillSync } from 'node:crypto';

export interface Random {
  /** `count` unpredictable octets. */
  octets(count: number): Buffer;
}

/** The kernel's randomness is asked for in pieces of this many octets: each message takes a few. */
const poolOctets = 4_096;

export class SystemRandom implements Random {
  readonly #pool = Buffer.alloc(poolOctets);
  #used = poolOctets;

  octets(count: number): Buffer {
    if (count > poolOctets / 8) return randomFillSync(Buffer.alloc(count));
    if (this.#used + count > poolOctets) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += count;
    const octets = Buffer.from(this.#pool.subarray(from, this.#used));
    this.#pool.fill(0, from, this.#used); // handed out once, and not kept
    return octets;
  }
}
