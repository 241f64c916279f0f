/*
 * What TOP shows (RFC 1939 §7): the header fields, the blank line, and the first lines of the body.
 * Takes canonical octets in whatever pieces and cuts them at the end of the last line wanted. A
 * message without a blank line is all header fields.
 */

const lf = 0x0a;

export class Top {
  #bodyLines: number;
  #inHeader = true;
  /** Octets of the present line in earlier pieces. */
  #begun = 0;
  #done = false;

  /** `lines`: how many lines of the body. */
  constructor(lines: number) {
    this.#bodyLines = lines;
  }

  /** Nothing more is wanted. */
  get done(): boolean {
    return this.#done;
  }

  /** The part of this piece that is shown. */
  update(octets: Buffer): Buffer {
    let from = 0;
    while (!this.#done) {
      const end = octets.indexOf(lf, from);
      if (end < 0) {
        this.#begun += octets.length - from;
        return octets;
      }
      this.#lineOf(this.#begun + end + 1 - from);
      this.#begun = 0;
      from = end + 1;
    }
    return octets.subarray(0, from);
  }

  /** Counts a line of so many octets, its CR LF among them. */
  #lineOf(octets: number): void {
    if (!this.#inHeader) this.#bodyLines--;
    else if (octets === 2) this.#inHeader = false;
    this.#done = !this.#inHeader && this.#bodyLines <= 0;
  }
}
