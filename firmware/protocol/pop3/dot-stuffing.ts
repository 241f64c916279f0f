/*
 * RFC 1939 §3: in a multi-line response a line that begins with "." gets another one before it, so
 * that no message can end the response. Works on canonical octets (every line ends in CR LF), in
 * whatever pieces, hopping from dot to dot.
 *
 * Some clients (Python's poplib) end a response at a "." line behind a bare LF. None gets out: what
 * comes in here has no bare CR or LF, and the line behind each is stuffed like any other.
 */

const lf = 0x0a;
const dot = 0x2e;
const lineOfDot = Buffer.from('\n.');
const oneDot = Buffer.from('.');

export class DotStuffing {
  #atLineStart = true;

  /** The octets with dots added, as views of what was given and dots between them. */
  update(octets: Buffer): Buffer[] {
    if (octets.length === 0) return [];
    const pieces: Buffer[] = [];
    if (this.#atLineStart && octets[0] === dot) pieces.push(oneDot);
    let from = 0;
    for (;;) {
      const found = octets.indexOf(lineOfDot, from);
      if (found < 0) break;
      pieces.push(octets.subarray(from, found + 1), oneDot);
      from = found + 1;
    }
    pieces.push(octets.subarray(from));
    this.#atLineStart = octets[octets.length - 1] === lf;
    return pieces;
  }
}
