/*
 * How long a source's IMAP server may take and how much it may say, with the clause or the attack
 * that the limit is for. `patient` is for collecting, which nobody waits for; `brisk` for `source
 * test`, which a person watches. imapflow breaks a connection at the sizes given here.
 */
import type { DialWaits } from '#net/dial';

/** Milliseconds. */
export interface ImapWaits extends DialWaits {
  /** Silence from the connection to the end of the sign-in; no RFC sets any. */
  readonly greeting: number;
  /** Silence while a command is under way. */
  readonly quiet: number;
  /** Everything from the greeting to the end of the sign-in. */
  readonly signIn: number;
  /** A command in all, or, of one that gives messages, each message: ends a server that trickles. */
  readonly most: number;
  /** IDLE is begun anew after so long. RFC 2177 §3 wants it within 29 minutes; a home router may
   * forget a silent connection sooner, and a dead one is noticed then. */
  readonly idle: number;
  /** Between two NOOPs, where IDLE is not offered. */
  readonly poll: number;
  /** The answer to LOGOUT, which nobody needs. */
  readonly logout: number;
}

const second = 1000;
const minute = 60 * second;

export const patient: ImapWaits = {
  connect: minute,
  // Longer than the round trip of a bad mobile network; a dead IPv6 costs no more than this.
  address: 2500,
  greeting: minute,
  // A large folder that is opened for the first time may be indexed then.
  quiet: 3 * minute,
  signIn: 5 * minute,
  most: 10 * minute,
  idle: 9 * minute,
  poll: 2 * minute,
  logout: 5 * second,
};

export const brisk: ImapWaits = {
  ...patient,
  connect: 15 * second,
  greeting: 20 * second,
  quiet: 30 * second,
  signIn: minute,
  logout: 2 * second,
};

/** Octets of a message that are asked for at once, and the longest literal that is taken: one is in
 * memory at a time. Messages that are listed as shorter are asked for many at once. */
export const pieceOctets = 256 * 1024;

/** Octets of a line. A folder with 100,000 messages marked \Deleted makes the longest (SEARCH). */
export const lineOctets = 1024 * 1024;

/** Octets of a greeting that makes no sense, when it is told of. */
export const quotedOctets = 60;

/** Tokens of a response: each takes some hundred octets of memory while it is read. */
export const responseTokens = 20_000;

/** Octets of a header section. */
export const headerOctets = 64 * 1024;

/** A FETCH asks for so many messages, which are listed with so many octets, ... */
export const batchMessages = 200;
export const batchOctets = 8 * 1024 * 1024;

/** ... and names them in so many octets: RFC 2683 §3.2.1.5 wants lines of 1,000 at most. */
export const setOctets = 900;

/** Messages that a folder may list: stops a listing that does not end. */
export const listedMessages = 250_000;

/** Messages of a listing that are asked for, and in memory, at a time. */
export const windowMessages = 1000;

/** What may come in answer to one question beside what was asked for: a server may tell of others'
 * changes at any time (RFC 9051 §7), as when a client marks 10,000 messages as read. A response
 * costs some 50 microseconds, so this much is half a second's work. */
export const chatter = { responses: 10_000, octets: 2 * 1024 * 1024 } as const;
