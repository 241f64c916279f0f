/*
 * The way back from DATA's transparency (RFC 5321 §4.5.2): finds the end of the message, and takes
 * away the dot that stands before each line that began with one. Streams in any pieces, without a
 * copy where there is no dot to take.
 *
 * The end is CRLF . CRLF and nothing else (RFC 5321 §4.1.1.4); a line begins only after CRLF. A dot
 * after a bare LF or CR is a dot, LF . LF is three octets of the message. Servers that were more
 * generous let one stream mean two messages here and one there: SMTP smuggling.
 */

const cr = 0x0d;
const lf = 0x0a;
const dot = 0x2e;
const dottedLine = Buffer.from('\r\n.');
const onlyCr = Buffer.from('\r');

export interface Decoded {
  /** Octets of the message; may be a view of what was given. */
  readonly content: Buffer;
  /** The end of the message was found. */
  readonly ended: boolean;
  /** How many of the octets given belong to the message and its end; all, unless it ended. */
  readonly used: number;
}

export class Transparency {
  /** What the octets so far end in. The dot (and CR) of the last two are not handed out yet. */
  #after: 'text' | 'CR' | 'CRLF' | 'CRLF.' | 'CRLF.CR' = 'CRLF';

  decode(octets: Buffer): Decoded {
    const pieces: Buffer[] = [];
    /** Up to here all is handed out or taken away. */
    let from = 0;
    let at = 0;
    while (at < octets.length) {
      const octet = octets[at];
      switch (this.#after) {
        case 'text': {
          // Most of a message passes here in one native search.
          const next = octets.indexOf(dottedLine, at);
          if (next >= 0) {
            pieces.push(octets.subarray(from, next + 2));
            at = next + 3;
            from = at;
            this.#after = 'CRLF.';
          } else {
            this.#after = endOf(octets, at);
            at = octets.length;
          }
          continue;
        }
        case 'CR':
          this.#after = octet === lf ? 'CRLF' : octet === cr ? 'CR' : 'text';
          at++;
          continue;
        case 'CRLF':
          if (octet === dot) {
            if (at > from) pieces.push(octets.subarray(from, at));
            at++;
            from = at;
            this.#after = 'CRLF.';
          } else this.#after = 'text';
          continue;
        case 'CRLF.':
          if (octet === cr) {
            at++;
            from = at;
            this.#after = 'CRLF.CR';
          } else this.#after = 'text';
          continue;
        case 'CRLF.CR':
          if (octet === lf) return { content: joined(pieces), ended: true, used: at + 1 };
          pieces.push(onlyCr);
          this.#after = 'CR';
      }
    }
    if (pieces.length === 0) return { content: octets.subarray(from), ended: false, used: at };
    pieces.push(octets.subarray(from));
    return { content: joined(pieces), ended: false, used: at };
  }
}

/** What octets without a dotted line end in, from `at` on. */
function endOf(octets: Buffer, at: number): 'text' | 'CR' | 'CRLF' {
  const last = octets.length - 1;
  if (octets[last] === cr) return 'CR';
  return last > at && octets[last] === lf && octets[last - 1] === cr ? 'CRLF' : 'text';
}

function joined(pieces: Buffer[]): Buffer {
  const [only, ...others] = pieces;
  return only !== undefined && others.length === 0 ? only : Buffer.concat(pieces);
}
