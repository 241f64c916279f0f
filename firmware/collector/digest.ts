/*
 * The second proof that a message is here already: a digest of it, over what no server changes. The
 * message is taken in canonical form (mail/message/canonical.ts), without the header fields that
 * are put on by whoever carries or keeps it (trace, RFC 5321 §4.4; delivery; marks of clients and
 * mailbox files). Everything else counts, octet for octet. Message-ID has no part of its own.
 *
 * Streams in any pieces. Memory is a few octets, also when a header line never ends.
 */
import { createHash } from 'node:crypto';
import { Canonical } from '#mail/message/canonical';

/** Fields that differ between two copies of one message. The last two are families. */
const changing =
  /^(?:(?:return-path|received|delivered-to|x-original-to|envelope-to|x-envelope-(?:to|from)|status|x-status|x-uidl?|x-keywords|x-imap(?:base)?|x-mozilla-keys|lines|content-length|x-gmail-labels)[ \t]*:|x-mozilla-status|x-gm-)/i;

/** Octets of a line that are enough to know such a field, with some white space before its colon. */
const nameOctets = 64;
const lf = 0x0a;
const emptyLine = Buffer.from('\r\n');

export interface Digests {
  /** 16 octets, of the message. */
  readonly digest: Buffer;
  /** 8 octets, of its header section alone. */
  readonly headDigest: Buffer;
}

export class MessageDigest {
  readonly #message = createHash('sha256');
  readonly #header = createHash('sha256');
  readonly #canonical = new Canonical();
  #inHeader = true;
  /** How the line under way begins, until it is known whether it counts. */
  #begin = '';
  /** Does the line under way count? Undefined: not known yet. */
  #counts: boolean | undefined;
  /** Does the field under way? */
  #fieldCounts = true;

  update(octets: Buffer): void {
    this.#take(this.#canonical.update(octets));
  }

  /** All of it was given. */
  end(): Digests {
    this.#take(this.#canonical.end());
    return {
      digest: this.#message.digest().subarray(0, 16),
      headDigest: this.#header.digest().subarray(0, 8),
    };
  }

  #take(octets: Buffer): void {
    let at = 0;
    while (this.#inHeader && at < octets.length) {
      at = this.#counts === undefined ? this.#beginLine(octets, at) : this.#goOn(octets, at);
    }
    if (at < octets.length) this.#message.update(octets.subarray(at));
  }

  /** At the beginning of a line; where it went on to. */
  #beginLine(octets: Buffer, from: number): number {
    const lineEnd = octets.indexOf(lf, from);
    const end = lineEnd < 0 ? octets.length : lineEnd + 1;
    const to = Math.min(end, from + nameOctets - this.#begin.length);
    this.#begin += octets.toString('latin1', from, to);
    const ended = to === end && lineEnd >= 0;
    if (!ended && this.#begin.length < nameOctets) return to;
    if (this.#begin === '\r\n') {
      this.#inHeader = false;
      this.#message.update(emptyLine);
      return to;
    }
    // RFC 5322 §2.2.3: a line that begins with white space goes on with the field above it.
    if (!/^[ \t]/.test(this.#begin)) this.#fieldCounts = !changing.test(this.#begin);
    if (this.#fieldCounts) this.#add(this.#begin);
    this.#begin = '';
    this.#counts = ended ? undefined : this.#fieldCounts;
    return to;
  }

  #goOn(octets: Buffer, from: number): number {
    const lineEnd = octets.indexOf(lf, from);
    const end = lineEnd < 0 ? octets.length : lineEnd + 1;
    if (this.#counts === true) this.#add(octets.subarray(from, end));
    if (lineEnd >= 0) this.#counts = undefined;
    return end;
  }

  /** Text: latin1. */
  #add(octets: Buffer | string): void {
    this.#message.update(octets, 'latin1');
    this.#header.update(octets, 'latin1');
  }
}

/** Of a header section by itself, as TOP gives it (RFC 1939 §7). */
export function headDigestOf(header: Buffer): Buffer {
  const digest = new MessageDigest();
  digest.update(header);
  return digest.end().headDigest;
}

/**
 * What a message too large to be fetched is known again by, should its unique-id change: its header
 * section and its size. It never equals the digest of a message.
 */
export function largeDigest(headDigest: Buffer, octets: number): Buffer {
  const hash = createHash('sha256').update('too large\0').update(headDigest).update(`${octets}`);
  return hash.digest().subarray(0, 16);
}
