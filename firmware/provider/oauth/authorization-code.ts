/*
 * The authorization code grant (RFC 6749 §4.1) with PKCE (RFC 7636), for a box that has no browser:
 * the person opens an address on a computer, and pastes back the one that the browser was sent to
 * at the end. Nothing listens there; the code in it is all that is wanted. Pure.
 */
import { createHash } from 'node:crypto';
import type { Random } from '#base/random';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { type OAuthProvider, redirectAddress } from './endpoints.ts';
import { shown, visible } from './json-object.ts';
import type { Denied } from './token-answer.ts';

/** What must not be guessed by anybody, kept until the answer comes. */
export interface CodeSecrets {
  readonly state: string;
  readonly verifier: string;
}

export function newSecrets(random: Random): CodeSecrets {
  return {
    state: random.octets(16).toString('base64url'),
    // RFC 7636 §4.1: 32 octets, which are 43 characters.
    verifier: random.octets(32).toString('base64url'),
  };
}

/** RFC 7636 §4.2, S256. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}

/** RFC 6749 §4.1.1, RFC 7636 §4.3: what the person opens. `login` fills in who signs in. */
export function addressToOpen(
  { client, scope, way }: OAuthProvider,
  { state, verifier }: CodeSecrets,
  login: string | undefined,
): string {
  const address = new URL(way.address);
  const parameters = {
    response_type: 'code',
    client_id: client,
    redirect_uri: redirectAddress,
    scope,
    state,
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    ...(login === undefined ? {} : { login_hint: login }),
    ...(way.kind === 'code' ? way.asks : {}),
  };
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}

const anew = 'Copy the whole address that the browser shows after signing in';

/** The code in what was pasted: the address the browser was sent to, or the bare code. */
export function readPasted(text: string, state: string): Result<string, Denied | Refusal> {
  // Terminals and mails break long lines; no part of an address has blanks.
  const pasted = text.replace(/\s+/g, '').replace(/^["'<]+|["'>]+$/g, '');
  if (pasted === '') return failed(refusal('bad-answer', `Nothing was pasted. ${anew}.`));
  if (!/[?#&]|^https?:|^(code|state|error)=/i.test(pasted)) return bareCode(pasted);
  const parameters = new URLSearchParams(pasted.replace(/^[^?#]*[?#]/, '').replace('#', '&'));
  const error = visible(parameters.get('error'), 200);
  if (error !== undefined) {
    return failed({ kind: 'denied', error, text: shown(parameters.get('error_description')) });
  }
  const code = visible(parameters.get('code'), 8192);
  if (parameters.has('code_challenge') || code === undefined) {
    return failed(
      refusal('bad-answer', `There is no answer in what was pasted. ${anew}, not before.`),
    );
  }
  // RFC 6749 §10.12: somebody may have given the person an address of their own making.
  if (parameters.get('state') !== state) {
    return failed(
      refusal(
        'bad-answer',
        'That is the answer to another sign-in, perhaps an older one. Begin the sign-in anew.',
      ),
    );
  }
  return ok(code);
}

/** Without its address no state comes along; PKCE binds the code to this sign-in all the same. */
function bareCode(pasted: string): Result<string, Refusal> {
  const code = visible(decoded(pasted), 8192);
  if (code !== undefined && code.length >= 4) return ok(code);
  return failed(refusal('bad-answer', `That is not the answer to a sign-in. ${anew}.`));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
