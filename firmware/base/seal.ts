/*
 * Sealing secrets: AES-256-GCM under the device key (`secret.key`, 32 octets) or under a
 * passphrase's key (backups). Each seal is bound to its purpose, so that one kind of secret cannot
 * be put in another's place. Layout: version 1 (1 octet), nonce (12), tag (16), ciphertext.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const version = 1;
const nonceOctets = 12;
const tagOctets = 16;

/** A key of 32 octets that seals and opens. */
export class Seal {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (key.length !== 32) throw new Error('a sealing key has 32 octets');
    this.#key = key;
  }

  /** 32 octets that only this key gives for this purpose; they tell nothing about the key. */
  derive(purpose: string): Buffer {
    return createHmac('sha256', this.#key).update(purpose).digest();
  }

  seal(purpose: string, secret: Uint8Array): Buffer {
    const nonce = randomBytes(nonceOctets);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    cipher.setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]);
  }

  /** The secret, or undefined when it was sealed by another key, for another purpose,
   * or is damaged. */
  open(purpose: string, sealed: Uint8Array): Buffer | undefined {
    const body = 1 + nonceOctets + tagOctets;
    if (sealed.length < body || sealed[0] !== version) return undefined;
    const nonce = sealed.subarray(1, 1 + nonceOctets);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce);
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(sealed.subarray(1 + nonceOctets, body));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}
