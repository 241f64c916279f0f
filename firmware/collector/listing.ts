/*
 * What a POP3 server lists in one session, kept small: it is gone through page by page while messages
 * are fetched, and asked which unique-ids are there, with which sizes, and which of them more than
 * once. A message takes its unique-id's octets and some 40 more.
 */
import { createHash, type Hash } from 'node:crypto';
import { IdSet } from './id-set.ts';
import { baseOf } from './judgement.ts';
import type { Listed } from './upstream.ts';

const pageLength = 500;
const first = 1_024;

export class Listing {
  readonly #all = new IdSet();
  readonly #distinct = new IdSet();
  readonly #indistinct = new IdSet();
  readonly #hash: Hash = createHash('sha256');
  #fingerprint: string | undefined;
  #length = 0;
  /** Unique-ids one behind the other, and where each ends. */
  #uids = Buffer.alloc(first * 20);
  #ends = new Uint32Array(first);
  #numbers = new Uint32Array(first);
  #octets = new Float64Array(first);
  #ambiguous = new Uint8Array(first);

  add({ uid, number, octets, ambiguous }: Listed): void {
    this.#all.add(uid);
    if (ambiguous) this.#indistinct.add(baseOf(uid));
    else this.#distinct.add(`${uid} ${octets}`);
    this.#hash.update(`${uid} ${octets}\n`);
    this.#keep(uid);
    this.#numbers[this.#length] = number;
    this.#octets[this.#length] = octets;
    this.#ambiguous[this.#length] = ambiguous ? 1 : 0;
    this.#length++;
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

  *pages(): Generator<readonly Listed[]> {
    for (let from = 0; from < this.#length; from += pageLength) {
      const count = Math.min(pageLength, this.#length - from);
      yield Array.from({ length: count }, (_, index) => this.#at(from + index));
    }
  }

  /** The one message of that unique-id. */
  find(uid: string): Listed | undefined {
    for (let index = 0; index < this.#length; index++) {
      if (this.#ambiguous[index] === 0 && this.#uidAt(index) === uid) return this.#at(index);
    }
    return undefined;
  }

  #at(index: number): Listed {
    return {
      uid: this.#uidAt(index),
      number: this.#numbers[index] ?? 0,
      octets: this.#octets[index] ?? 0,
      ...(this.#ambiguous[index] === 1 ? { ambiguous: true } : {}),
    };
  }

  #uidAt(index: number): string {
    return this.#uids.toString('utf8', this.#ends[index - 1] ?? 0, this.#ends[index]);
  }

  #keep(uid: string): void {
    const from = this.#ends[this.#length - 1] ?? 0;
    const end = from + Buffer.byteLength(uid);
    if (end > this.#uids.length) this.#uids = Buffer.concat([this.#uids], 2 * end);
    this.#uids.write(uid, from);
    if (this.#length === this.#ends.length) this.#widen();
    this.#ends[this.#length] = end;
  }

  #widen(): void {
    const length = 2 * this.#length;
    const wider = <T extends { set(from: T): void }>(from: T, to: T) => {
      to.set(from);
      return to;
    };
    this.#ends = wider(this.#ends, new Uint32Array(length));
    this.#numbers = wider(this.#numbers, new Uint32Array(length));
    this.#octets = wider(this.#octets, new Float64Array(length));
    this.#ambiguous = wider(this.#ambiguous, new Uint8Array(length));
  }
}
