/*
 * What a POP3 server lists in one session, kept small: it is gone through page by page while messages
 * are fetched, and asked which unique-ids are there, with which sizes, and which of them more than
 * once. A message takes its unique-id's octets and some 40 more.
 */
import { createHash, type Hash } from 'node:crypto';
import { IdSet } from './id-set.ts';
import { baseOf } from './judgement.ts';
import { PackedList } from './packed-list.ts';
import type { Listed } from './upstream.ts';

/** uid, number, octets, and 1 when it is ambiguous. */
type Row = readonly [string, number, number, 0 | 1];

export class Listing {
  readonly #all = new IdSet();
  readonly #distinct = new IdSet();
  readonly #indistinct = new IdSet();
  readonly #hash: Hash = createHash('sha256');
  readonly #rows = new PackedList<Row>();
  #fingerprint: string | undefined;

  add({ uid, number, octets, ambiguous }: Listed): void {
    this.#all.add(uid);
    if (ambiguous) this.#indistinct.add(baseOf(uid));
    else this.#distinct.add(`${uid} ${octets}`);
    this.#hash.update(`${uid} ${octets}\n`);
    this.#rows.add([uid, number, octets, ambiguous ? 1 : 0]);
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
    for (const page of this.#rows.pages()) yield page.map(toListed);
  }

  /** The one message of that unique-id. */
  find(uid: string): Listed | undefined {
    for (const row of this.#rows) if (row[0] === uid && row[3] === 0) return toListed(row);
    return undefined;
  }
}

function toListed([uid, number, octets, ambiguous]: Row): Listed {
  return { uid, number, octets, ...(ambiguous === 1 ? { ambiguous: true } : {}) };
}
