/*
 * The arithmetic of SCRAM-SHA-256 (RFC 5802 §3, RFC 7677) that both sides do: HMAC, H, XOR, and
 * what the client signs. Deriving keys from a password is slow on purpose and done elsewhere:
 * by the accounts for the server, by client/scram.ts for the client.
 */
import { createHash, createHmac } from 'node:crypto';

/** Octets of a key, a proof, a signature. */
export const keyOctets = 32;

/** RFC 5802 §3: HMAC(key, str) */
export function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** RFC 5802 §3: H(str) */
export function digest(octets: Uint8Array): Buffer {
  return createHash('sha256').update(octets).digest();
}

/** RFC 5802 §3: XOR, of strings of equal length. */
export function exclusiveOr(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((octet, index) => octet ^ (other[index] ?? 0)));
}
