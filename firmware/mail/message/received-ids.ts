/*
 * Looks for a receipt id of this box among the Received fields of a message that passes by, in
 * whatever pieces (RFC 5321 §4.4: `ID = CFWS "ID" FWS ( Atom / msg-id )`). Comments are not parsed:
 * an id that stands in one was put there by somebody who copied it, and counts as well.
 */

const lf = 0x0a;
/** Octets of a field that are looked at; one hop writes a few hundred. */
const mostOfField = 2_048;

export class ReceivedIds {
  readonly #isOurs: (id: string) => boolean;
  #field = '';
  #atLineStart = true;
  #found = false;

  constructor(isOurs: (id: string) => boolean) {
    this.#isOurs = isOurs;
  }

  /** One of them is ours: the message has been here before. */
  get found(): boolean {
    return this.#found || this.#ours();
  }

  /** More of the header section, and nothing behind it. */
  update(octets: Buffer): void {
    for (let at = 0; at < octets.length && !this.#found; ) {
      const first = octets[at];
      // RFC 5322 §2.2.3: a line that begins with white space goes on with the field above it.
      if (this.#atLineStart && first !== 0x20 && first !== 0x09) this.#endField();
      const lineEnd = octets.indexOf(lf, at);
      const end = lineEnd < 0 ? octets.length : lineEnd + 1;
      const room = Math.max(0, mostOfField - this.#field.length);
      this.#field += octets.toString('latin1', at, Math.min(end, at + room));
      this.#atLineStart = lineEnd >= 0;
      at = end;
    }
  }

  #endField(): void {
    this.#found = this.#ours();
    this.#field = '';
  }

  #ours(): boolean {
    if (!/^received[ \t]*:/i.test(this.#field)) return false;
    for (const [, id = ''] of this.#field.matchAll(/\sid\s+([\w.-]+)/gi)) {
      if (this.#isOurs(id)) return true;
    }
    return false;
  }
}
