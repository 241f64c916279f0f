/*
 * How a message's octets differ from what line protocols carry: the Shape of the store's port,
 * computed once while the message comes in, in whatever pieces.
 *
 * A line ends in CR LF, in a bare LF, or in a bare CR: what POP3 sends as CR LF for each of them
 * (message/canonical.ts does that, and this file counts it).
 */
import type { Shape } from '../store/store.ts';

const lf = 0x0a;
const cr = 0x0d;
const dot = 0x2e;

export class Measure {
  #octets = 0;
  /** CRs without LF and LFs without CR, those of `#afterCr` not counted yet. */
  #bare = 0;
  #dots = false;
  /** The last octet was a CR; whether it is bare shows at the next one. */
  #afterCr = false;
  #atLineStart = true;

  update(octets: Uint8Array): void {
    const length = octets.length;
    if (length === 0) return;
    let at = 0;
    if (this.#afterCr) {
      if (octets[0] === lf) at = 1;
      else this.#bare++;
    }
    if (at < length && this.#atLineStart && octets[at] === dot) this.#dots = true;

    let bare = 0;
    // Nearly every octet is above CR: one comparison each.
    for (; at < length; at++) {
      const octet = octets[at] as number;
      if (octet > cr || (octet !== lf && octet !== cr)) continue;
      if (octet === lf) bare++;
      else if (octets[at + 1] === lf) at++;
      else if (at + 1 < length) bare++;
      if (octets[at + 1] === dot) this.#dots = true;
    }
    this.#bare += bare;
    this.#octets += length;
    const last = octets[length - 1];
    this.#afterCr = last === cr;
    this.#atLineStart = last === lf || last === cr;
  }

  shape(): Shape {
    const bare = this.#bare + (this.#afterCr ? 1 : 0);
    // An empty message has no line, so none that lacks its end.
    const unfinished = this.#octets > 0 && !this.#atLineStart;
    const wireOctets = this.#octets + bare + (unfinished ? 2 : 0);
    return {
      octets: this.#octets,
      wireOctets,
      canonical: wireOctets === this.#octets,
      dots: this.#dots,
    };
  }
}
