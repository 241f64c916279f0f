/*
 * A password's SCRAM-SHA-256 keys (RFC 5802 §3, RFC 7677): what is kept instead of the password.
 * They check PLAIN and LOGIN, too. Sealed, they are bound to their account (by its salt, which no
 * other account has) and to their password's name. Deriving them is slow on purpose: see
 * derivations.ts.
 */
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '#base/random';
import type { Seal } from '#base/seal';

export interface Keys {
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

const keyOctets = 32;
const stretch = promisify(pbkdf2);

/** RFC 5802 §3: SaltedPassword := Hi(Normalize(password), salt, i). The password is prepared. */
export async function deriveKeys(password: string, salt: Buffer, rounds: number): Promise<Keys> {
  const salted = await stretch(password, salt, rounds, keyOctets, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  return {
    storedKey: createHash('sha256').update(clientKey).digest(),
    serverKey: createHmac('sha256', salted).update('Server Key').digest(),
  };
}

export function sealKeys(seal: Seal, salt: Buffer, name: string, keys: Keys): Buffer {
  return seal.seal(purpose(salt, name), Buffer.concat([keys.storedKey, keys.serverKey]));
}

/** Undefined when another device key sealed them, or they are damaged. */
export function openKeys(seal: Seal, salt: Buffer, name: string, sealed: Buffer): Keys | undefined {
  const both = seal.open(purpose(salt, name), sealed);
  if (both?.length !== 2 * keyOctets) return undefined;
  return { storedKey: both.subarray(0, keyOctets), serverKey: both.subarray(keyOctets) };
}

/** Compares in constant time. */
export function sameKeys(one: Keys, two: Keys): boolean {
  return timingSafeEqual(one.storedKey, two.storedKey);
}

function purpose(salt: Buffer, name: string): string {
  return `scram-sha-256 ${salt.toString('hex')} ${name}`;
}

/** Letters that cannot be taken for one another when read aloud or typed from paper. */
const letters = 'abcdefghjkmnpqrstuvwxyz';

/** An app password, such as "kfwe-ymtq-anzd-bpcu": 72 bits, easy to type on a phone. */
export function inventPassword(random: Random): string {
  const fair = 256 - (256 % letters.length);
  let text = '';
  while (text.length < 16) {
    for (const octet of random.octets(24)) {
      if (octet < fair && text.length < 16) text += letters[octet % letters.length];
    }
  }
  return text.replace(/.{4}(?=.)/g, '$&-');
}
