/*
 * The box's own certificate authority, made at first start. People import `ca.pem` on their
 * devices once; it lasts 20 years, for replacing it means going to every device again, and its
 * critical name constraints keep a stolen key from being worth more than this box.
 * `ca.key.sealed` is the truth (certificate, key and names in one file, so that a power cut leaves
 * all or nothing); `ca.pem` is a copy to hand out. It is never replaced silently.
 */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '#base/durable-file';
import type { Random } from '#base/random';
import { failed, ok, type Result, type Trouble, trouble } from '#base/result';
import type { Seal } from '#base/seal';
import { type Issued, issue } from './issuer.ts';

const day = 24 * 3600 * 1000;
const lifetime = 20 * 365 * day;
/** Wrong clocks: a device that lags, or a box that starts before it knows the time. */
export const backdated = 7 * day;
const purpose = 'tls ca key';

export interface Authority extends Issued {
  /** The DNS names it may sign for. */
  readonly names: readonly string[];
}

export type AuthorityTrouble = Trouble<'authority-lost'>;

export interface AuthorityParts {
  /** The folder `tls` in the data directory; it exists. */
  readonly folder: string;
  readonly seal: Seal;
  readonly random: Random;
}

/** The authority, made for `names` at `now` when there never was one. Throws file errors. */
export async function openAuthority(
  parts: AuthorityParts,
  names: readonly string[],
  now: number,
): Promise<Result<Authority, AuthorityTrouble>> {
  const sealed = await contentOf(join(parts.folder, 'ca.key.sealed'));
  const handedOut = await contentOf(join(parts.folder, 'ca.pem'));
  if (sealed === undefined && handedOut === undefined) return ok(await make(parts, names, now));
  const opened = sealed && parts.seal.open(purpose, sealed);
  if (opened === undefined) return failed(lost(sealed !== undefined));
  const authority: Authority = JSON.parse(opened.toString());
  if (handedOut?.toString() !== authority.certificate) await handOut(parts, authority);
  return ok(authority);
}

/** SHA-256 over the certificate, as phones and browsers show it: `AA:BB:...`. */
export function fingerprintOf(authority: Authority): string {
  return new X509Certificate(authority.certificate).fingerprint256;
}

async function make(
  parts: AuthorityParts,
  names: readonly string[],
  now: number,
): Promise<Authority> {
  // Two boxes in one house, or one box set up anew: a device must be able to tell them apart.
  const mark = parts.random.octets(3).toString('hex').toUpperCase();
  const issued = await issue({
    kind: 'authority',
    commonName: `Restante mail box ${mark}`,
    names,
    notBefore: now - backdated,
    notAfter: now + lifetime,
  });
  const authority = { ...issued, names };
  const content = parts.seal.seal(purpose, Buffer.from(JSON.stringify(authority)));
  await writeDurably(join(parts.folder, 'ca.key.sealed'), content, 0o600);
  await handOut(parts, authority);
  return authority;
}

function handOut(parts: AuthorityParts, authority: Authority): Promise<void> {
  return writeDurably(join(parts.folder, 'ca.pem'), authority.certificate, 0o644);
}

function lost(present: boolean): AuthorityTrouble {
  const what = present
    ? 'tls/ca.key.sealed cannot be opened: it is damaged, or was sealed by another secret.key'
    : 'tls/ca.key.sealed is gone';
  return trouble(
    'authority-lost',
    `The key of the box's certificate authority is lost (${what}). Restore it from a backup. ` +
      'Or remove tls/ca.pem and tls/ca.key.sealed and start again to make a new authority; ' +
      'then every device has to import the new tls/ca.pem.',
    what,
    false,
  );
}

/** A file's content, or undefined when there is no such file. */
export async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
