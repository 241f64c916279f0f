/*
 * One message coming from a source: into the store, its digest beside it, under the trace field. It
 * ends in one of several ways, and whoever fetches decides what becomes of it; only then is it
 * committed or abandoned. Memory is its first octets, whatever comes.
 */
import type { Incoming } from '#mail/store/store';
import { writtenArrival } from './arrival-date.ts';
import { type Digests, MessageDigest } from './digest.ts';
import { keptBeginning } from './limits.ts';
import type { Listed, Receiver } from './upstream.ts';

/** `whole`: all of it came. `too-large`: more came than is collected. `too-old`: it arrived at the
 * source too long ago. `let-go`: the round is over. `missing`: the source does not give it. */
export type Arrived = 'whole' | 'too-large' | 'too-old' | 'let-go' | 'missing';

export interface ArrivalTerms {
  readonly trace: string;
  /** Octets. */
  readonly largest: number;
  /** When only its header section tells whether it is wanted: the moment from which it is. */
  readonly from?: number;
  readonly isOver: () => boolean;
  /** Called once. A promise means: begin no further message until it is done. */
  readonly ended: (how: Arrived) => void | Promise<void>;
}

export class Arrival implements Receiver {
  readonly listed: Listed;
  readonly incoming: Incoming;
  readonly #terms: ArrivalTerms;
  readonly #digest = new MessageDigest();
  readonly #beginning: Buffer[] = [];
  #begun = false;
  #kept = 0;
  #octets = 0;
  #dated = false;
  #over = false;
  #why = '';

  constructor(listed: Listed, incoming: Incoming, terms: ArrivalTerms) {
    this.listed = listed;
    this.incoming = incoming;
    this.#terms = terms;
    this.#dated = terms.from === undefined;
  }

  /** Why it is missing, in the source's words. */
  get why(): string {
    return this.#why;
  }

  /** That came. */
  get octets(): number {
    return this.#octets;
  }

  /** The first of them. */
  get beginning(): Buffer {
    return Buffer.concat(this.#beginning);
  }

  /** After the end. */
  digests(): Digests {
    return this.#digest.end();
  }

  write(octets: Buffer): boolean | Promise<boolean> {
    if (this.#over) return false;
    if (this.#terms.isOver()) return this.#refuse('let-go');
    this.#octets += octets.length;
    this.#keep(octets);
    if (this.#octets > this.#terms.largest) return this.#refuse('too-large');
    if (!this.#dated && this.#kept >= keptBeginning && this.#isTooOld()) {
      return this.#refuse('too-old');
    }
    this.#digest.update(octets);
    const waits = this.#begin() ?? undefined;
    if (waits !== undefined) return waits.then(() => this.#store(octets));
    return this.#store(octets);
  }

  end(): void | Promise<void> {
    if (this.#over) return undefined;
    if (this.#terms.isOver()) return this.#end('let-go');
    if (!this.#dated && this.#isTooOld()) return this.#end('too-old');
    const waits = this.#begin() ?? undefined;
    return waits === undefined ? this.#end('whole') : waits.then(() => this.#end('whole'));
  }

  missing(detail: string): void | Promise<void> {
    this.#why = detail;
    return this.#over ? undefined : this.#end('missing');
  }

  /** The trace field, once. */
  #begin(): void | Promise<void> {
    if (this.#begun) return undefined;
    this.#begun = true;
    return this.incoming.write(Buffer.from(this.#terms.trace));
  }

  #store(octets: Buffer): boolean | Promise<boolean> {
    const written = this.incoming.write(octets);
    return written === undefined ? true : written.then(() => true);
  }

  #keep(octets: Buffer): void {
    const room = keptBeginning - this.#kept;
    if (room <= 0) return;
    const piece = Buffer.from(octets.subarray(0, room));
    this.#beginning.push(piece);
    this.#kept += piece.length;
  }

  /** One without a date is wanted: nothing is left out by mistake. */
  #isTooOld(): boolean {
    this.#dated = true;
    const arrival = writtenArrival(this.beginning);
    return arrival !== undefined && arrival < (this.#terms.from ?? arrival);
  }

  #refuse(how: Arrived): false | Promise<false> {
    const ended = this.#end(how);
    return ended === undefined ? false : ended.then(() => false as const);
  }

  #end(how: Arrived): void | Promise<void> {
    this.#over = true;
    return this.#terms.ended(how);
  }
}

/** Compares a message with what is noted of it; nothing of it is kept. */
export class Comparison implements Receiver {
  readonly #digest = new MessageDigest();
  readonly #most: number;
  #octets = 0;
  /** Undefined: it did not come, or is not it. */
  digest: Buffer | undefined;

  /** `most`: with more octets than this it is another message. */
  constructor(most: number) {
    this.#most = most;
  }

  write(octets: Buffer): boolean {
    this.#octets += octets.length;
    if (this.#octets > this.#most) return false;
    this.#digest.update(octets);
    return true;
  }

  end(): void {
    this.digest = this.#digest.end().digest;
  }

  missing(): void {}
}

/** Takes the beginning of a message, and no more of it. */
export class Beginning implements Receiver {
  /** The source does not give it. */
  isMissing = false;
  readonly #pieces: Buffer[] = [];
  #octets = 0;

  get octets(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  write(octets: Buffer): boolean {
    const piece = Buffer.from(octets.subarray(0, keptBeginning - this.#octets));
    this.#pieces.push(piece);
    this.#octets += piece.length;
    return this.#octets < keptBeginning;
  }

  end(): void {}

  missing(): void {
    this.isMissing = true;
  }
}
