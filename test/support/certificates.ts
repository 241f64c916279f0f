/*
 * Certificates for servers of tests, made in the process: good ones, and ones that are wrong in one
 * way. Not for the box, which has its own (firmware/net/tls).
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const usages: ('sign' | 'verify')[] = ['sign', 'verify'];
const day = 24 * 3600 * 1000;

interface Keys {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

/** PEM, as node:tls wants them. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface Wanted {
  /** Names and IP addresses; loopback's when left out. */
  readonly names?: readonly string[];
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
}

export class TestAuthority {
  readonly #keys: Keys;
  readonly #certificate: x509.X509Certificate;

  private constructor(keys: Keys, certificate: x509.X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
  }

  static async make(): Promise<TestAuthority> {
    const keys = await crypto.subtle.generateKey(algorithm, true, usages);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      // Each has a name of its own: a program may be given several to trust.
      name: `CN=Authority ${randomUUID()} of the tests`,
      ...span({ from: -400, to: 400 }),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
    });
    return new TestAuthority(keys, certificate);
  }

  /** Its own certificate, for whoever is to trust it. */
  get pem(): string {
    return this.#certificate.toString('pem');
  }

  async issue(wanted: Wanted = {}): Promise<Certificate> {
    const keys = await crypto.subtle.generateKey(algorithm, true, usages);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: 'CN=A server of the tests',
      issuer: this.#certificate.subjectName,
      ...span(wanted),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [alternativeNames(wanted)],
    });
    return pair(keys, certificate);
  }
}

export async function selfSigned(wanted: Wanted = {}): Promise<Certificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, usages);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=A server of the tests',
    ...span(wanted),
    signingAlgorithm: algorithm,
    keys,
    extensions: [alternativeNames(wanted)],
  });
  return pair(keys, certificate);
}

function span({ from = -1, to = 30 }: Wanted): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now + from * day), notAfter: new Date(now + to * day) };
}

function alternativeNames({ names = ['localhost', '127.0.0.1', '::1'] }: Wanted) {
  return new x509.SubjectAlternativeNameExtension(
    names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
  );
}

async function pair(keys: Keys, certificate: x509.X509Certificate): Promise<Certificate> {
  const octets = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = x509.PemConverter.encode(octets, x509.PemConverter.PrivateKeyTag);
  return { key, cert: certificate.toString('pem') };
}
