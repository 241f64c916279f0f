/*
 * Signing in (RFC 4954): which mechanism, whether the connection is one that a secret may cross,
 * and XOAUTH2 with a token that others keep fresh. nodemailer does PLAIN, LOGIN and CRAM-MD5.
 */
import type { SMTPConnectionCustomAuthHandler } from 'nodemailer/lib/smtp-connection';
import { placeOf, plainAddress } from '#net/peer';
import type { UplinkTarget } from './connection.ts';

/** Codes of ConnectTrouble that are this file's. */
export type SignInObstacle = 'NO-SECRET' | 'IN-THE-CLEAR' | 'NO-AUTH' | 'NO-MECHANISM';

/** In our order: over TLS the plain ones are as good as any, and known to every server. */
const passwordMechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5'];

export interface Circumstances {
  readonly encrypted: boolean;
  /** The address we are connected to. */
  readonly remote: string;
  /** What the server offers, in upper case. */
  readonly mechanisms: ReadonlySet<string>;
}

export type SignInPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'with'; readonly mechanism: string }
  | { readonly kind: 'cannot'; readonly code: SignInObstacle; readonly detail: string };

export function signInPlan(
  { user, secret }: Pick<UplinkTarget, 'user' | 'secret'>,
  { encrypted, remote, mechanisms }: Circumstances,
): SignInPlan {
  if (user === undefined) return { kind: 'none' };
  if (secret === undefined) return cannot('NO-SECRET', `there is no password for ${user}`);
  // RFC 4954 §4, RFC 8314 §3.3: a password never crosses the network in the clear.
  if (!encrypted && placeOf(plainAddress(remote)) !== 'loopback') {
    return cannot('IN-THE-CLEAR', `the connection to ${remote} is not encrypted`);
  }
  if (mechanisms.size === 0) return cannot('NO-AUTH', 'the server offers no sign-in');
  const wanted = 'accessToken' in secret ? ['XOAUTH2'] : passwordMechanisms;
  const mechanism = wanted.find((one) => mechanisms.has(one));
  if (mechanism !== undefined) return { kind: 'with', mechanism };
  return cannot('NO-MECHANISM', `the server signs in only by ${[...mechanisms].join(', ')}`);
}

function cannot(code: SignInObstacle, detail: string): SignInPlan {
  return { kind: 'cannot', code, detail };
}

/** Under this name nodemailer knows our way of XOAUTH2: under its own it wants to fetch the token
 * itself, or else takes another mechanism. */
export const tokenMethod = 'RESTANTE-TOKEN';

/**
 * XOAUTH2, which Google and Microsoft document: initial response "user=" user ^A "auth=Bearer "
 * token ^A ^A. A token that is refused is answered with 334 and JSON, and the refusal proper comes
 * after an empty line.
 */
export function xoauth2(user: string, accessToken: string): SMTPConnectionCustomAuthHandler {
  return async ({ sendCommand }) => {
    const initial = Buffer.from(`user=${user}\x01auth=Bearer ${accessToken}\x01\x01`);
    let answer = await sendCommand(`AUTH XOAUTH2 ${initial.toString('base64')}`);
    if (answer.status === 334) answer = await sendCommand('');
    // nodemailer puts the server's answer into the error.
    if (answer.status !== 235) throw new Error('the access token was refused');
  };
}
