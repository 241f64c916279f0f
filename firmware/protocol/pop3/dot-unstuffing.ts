/*
 * The other side of dot-stuffing.ts (RFC 1939 §3): takes the added dots away and finds the end of a
 * multi-line response, in whatever pieces it comes, hopping from one line that begins with "." to
 * the next. The CR LF before the last "." belongs to the message.
 *
 * Only CR LF ends a line. A "." behind a bare LF is the message's own: whoever takes it for the end
 * lets a letter end its own response, and the rest of the letter answer the commands that follow.
 */

const lf = 0x0a;
const cr = 0x0d;
const dot = 0x2e;
const lineOfDot = Buffer.from('\r\n.');
const oneCr = Buffer.from('\r');
const nothing = Buffer.alloc(0);

/** What the last octets were, as far as it matters for the next one. */
type Place =
  | 'within'
  | 'cr'
  /** CR LF, or nothing at all. */
  | 'line'
  /** "." at the beginning of a line; it is no part of the message in any case. */
  | 'dot'
  /** "." CR at the beginning of a line; the CR was not handed out. */
  | 'dot-cr';

export interface Unstuffed {
  /** The message's octets in this piece. */
  readonly octets: Buffer;
  /** How many of the piece's octets belong to the response. */
  readonly used: number;
  /** The response has ended. */
  readonly ended: boolean;
}

export class DotUnstuffing {
  #place: Place = 'line';

  /** What it gives is a view of what was given, unless a dot was taken out of the middle. Not to be
   * called after the end. */
  update(octets: Buffer): Unstuffed {
    const pieces: Buffer[] = [];
    /** From here on, octets are not handed out yet. */
    let from = 0;
    let at = 0;
    while (at < octets.length) {
      const octet = octets[at];
      switch (this.#place) {
        case 'within': {
          const found = octets.indexOf(lineOfDot, at);
          if (found < 0) {
            this.#place = placeAfter(octets);
            at = octets.length;
          } else {
            pieces.push(octets.subarray(from, found + 2));
            this.#place = 'dot';
            at = from = found + lineOfDot.length;
          }
          break;
        }
        case 'cr':
          this.#place = octet === lf ? 'line' : 'within';
          if (octet === lf) at++;
          break;
        case 'line':
          this.#place = octet === dot ? 'dot' : 'within';
          if (octet !== dot) break;
          pieces.push(octets.subarray(from, at));
          at = from = at + 1;
          break;
        case 'dot':
          this.#place = octet === cr ? 'dot-cr' : 'within';
          if (octet === cr) at++;
          break;
        case 'dot-cr':
          if (octet === lf) return { octets: joined(pieces), used: at + 1, ended: true };
          // It was the line's own; when it came with an earlier piece, it is handed out now.
          if (at === 0) pieces.push(oneCr);
          this.#place = 'within';
          break;
      }
    }
    const rest = octets.subarray(from, this.#place === 'dot-cr' ? from : octets.length);
    return { octets: joined([...pieces, rest]), used: octets.length, ended: false };
  }
}

/** The place behind these octets, the last of which lies within a line or ends it. */
function placeAfter(octets: Buffer): Place {
  const last = octets[octets.length - 1];
  if (last === cr) return 'cr';
  return last === lf && octets[octets.length - 2] === cr ? 'line' : 'within';
}

function joined(pieces: readonly Buffer[]): Buffer {
  const filled = pieces.filter(({ length }) => length > 0);
  return filled.length > 1 ? Buffer.concat(filled) : (filled[0] ?? nothing);
}
