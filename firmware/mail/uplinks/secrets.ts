/*
 * Sealing the secrets of uplinks: a password, or the tokens of an OAuth sign-in as text. Each is
 * bound to where and as whom it is used, so that nobody who can write into the database has the box
 * hand it to another host, or to the same one in the clear. Opened only to sign in.
 */
import type { Seal } from '#base/seal';
import type { UplinkRecord } from './records.ts';

export type UplinkSecret = { readonly password: string } | { readonly tokens: string };

export type SecretKind = NonNullable<UplinkRecord['secretKind']>;

/** What a secret is bound to. */
type Use = Pick<UplinkRecord, 'name' | 'host' | 'port' | 'security' | 'user'>;

export function kindOf(secret: UplinkSecret): SecretKind {
  return 'password' in secret ? 'password' : 'oauth';
}

export function sealSecret(seal: Seal, use: Use, secret: UplinkSecret): Buffer {
  const text = 'password' in secret ? secret.password : secret.tokens;
  return seal.seal(purpose(use, kindOf(secret)), Buffer.from(text));
}

/** Undefined when another device key sealed it, for another use, or it is damaged. */
export function openSecret(
  seal: Seal,
  use: Use,
  kind: SecretKind,
  sealed: Buffer,
): UplinkSecret | undefined {
  const text = seal.open(purpose(use, kind), sealed)?.toString();
  if (text === undefined) return undefined;
  return kind === 'password' ? { password: text } : { tokens: text };
}

function purpose({ name, host, port, security, user }: Use, kind: SecretKind): string {
  return `uplink ${JSON.stringify([kind, name, host, port, security, user])}`;
}
