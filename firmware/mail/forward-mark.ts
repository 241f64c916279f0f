/*
 * How the box knows again what it has forwarded itself: the receipt id of such a message, which
 * stands in its Received field (RFC 5321 §4.4) and travels with it, is half random and half a
 * seal over that half. So nothing has to be remembered, and nobody else can make one. A copied
 * field only keeps a message from being forwarded; it reaches its people all the same.
 */
import { createHmac } from 'node:crypto';
import type { Random } from '#base/random';

export interface ForwardMark {
  /** A fresh receipt id for a message that is about to be forwarded. */
  make(): string;
  /** Was this id made here? */
  isOurs(id: string): boolean;
}

/** 4 octets each: 2^32 guesses for an id that only stops its own message from being forwarded. */
const halfOctets = 4;

export class KeyedForwardMark implements ForwardMark {
  readonly #key: Uint8Array;
  readonly #random: Random;

  /** `key`: derived from the device key, so that it is the same after every restart. */
  constructor(key: Uint8Array, random: Random) {
    this.#key = key;
    this.#random = random;
  }

  make(): string {
    const half = this.#random.octets(halfOctets).toString('hex');
    return half + this.#sealOf(half);
  }

  isOurs(id: string): boolean {
    const half = id.slice(0, 2 * halfOctets).toLowerCase();
    return id.length === 4 * halfOctets && id.toLowerCase() === half + this.#sealOf(half);
  }

  #sealOf(half: string): string {
    const digest = createHmac('sha256', this.#key).update(half).digest();
    return digest.toString('hex', 0, halfOctets);
  }
}
