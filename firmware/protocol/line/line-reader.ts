/*
 * Framing for protocols of lines (RFC 5321 §2.3.8, RFC 1939 §3): cuts what comes from a peer into
 * lines under a limit, or hands it out as it lies when the protocol is between lines (DATA, BDAT).
 *
 * A line ends in CR LF. An LF without CR ends a line too, and the line says so (`bare`): a peer
 * that ends its lines wrongly gets an answer instead of silence, and the protocol decides which.
 * A CR anywhere else is an octet of the line, for the grammar to refuse.
 *
 * A line over the limit is skipped up to its end, in no memory, and reported once. It deliberately
 * knows nothing of commands, literals or character sets.
 */

const lf = 0x0a;
const cr = 0x0d;
const nothing = Buffer.alloc(0);

export type Line =
  /** `octets` without the line's end; good until the next call. */
  | { readonly kind: 'line'; readonly octets: Buffer; readonly bare: boolean }
  | { readonly kind: 'too-long' };

const tooLong: Line = { kind: 'too-long' };

export class LineReader {
  readonly #limit: number;
  /** What came last and has not been handed out, from `#at` on; the peer's own buffer. */
  #input: Buffer = nothing;
  #at = 0;
  /** The beginning of a line whose end has not come; a copy. */
  #begun: Buffer = nothing;
  /** Octets of a line that became too long and are thrown away until its end comes. */
  #skipped = 0;

  /** `limit`: octets of the longest line, its CR LF counted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Octets from the peer. They are read in place: call `line` until it says undefined, or `rest`
   * or `take` until nothing is left, before the buffer changes. */
  push(octets: Buffer): void {
    this.#input = this.#at < this.#input.length ? Buffer.concat([this.rest(), octets]) : octets;
    this.#at = 0;
  }

  /** The next whole line, or undefined until more comes. */
  line(): Line | undefined {
    const end = this.#input.indexOf(lf, this.#at);
    if (end < 0) {
      this.#keep(this.rest());
      // An idle session must not hold on to the net's buffer.
      this.#input = nothing;
      this.#at = 0;
      return undefined;
    }
    const length = this.pending + end + 1 - this.#at;
    const tail = this.#input.subarray(this.#at, end);
    const octets = this.#begun.length > 0 ? Buffer.concat([this.#begun, tail]) : tail;
    this.#at = end + 1;
    this.#begun = nothing;
    this.#skipped = 0;
    if (length > this.#limit) return tooLong;
    return octets[octets.length - 1] === cr
      ? { kind: 'line', octets: octets.subarray(0, -1), bare: false }
      : { kind: 'line', octets, bare: true };
  }

  /** Octets seen of a line whose end has not come yet, thrown away or kept. */
  get pending(): number {
    return this.#begun.length + this.#skipped;
  }

  /** Does the line under way, as far as it came, begin with these octets? */
  begins(octets: Buffer): boolean {
    return this.#begun.subarray(0, octets.length).equals(octets);
  }

  /** Octets that lie here, not yet handed out and not part of a begun line. */
  get unread(): number {
    return this.#input.length - this.#at;
  }

  /** Hands out all octets that lie here, as they came, in place. */
  rest(): Buffer {
    return this.take(this.#input.length);
  }

  /** Hands out at most `count` of the octets that lie here, as they came, in place. */
  take(count: number): Buffer {
    const octets = this.#input.subarray(this.#at, this.#at + count);
    this.#at += octets.length;
    return octets;
  }

  /** Puts back the last `count` octets that `rest` or `take` handed out. */
  giveBack(count: number): void {
    this.#at -= count;
  }

  /** Forgets everything (after STARTTLS: unread plaintext must not be believed). */
  clear(): void {
    this.#input = nothing;
    this.#at = 0;
    this.#begun = nothing;
    this.#skipped = 0;
  }

  #keep(octets: Buffer): void {
    if (this.pending + octets.length >= this.#limit) {
      this.#skipped = this.pending + octets.length;
      this.#begun = nothing;
    } else if (octets.length > 0) {
      this.#begun = Buffer.concat([this.#begun, octets]);
    }
  }
}
