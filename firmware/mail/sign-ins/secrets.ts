/*
 * Sealing the secrets of uplinks and sources: a password, or the tokens of an OAuth sign-in as
 * text. Each is bound to where and as whom it is used, so that nobody who can write into the
 * database has the box hand it to another host, or to the same one in the clear. Opened only to
 * sign in.
 */
import type { Seal } from '#base/seal';
import type { UplinkSecurity } from '../uplinks/records.ts';

export type SignInSecret = { readonly password: string } | { readonly tokens: string };

export type SecretKind = 'password' | 'oauth';

/** What a secret is bound to. */
export interface SecretUse {
  readonly of: 'uplink' | 'source';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly security: UplinkSecurity;
  readonly user?: string;
}

export function kindOf(secret: SignInSecret): SecretKind {
  return 'password' in secret ? 'password' : 'oauth';
}

export function sealSecret(seal: Seal, use: SecretUse, secret: SignInSecret): Buffer {
  const text = 'password' in secret ? secret.password : secret.tokens;
  return seal.seal(purpose(use, kindOf(secret)), Buffer.from(text));
}

/** Undefined when another device key sealed it, for another use, or it is damaged. */
export function openSecret(
  seal: Seal,
  use: SecretUse,
  kind: SecretKind,
  sealed: Buffer,
): SignInSecret | undefined {
  const text = seal.open(purpose(use, kind), sealed)?.toString();
  if (text === undefined) return undefined;
  return kind === 'password' ? { password: text } : { tokens: text };
}

function purpose({ of, name, host, port, security, user }: SecretUse, kind: SecretKind): string {
  return `${of} ${JSON.stringify([kind, name, host, port, security, user])}`;
}
