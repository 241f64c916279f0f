/*
 * How long a provider's server may take for each step and how much it may say, with the clause or
 * the attack that the limit is for. `patient` is for the queue, which nobody waits for; `brisk` for
 * `uplink test`, which a person watches.
 */
import type { DialWaits } from '#net/dial';

/** Milliseconds. */
export interface Waits extends DialWaits {
  readonly greeting: number;
  /** Each command from EHLO to the end of the sign-in, the handshake of STARTTLS included. */
  readonly command: number;
  /** The envelope: for its first answer, and for each recipient more. */
  readonly envelope: number;
  /** A block of the message that the server takes. */
  readonly block: number;
  /** The answer to the end of the message. */
  readonly end: number;
  /** The answer to QUIT, which nobody needs. */
  readonly quit: number;
}

const second = 1000;
const minute = 60 * second;

export const patient: Waits = {
  connect: minute,
  // Longer than the round trip of a bad mobile network; a dead IPv6 costs no more than this.
  address: 2500,
  // RFC 5321 §4.5.3.2.1
  greeting: 5 * minute,
  // RFC 5321 §4.5.3.2 names none for EHLO and AUTH; as for MAIL.
  command: 5 * minute,
  // RFC 5321 §4.5.3.2.2, §4.5.3.2.3; DATA's two minutes (§4.5.3.2.4) are within.
  envelope: 5 * minute,
  // RFC 5321 §4.5.3.2.5
  block: 3 * minute,
  // RFC 5321 §4.5.3.2.6: giving up too early here is what makes doubles.
  end: 10 * minute,
  quit: 2 * second,
};

export const brisk: Waits = {
  ...patient,
  connect: 15 * second,
  greeting: 20 * second,
  command: 30 * second,
};

/** Octets of answers to one command, or to one envelope: stops a server that never stops talking.
 * A recipient's answer of several lines fits a hundred times. */
export const answerOctets = 65_536;
