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

/** As it lies in the record of an uplink or a source. */
export interface SealedSecret {
  readonly secret: Buffer;
  readonly secretKind: SecretKind;
}

export function sealed(seal: Seal, use: SecretUse, secret: SignInSecret): SealedSecret {
  const secretKind = 'password' in secret ? 'password' : 'oauth';
  const text = 'password' in secret ? secret.password : secret.tokens;
  return { secret: seal.seal(purpose(use, secretKind), Buffer.from(text)), secretKind };
}

/** 'unreadable': another device key sealed it, for another use, or it is damaged. */
export function opened(
  seal: Seal,
  use: SecretUse,
  { secret, secretKind }: Partial<SealedSecret>,
): SignInSecret | 'none' | 'unreadable' {
  if (secret === undefined || secretKind === undefined) return 'none';
  const text = seal.open(purpose(use, secretKind), secret)?.toString();
  if (text === undefined) return 'unreadable';
  return secretKind === 'password' ? { password: text } : { tokens: text };
}

function purpose({ of, name, host, port, security, user }: SecretUse, kind: SecretKind): string {
  return `${of} ${JSON.stringify([kind, name, host, port, security, user])}`;
}
