/*
 * How long a POP3 server may take for each step, and how much of what nobody wants is read from it,
 * each with what it is for. RFC 1939 sets no times for clients. `patient` is for collecting, which
 * nobody waits for; `brisk` for `source test`, which a person watches. What a server may say is
 * limited in protocol/pop3/client/limits.ts.
 */
import type { DialWaits } from '#net/dial';

/** Milliseconds. */
export interface Pop3Waits extends DialWaits {
  /** Some look up who comes before they greet, or greet late to keep robots out. */
  readonly greeting: number;
  /** Each command up to the end of the sign-in, the handshake of STLS included; a sign-in also
   * opens the maildrop, which takes long where it is one file. */
  readonly command: number;
  /** What is begun goes on within this time, by `signOfLife` octets at least; and the first
   * octet of the answer to LIST, UIDL, TOP, RETR and DELE. */
  readonly answer: number;
  /** QUIT, when messages are marked: giving up too early here leaves it open whether they are
   * removed. A maildrop that is one file is written anew. */
  readonly update: number;
  /** QUIT, when there is nothing to do. */
  readonly quit: number;
}

const second = 1000;
const minute = 60 * second;

export const patient: Pop3Waits = {
  connect: minute,
  // Longer than the round trip of a bad mobile network; a dead IPv6 costs no more than this.
  address: 2500,
  greeting: 2 * minute,
  command: 3 * minute,
  answer: 3 * minute,
  update: 10 * minute,
  quit: 10 * second,
};

export const brisk: Pop3Waits = {
  ...patient,
  connect: 15 * second,
  greeting: 20 * second,
  command: 30 * second,
  answer: 30 * second,
  quit: 2 * second,
};

/** Fewer octets than this are no sign that a server lives. Stops one that keeps us by a drip. */
export const signOfLife = 1024;

/** How far requests go ahead of their answers where PIPELINING is offered: so many, and messages of
 * so many listed octets together, the one that is coming among them. Enough to fill a line to the
 * other end of the world (10 Mbit/s, 200 ms); a connection that is cut throws no more away. */
export const requestsAhead = 16;
export const octetsAhead = 262_144;

/** What a message counts for that was listed without a size. */
export const unknownSize = 65_536;

/** Octets of a header section that are handed out. Longer ones are cut. */
export const headerOctets = 65_536;

/** Octets of an answer to TOP with no lines of the body, before it is one that does not end:
 * servers that send the whole message are met. */
export const topOctets = 8_388_608;

/**
 * Octets of a message that are read and thrown away once its receiver wants no more of it. POP3 has
 * no other way to stop a message than to break the connection, which forgets all marks of DELE and
 * meets servers that let nobody in for minutes (RFC 2449 §6.5); so a message is let pass, and only
 * one that does not end breaks the connection.
 */
export const passingOctets = 67_108_864;

/** Seconds of LOGIN-DELAY (RFC 2449 §6.5) that are believed: a server that says more, by a slip or by
 * malice, would be left alone for ever. */
export const longestLoginDelay = 86_400;

/** Messages in a page of the listing. */
export const pageMessages = 1_000;
