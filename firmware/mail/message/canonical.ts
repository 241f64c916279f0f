/*
 * Octets as kept -> lines as protocols of lines carry them: a bare CR or LF becomes CR LF, and a
 * last line without end gets one (RFC 5322 §2.3: CR and LF occur only together). Streams in any
 * pieces. A piece that needs nothing is handed on without a copy.
 */

const lf = 0x0a;
const cr = 0x0d;
const crlf = Buffer.from('\r\n');
const onlyLf = Buffer.from('\n');
const nothing = Buffer.alloc(0);

export class Canonical {
  #afterCr = false;
  #atLineStart = true;
  #changed = false;

  /** Some CR or LF was bare so far.
   * A CR at the very end of the octets is not judged before `end`. */
  get changed(): boolean {
    return this.#changed;
  }

  /** The octets with every line end whole. May be a view of what was given. */
  update(octets: Buffer): Buffer {
    const length = octets.length;
    if (length === 0) return octets;
    // A CR at the end of a piece was handed on; its LF is either the next octet, or missing.
    let at = 0;
    let pieces: Buffer[] | undefined;
    if (this.#afterCr) {
      if (octets[0] === lf) at = 1;
      else pieces = [onlyLf];
    }
    let copied = 0;
    for (; at < length; at++) {
      const octet = octets[at] as number;
      if (octet > cr || (octet !== lf && octet !== cr)) continue;
      if (octet === cr) {
        if (octets[at + 1] === lf) {
          at++;
          continue;
        }
        if (at + 1 === length) break;
      }
      pieces ??= [];
      pieces.push(octets.subarray(copied, at), crlf);
      copied = at + 1;
    }
    const last = octets[length - 1];
    this.#afterCr = last === cr;
    this.#atLineStart = last === lf || last === cr;
    if (pieces === undefined) return octets;
    this.#changed = true;
    pieces.push(octets.subarray(copied));
    return Buffer.concat(pieces);
  }

  /** What is missing at the end. */
  end(): Buffer {
    if (this.#afterCr) {
      this.#changed = true;
      return onlyLf;
    }
    return this.#atLineStart ? nothing : crlf;
  }
}
