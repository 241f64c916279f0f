/*
 * Looks at a message's header section while it passes by, in whatever pieces (RFC 5322 §2.2): where
 * it ends, how often it was received, and whether Date and Message-ID are there. It parses no field
 * and keeps none; memory is a few octets.
 */

const lf = 0x0a;
const cr = 0x0d;
/** Enough of a line to know 'message-id:' with a space before the colon (RFC 5322 §4.5). */
const nameOctets = 14;

export class HeaderScan {
  #received = 0;
  #date = false;
  #messageId = false;
  #octets = 0;
  #ended = false;
  /** How the line under way begins; its name, when it is a field. */
  #begin = '';
  /** The line under way has octets beyond `#begin`. */
  #within = false;

  /** Received fields so far. */
  get received(): number {
    return this.#received;
  }

  get hasDate(): boolean {
    return this.#date;
  }

  get hasMessageId(): boolean {
    return this.#messageId;
  }

  /** Octets of the header section so far. */
  get octets(): number {
    return this.#octets;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The last octet seen ended a line, or nothing was seen. */
  get atLineStart(): boolean {
    return this.#begin === '' && !this.#within;
  }

  /** More of the message. The index at which the empty line begins, or -1 while it has not come. */
  update(octets: Buffer): number {
    let at = 0;
    while (at < octets.length) {
      const first = octets[at];
      if (this.atLineStart && (first === cr || first === lf)) {
        this.#octets += at;
        this.#ended = true;
        return at;
      }
      const lineEnd = octets.indexOf(lf, at);
      const end = lineEnd < 0 ? octets.length : lineEnd;
      if (!this.#within) {
        const take = Math.min(end, at + nameOctets - this.#begin.length);
        this.#begin += octets.toString('latin1', at, take);
        this.#within = this.#begin.length === nameOctets;
      }
      if (lineEnd < 0) break;
      this.#judge(this.#begin);
      this.#begin = '';
      this.#within = false;
      at = lineEnd + 1;
    }
    this.#octets += octets.length;
    return -1;
  }

  #judge(begin: string): void {
    // Cheap first: most lines begin neither with r, d nor m.
    switch (begin.charCodeAt(0) | 0x20) {
      case 0x72:
        if (/^received[ \t]*:/i.test(begin)) this.#received++;
        break;
      case 0x64:
        if (/^date[ \t]*:/i.test(begin)) this.#date = true;
        break;
      case 0x6d:
        if (/^message-id[ \t]*:/i.test(begin)) this.#messageId = true;
    }
  }
}

/**
 * Does a message begin with a header field (RFC 5322 §2.2: printable characters, then a colon)?
 * Undefined while there is too little of it to tell.
 */
export function beginsWithField(octets: Buffer): boolean | undefined {
  const colon = octets.indexOf(':');
  const name = octets.toString('latin1', 0, colon < 0 ? longestName : Math.min(colon, longestName));
  // RFC 5322 §4.5: white space before the colon, in messages of old
  if (!/^[!-~]+[ \t]*$/.test(name)) return name === '' && colon < 0 ? undefined : false;
  if (colon >= 0) return true;
  return octets.length < longestName ? undefined : false;
}

/** RFC 5322 §2.1.1: a line has at most 998 characters, so a name has fewer. */
const longestName = 998;
