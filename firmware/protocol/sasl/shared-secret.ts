/*
 * What CRAM-MD5 (RFC 2195 §2) and APOP (RFC 1939 §7) have in common: the server says a text that it
 * never said before, the client answers with a digest of it and the secret they share. The text has
 * the form of an RFC 822 msg-id with the box's name in it. In place of the clock, which protocols
 * here do not read, stands a random number that nobody will meet twice.
 */
import { timingSafeEqual } from 'node:crypto';
import { CharacterSet, range } from '#base/cursor';
import type { Random } from '#base/random';

const randomOctets = 16;

/** `<0c5b...e1@host.name>` */
export function freshText(random: Random, hostName: string): string {
  return `<${random.octets(randomOctets).toString('hex')}@${hostName}>`;
}

/** Both RFCs: a digest is sent in hexadecimal, with lower-case letters. */
export const digestCharacters = new CharacterSet(`${range('0', '9')}${range('a', 'f')}`);

/** Compares in constant time. */
export function sameDigest(given: string, right: string): boolean {
  return given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right));
}
