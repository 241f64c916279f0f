/*
 * The certificates the box makes for itself, signed by its own authority: one with an EC key for
 * everybody, and one with an RSA key for old devices. Each is for its names and its private
 * addresses, 397 days (phones refuse more than 398), made anew 30 days before its end or
 * when a name or an address is missing in it. An address that went away is no reason. Lost or
 * damaged files are no reason to worry: it is made again.
 */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { writeDurably } from '#base/durable-file';
import type { Seal } from '#base/seal';
import { type Authority, backdated, contentOf } from './authority.ts';
import { issue, type KeyKind } from './issuer.ts';
import { type Pair, readPair } from './pair.ts';

const day = 24 * 3600 * 1000;
const lifetime = 397 * day;
const renewBefore = 30 * day;

interface Place {
  readonly chain: string;
  readonly key: string;
  /** What the key is sealed for. */
  readonly purpose: string;
}

const places: Readonly<Record<KeyKind, Place>> = {
  ec: { chain: 'leaf.pem', key: 'leaf.key.sealed', purpose: 'tls leaf key' },
  rsa: { chain: 'leaf-rsa.pem', key: 'leaf-rsa.key.sealed', purpose: 'tls rsa leaf key' },
};

/** What the certificate must hold. */
export interface Subject {
  /** The host name first: it becomes the common name. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

export interface LeafParts {
  readonly folder: string;
  readonly seal: Seal;
}

/** The names among `names` that the authority may sign for; one wrong name spoils a whole leaf. */
export function permittedNames(authority: Authority, names: readonly string[]): string[] {
  // RFC 5280 §4.2.1.10: a name constraint holds for the domain and everything below it.
  return names.filter((name) =>
    authority.names.some((permitted) => name === permitted || name.endsWith(`.${permitted}`)),
  );
}

/** The leaf on disk, when its parts are whole and belong together. */
export async function readLeaf(parts: LeafParts, keys: KeyKind): Promise<Pair | undefined> {
  const place = places[keys];
  const chain = await contentOf(join(parts.folder, place.chain));
  const sealed = await contentOf(join(parts.folder, place.key));
  const key = sealed && parts.seal.open(place.purpose, sealed);
  if (chain === undefined || key === undefined) return undefined;
  const pair = readPair(chain.toString(), key.toString());
  return pair.ok ? pair.value : undefined;
}

/** Can this leaf go on serving at `now`? */
export function stillGood(
  leaf: Pair,
  authority: Authority,
  subject: Subject,
  now: number,
): boolean {
  const { certificate } = leaf;
  const names = certificate.subjectAltName?.split(', ') ?? [];
  return (
    leaf.notBefore <= now &&
    now < leaf.notAfter - renewBefore &&
    certificate.verify(new X509Certificate(authority.certificate).publicKey) &&
    subject.names.every((name) => names.includes(`DNS:${name}`)) &&
    subject.addresses.every((address) => certificate.checkIP(address) !== undefined)
  );
}

/** Makes a new leaf and writes it. A power cut between the two files leaves a pair that is
 * refused. */
export async function makeLeaf(
  parts: LeafParts,
  keys: KeyKind,
  authority: Authority,
  subject: Subject,
  now: number,
): Promise<Pair> {
  const issued = await issue({
    kind: 'leaf',
    keys,
    authority,
    // RFC 5280 appendix A.1: a common name has at most 64 characters.
    commonName: (subject.names[0] ?? 'restante').slice(0, 64),
    names: subject.names,
    addresses: subject.addresses,
    notBefore: now - backdated,
    notAfter: now - backdated + lifetime,
  });
  const place = places[keys];
  const sealed = parts.seal.seal(place.purpose, Buffer.from(issued.key));
  await writeDurably(join(parts.folder, place.key), sealed, 0o600);
  await writeDurably(join(parts.folder, place.chain), issued.certificate, 0o644);
  const pair = readPair(issued.certificate, issued.key);
  if (!pair.ok) throw new Error(`our own new certificate is no good: ${pair.error}`);
  return pair.value;
}
