/*
 * What a POP3 server lists in one session, as far as judging needs it: which unique-ids are there,
 * with which sizes, and which of them it names more than once. Some 16 octets a message.
 */
import { createHash, type Hash } from 'node:crypto';
import { IdSet } from './id-set.ts';
import type { Listed } from './upstream.ts';

export class Listing {
  readonly #all = new IdSet();
  readonly #distinct = new IdSet();
  readonly #indistinct = new IdSet();
  readonly #hash: Hash = createHash('sha256');
  #fingerprint: string | undefined;

  add({ uid, octets, ambiguous }: Listed): void {
    this.#all.add(uid);
    if (ambiguous) this.#indistinct.add(uid);
    else this.#distinct.add(`${uid} ${octets}`);
    this.#hash.update(`${uid} ${octets}\n`);
  }

  has(uid: string): boolean {
    return this.#all.has(uid);
  }

  /** Once, and of that size. */
  hasDistinct(uid: string, octets: number): boolean {
    return this.#distinct.has(`${uid} ${octets}`);
  }

  /** More than once. */
  hasIndistinct(uid: string): boolean {
    return this.#indistinct.has(uid);
  }

  /** The same for the same listing. Nothing is added after it was asked for. */
  get fingerprint(): string {
    this.#fingerprint ??= this.#hash.digest('base64');
    return this.#fingerprint;
  }
}
