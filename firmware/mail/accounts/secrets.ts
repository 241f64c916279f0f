/*
 * Shared secrets: CRAM-MD5 (RFC 2195 §2) and APOP (RFC 1939 §7) can only be checked by somebody
 * who has the password itself. So it is kept, under the device key, for those passwords alone whose
 * owner asked for that, and is opened only while an answer is checked. Sealed, it is bound to its
 * account (by the salt) and to its password's name, as the keys of keys.ts are.
 */
import type { Seal } from '#base/seal';

/** The password is prepared (names.ts). */
export function sealSecret(seal: Seal, salt: Buffer, name: string, password: string): Buffer {
  return seal.seal(purpose(salt, name), Buffer.from(password));
}

/** Undefined when another device key sealed it, or it is damaged. */
export function openSecret(
  seal: Seal,
  salt: Buffer,
  name: string,
  sealed: Buffer,
): string | undefined {
  return seal.open(purpose(salt, name), sealed)?.toString();
}

function purpose(salt: Buffer, name: string): string {
  return `shared secret ${salt.toString('hex')} ${name}`;
}
