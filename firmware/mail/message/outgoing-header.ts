/*
 * A kept message on its way out, in whatever pieces: the Return-Path field that the box put on top
 * goes (RFC 5321 §4.4: only final delivery has one), and where the account is known by another
 * address, that stands in the From fields. Every other octet stays. Only a From field is held, and
 * only until it ends; without a Rewrite nothing is.
 *
 * A line ends with LF, and the header section with an empty line. So where a message may have a
 * bare CR or LF, make it canonical (canonical.ts) before it comes here.
 */
import { isAscii } from 'node:buffer';
import { isAmong, parseAddress } from '../address.ts';
import type { Rewrite } from '../queue/queue.ts';
import { replaceAddresses } from './from-field.ts';

const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const tab = 0x09;
/** A From field with more octets is nobody's work, and stays as it is. */
const longestFrom = 65_536;
/** RFC 5322 §4.5 sets no end to white space before a colon; nobody writes so much of it. */
const longestName = 64;

/** The part of a field that the octets belong to: its name while it is not known yet, then what
 * happens to all of it. */
type Part = 'name' | 'kept' | 'dropped' | 'from';

export class OutgoingHeader {
  readonly #rewrite: Rewrite | undefined;
  /** Which fields are not simply kept, in lower case. */
  #wanted: readonly string[];
  /** Undefined before the first line. */
  #part: Part | undefined;
  #atLineStart = true;
  #name = '';
  #from: Buffer[] = [];
  #fromOctets = 0;
  #ended = false;
  #taken = 0;
  #given = 0;
  #eightBit = false;

  constructor(rewrite?: Rewrite) {
    this.#rewrite = rewrite;
    this.#wanted = ['return-path', ...(rewrite === undefined ? [] : ['from'])];
  }

  /** The header section is over: what comes is handed on as it is, and the numbers below stay. */
  get ended(): boolean {
    return this.#ended;
  }

  /** How many octets the message has become longer, or (below 0) shorter; all of it once `ended`,
   * so that the size of what goes out is known before its body is read. */
  get growth(): number {
    return this.#given - this.#taken;
  }

  /** The header section, as it goes out, has octets above 127 (RFC 6532): it needs SMTPUTF8. */
  get eightBit(): boolean {
    return this.#eightBit;
  }

  /** More of the message; what goes out of it now. May be a view of what was given. */
  update(octets: Buffer): Buffer {
    if (this.#ended) return octets;
    const out: Buffer[] = [];
    let at = 0;
    while (at < octets.length && !this.#ended) at = this.#step(octets, at, out);
    this.#taken += at;
    this.#count(out);
    // The body, and its first line end, which is the end of the header section.
    return Buffer.concat([...out, octets.subarray(at)]);
  }

  /** The message is over. What was held. */
  end(): Buffer {
    if (this.#ended) return Buffer.alloc(0);
    const out: Buffer[] = [];
    if (this.#part === 'name') out.push(Buffer.from(this.#name, 'latin1'));
    this.#endField(out);
    this.#ended = true;
    this.#count(out);
    return Buffer.concat(out);
  }

  #count(out: readonly Buffer[]): void {
    for (const piece of out) {
      this.#given += piece.length;
      this.#eightBit ||= !isAscii(piece);
    }
  }

  /** Works on some of the octets; up to where. */
  #step(octets: Buffer, at: number, out: Buffer[]): number {
    if (this.#atLineStart) {
      const first = octets[at];
      // RFC 5322 §2.2.3: a line that begins with white space continues the field.
      if (this.#part === undefined || (first !== space && first !== tab)) {
        this.#endField(out);
        if (first === cr || first === lf) {
          this.#ended = true;
          return at;
        }
        this.#part = 'name';
        this.#name = '';
      }
      this.#atLineStart = false;
    }
    return this.#part === 'name' ? this.#readName(octets, at, out) : this.#pass(octets, at, out);
  }

  /** Reads on until the name is known, or known to be none of those wanted. */
  #readName(octets: Buffer, from: number, out: Buffer[]): number {
    for (let at = from; at < octets.length; at++) {
      const longer = this.#name + String.fromCharCode(octets[at] ?? 0);
      const wanted = this.#wanted.find((name) => isBeginning(name, longer));
      if (wanted === undefined) return this.#nameIsKnown('kept', at, out);
      this.#name = longer;
      if (longer.endsWith(':')) {
        return this.#nameIsKnown(wanted === 'from' ? 'from' : 'dropped', at + 1, out);
      }
    }
    return octets.length;
  }

  #nameIsKnown(part: Part, at: number, out: Buffer[]): number {
    this.#part = part;
    // Only the topmost Return-Path is the box's own.
    this.#wanted = this.#wanted.filter((name) => name === 'from');
    this.#take(Buffer.from(this.#name, 'latin1'), out);
    return at;
  }

  #pass(octets: Buffer, at: number, out: Buffer[]): number {
    const lineEnd = octets.indexOf(lf, at);
    this.#atLineStart = lineEnd >= 0;
    const end = lineEnd < 0 ? octets.length : lineEnd + 1;
    this.#take(octets.subarray(at, end), out);
    return end;
  }

  #take(piece: Buffer, out: Buffer[]): void {
    if (this.#part === 'kept') out.push(piece);
    if (this.#part !== 'from') return;
    this.#from.push(Buffer.from(piece));
    this.#fromOctets += piece.length;
    if (this.#fromOctets <= longestFrom) return;
    out.push(...this.#from);
    this.#from = [];
    this.#part = 'kept';
  }

  #endField(out: Buffer[]): void {
    if (this.#part === 'from') out.push(rewritten(Buffer.concat(this.#from), this.#rewrite));
    this.#from = [];
    this.#fromOctets = 0;
  }
}

/** Can a field that begins so be the one of this name? RFC 5322 §4.5: white space may stand before
 * the colon. */
function isBeginning(name: string, begin: string): boolean {
  const text = begin.toLowerCase();
  if (text.length <= name.length) return name.startsWith(text);
  return (
    text.startsWith(name) &&
    text.length <= longestName &&
    /^[ \t]*:?$/.test(text.slice(name.length))
  );
}

function rewritten(field: Buffer, rewrite: Rewrite | undefined): Buffer {
  const to = rewrite && parseAddress(rewrite.to);
  if (rewrite === undefined || to === undefined) return field;
  const text = field.toString('latin1');
  const bodyAt = text.indexOf(':') + 1;
  const isOurs = (address: Parameters<typeof isAmong>[1]) => isAmong(rewrite.from, address);
  const body = replaceAddresses(text.slice(bodyAt), isOurs, to);
  return body === undefined ? field : Buffer.from(text.slice(0, bodyAt) + body, 'latin1');
}
