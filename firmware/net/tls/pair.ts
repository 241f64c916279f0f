/*
 * A certificate with its private key, ready to be served, and the TLS that it is served with:
 * 1.2 and later, forward secrecy only, no renegotiation, resumption by tickets (RFC 5077,
 * RFC 8446 §2.2), so that a phone that looks for mail every few minutes pays for one handshake.
 */
import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { failed, ok, type Result } from '#base/result';

export interface Pair {
  /** PEM; the certificate itself first, then those that lead to an authority. */
  readonly chain: string;
  /** PEM. */
  readonly key: string;
  readonly certificate: X509Certificate;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Checks that the two PEM texts belong together. The error is a sentence for a person. */
export function readPair(chain: string, key: string): Result<Pair, string> {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(chain);
  } catch {
    return failed('The certificate file holds no certificate in PEM form.');
  }
  const privateKey = readKey(key);
  if (!privateKey.ok) return privateKey;
  if (!certificate.checkPrivateKey(privateKey.value)) {
    return failed('The key does not belong to the (first) certificate.');
  }
  const { notBefore, notAfter } = validity(certificate);
  const pair = { chain, key, certificate, notBefore, notAfter };
  try {
    createSecureContext({ cert: chain, key, ca: [] });
  } catch (error) {
    return failed(`OpenSSL refuses the certificate: ${(error as Error).message}.`);
  }
  return ok(pair);
}

function readKey(key: string): Result<KeyObject, string> {
  if (key.includes('ENCRYPTED')) {
    return failed('The key is protected by a passphrase, which nobody could type at the box.');
  }
  try {
    return ok(createPrivateKey(key));
  } catch {
    return failed('The key file holds no private key in PEM form.');
  }
}

function validity(certificate: X509Certificate): { notBefore: number; notAfter: number } {
  return {
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  };
}

/** RFC 9325 §4.2: forward secrecy and authenticated encryption. */
const safeCiphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE+AESGCM',
  'ECDHE+CHACHA20',
].join(':');
/**
 * RFC 2246 §9 and RFC 4346 §9 want 3DES of everybody, but Node's OpenSSL is built without it and
 * without RC4: AES with RSA key exchange (RFC 3268) is the oldest there is. OpenSSL counts SHA-1
 * signatures, which TLS 1.0 cannot do without, as security level 0.
 */
const oldCiphers = `${safeCiphers}:ECDHE+AES:RSA+AES:@SECLEVEL=0`;
/** How long (s) a session can be resumed. RFC 5077 §5.6 advises at most 24 hours. */
const resumable = 24 * 3600;
/**
 * A cipher that the client puts first because it has no AES in hardware is fast for it; boards
 * without AES instructions are glad of it too.
 */
const options = constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_PRIORITIZE_CHACHA;

/**
 * How pairs are served: to all, or to devices the owner has named that know nothing newer than
 * TLS 1.0 (RFC 8996 forbids it). Of several pairs, each with another kind of key, a client gets
 * the one its ciphers go with. `ticketKeys` (48 octets) shared by all contexts lets a session
 * resume after a swap.
 */
export function contextFor(
  pairs: readonly Pair[],
  ticketKeys: Buffer,
  age: 'modern' | 'old',
): SecureContext {
  return createSecureContext({
    cert: pairs.map(({ chain }) => chain),
    key: pairs.map(({ key }) => key),
    // Nobody signs in by certificate: the world's root certificates stay out of memory.
    ca: [],
    minVersion: age === 'modern' ? 'TLSv1.2' : 'TLSv1',
    ciphers: age === 'modern' ? safeCiphers : oldCiphers,
    honorCipherOrder: true,
    secureOptions: options,
    ticketKeys,
    sessionTimeout: resumable,
    sessionIdContext: 'restante',
  });
}
