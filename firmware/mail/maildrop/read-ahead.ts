/*
 * A client that collects its mail asks for one message after the other, and asking the store for
 * each by itself would cost more than sending it. So while messages are read in order, the first
 * chunks of the next few are fetched in one read, the next batch while this one is being sent.
 *
 * Memory is bounded twice: per session by two batches, and over all sessions by one Allowance.
 * When that is used up, sessions read message by message and only become slower.
 */

import type { Allowance } from '#base/allowance';
import { failed, ok, type Result, trouble } from '#base/result';
import type { Soon } from '#base/soon';
import type { MessageId } from '../ids.ts';
import {
  type ChunkReference,
  chunkOctets,
  type Listing,
  type Store,
  type StoreTrouble,
} from '../store/store.ts';

/** One batch; a session holds at most two, the one in use and the one that comes. */
const batchOctets = 256 * 1024;
const batchMessages = 32;

/** Messages from `from` up to and not with `to` that are being read. */
interface Batch {
  readonly from: number;
  readonly to: number;
  readonly octets: number;
  readonly done: Promise<void>;
}

export class ReadAhead {
  readonly #store: Store;
  readonly #listing: Listing;
  readonly #allowance: Allowance;
  readonly #held = new Map<number, Uint8Array>();
  #heldOctets = 0;
  #coming: Batch | undefined;
  /** The index asked for last; to begin with, whoever asks for the first message goes on. */
  #last = -1;
  /** Everything below was handed out, is held or is coming. */
  #reach = 0;
  #closed = false;

  constructor(store: Store, listing: Listing, allowance: Allowance) {
    this.#store = store;
    this.#listing = listing;
    this.#allowance = allowance;
  }

  /** The message's first chunk. */
  first(index: number): Soon<Result<Uint8Array, StoreTrouble>> {
    const goesOn = index === this.#last || index === this.#last + 1;
    this.#last = index;
    if (!goesOn) {
      this.#forget();
      this.#reach = index + 1;
      return this.#alone(index);
    }
    const chunk = this.#take(index);
    if (chunk !== undefined) {
      this.#ahead();
      return ok(chunk);
    }
    this.#reach = Math.max(this.#reach, index);
    this.#ahead();
    const batch = this.#coming;
    if (batch === undefined || index < batch.from || index >= batch.to) return this.#alone(index);
    return batch.done.then(() => {
      const arrived = this.#take(index);
      if (arrived === undefined) return this.#alone(index);
      this.#ahead();
      return ok(arrived);
    });
  }

  /** Forgets what was read; nothing is read ahead any more. */
  close(): void {
    this.#closed = true;
    this.#forget();
  }

  #take(index: number): Uint8Array | undefined {
    const chunk = this.#held.get(index);
    if (chunk !== undefined) {
      this.#held.delete(index);
      this.#heldOctets -= chunk.length;
      this.#allowance.giveBack(chunk.length);
    }
    return chunk;
  }

  /** Begins to read the next batch, unless one is coming already or more than one is held. */
  #ahead(): void {
    if (this.#coming !== undefined || this.#closed || this.#heldOctets > batchOctets) return;
    const from = this.#reach;
    const chunks: ChunkReference[] = [];
    let octets = 0;
    let to = from;
    for (; to < this.#listing.length && chunks.length < batchMessages; to++) {
      const size = this.#firstOctets(to);
      if (octets + size > batchOctets || !this.#allowance.take(size)) break;
      octets += size;
      chunks.push({ message: this.#message(to), chunk: 0 });
    }
    if (chunks.length === 0) return;
    const done = this.#store.read(chunks).then((read) => {
      if (this.#coming !== batch) return; // forgotten meanwhile, and its octets given back
      this.#coming = undefined;
      for (let index = from; index < to; index++) {
        const chunk = read.ok ? read.value[index - from] : undefined;
        // What is lost or short is asked for alone later, and then its trouble is told.
        if (chunk?.length === this.#firstOctets(index)) {
          this.#held.set(index, chunk);
          this.#heldOctets += chunk.length;
        } else this.#allowance.giveBack(this.#firstOctets(index));
      }
    });
    const batch = { from, to, octets, done };
    this.#coming = batch;
    this.#reach = to;
  }

  async #alone(index: number): Promise<Result<Uint8Array, StoreTrouble>> {
    const read = await this.#store.read([{ message: this.#message(index), chunk: 0 }]);
    if (!read.ok) return read;
    const chunk = read.value[0];
    return chunk?.length === this.#firstOctets(index) ? ok(chunk) : failed(short(index));
  }

  #forget(): void {
    for (const chunk of this.#held.values()) this.#allowance.giveBack(chunk.length);
    this.#held.clear();
    this.#heldOctets = 0;
    if (this.#coming !== undefined) this.#allowance.giveBack(this.#coming.octets);
    this.#coming = undefined;
  }

  #message(index: number): MessageId {
    return this.#listing.messages[index] as MessageId;
  }

  #firstOctets(index: number): number {
    return Math.min(this.#listing.octets[index] ?? 0, chunkOctets);
  }
}

/** What is kept is shorter or longer than it should be. */
export function short(index: number): StoreTrouble {
  const say = 'That message is damaged on the disk';
  return trouble('damaged', say, `message ${index + 1} of the listing has a wrong length`, false);
}
