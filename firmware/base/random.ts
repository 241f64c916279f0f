/* Randomness as a port: identifiers, salts, nonces. Tests give a seeded one. */
import { randomBytes } from 'node:crypto';

export interface Random {
  /** `count` unpredictable octets. */
  octets(count: number): Buffer;
}

export class SystemRandom implements Random {
  octets(count: number): Buffer {
    return randomBytes(count);
  }
}
