/*
 * A message on its way from the store to a POP3 client: chunk after chunk, each line end made
 * CR LF where the sender left it bare. At most two chunks are in memory at a time.
 */
import { failed, ok, type Result } from '#base/result';
import type { MessageId } from '../ids.ts';
import type { MaildropMessage } from '../maildrop.ts';
import { Canonical } from '../message/canonical.ts';
import { hasDots, isCanonical } from '../store/shape.ts';
import { chunkOctets, type Listing, type Store } from '../store/store.ts';
import { short } from './read-ahead.ts';

/** Chunks that are asked for in one read. */
const chunksAtOnce = 2;

export class StoredMessage implements MaildropMessage {
  readonly wireOctets: number;
  readonly dotless: boolean;
  readonly beginning: Buffer;
  readonly whole: boolean;
  readonly #store: Store;
  readonly #message: MessageId;
  readonly #index: number;
  readonly #octets: number;
  /** Undefined when the message is canonical as it is kept. */
  readonly #canonical: Canonical | undefined;
  #chunks: Uint8Array[] = [];
  /** Octets as kept that were handed out. */
  #given: number;
  #ended: boolean;

  /** `first`: the message's first chunk, of the right length. */
  constructor(store: Store, listing: Listing, index: number, first: Uint8Array) {
    const shape = listing.shapes[index] ?? 0;
    this.#store = store;
    this.#message = listing.messages[index] as MessageId;
    this.#index = index;
    this.#octets = listing.octets[index] ?? 0;
    this.wireOctets = listing.wireOctets[index] ?? 0;
    this.dotless = !hasDots(shape);
    this.whole = this.#octets <= chunkOctets;
    this.#given = first.length;
    this.#ended = this.whole;
    this.#canonical = isCanonical(shape) ? undefined : new Canonical();
    this.beginning = this.#form(asBuffer(first));
  }

  async next(): Promise<Result<Buffer | undefined>> {
    if (this.#ended) return ok(undefined);
    if (this.#chunks.length === 0) {
      const from = this.#given / chunkOctets;
      const to = Math.min(from + chunksAtOnce, Math.ceil(this.#octets / chunkOctets));
      const wanted = [];
      for (let chunk = from; chunk < to; chunk++) wanted.push({ message: this.#message, chunk });
      const read = await this.#store.read(wanted);
      if (!read.ok) return read;
      this.#chunks = read.value;
    }
    const chunk = this.#chunks.shift();
    const expected = Math.min(this.#octets - this.#given, chunkOctets);
    if (chunk?.length !== expected) return failed(short(this.#index));
    this.#given += expected;
    this.#ended = this.#given === this.#octets;
    return ok(this.#form(asBuffer(chunk)));
  }

  /** The octets as they are sent; the last of them with what is missing at the end. */
  #form(octets: Buffer): Buffer {
    if (this.#canonical === undefined) return octets;
    const formed = this.#canonical.update(octets);
    const missing = this.#ended ? this.#canonical.end() : undefined;
    return missing === undefined || missing.length === 0
      ? formed
      : Buffer.concat([formed, missing]);
  }
}

function asBuffer(octets: Uint8Array): Buffer {
  if (Buffer.isBuffer(octets)) return octets;
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}
