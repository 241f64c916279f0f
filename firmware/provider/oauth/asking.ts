/*
 * Asks a token endpoint (RFC 6749 §3.2), and turns whatever comes back into tokens, a refusal by
 * its code, or a trouble in words. The forms of the three grants stand here side by side.
 */
import { failed, ok, type Result } from '#base/result';
import { type OAuthProvider, redirectAddress } from './endpoints.ts';
import type { HttpsPost, OAuthTrouble } from './ports.ts';
import { type Denied, readTokenAnswer } from './token-answer.ts';
import type { Granted, Tokens } from './tokens.ts';
import { unfitWords, unreachableWords } from './words.ts';

export type Form = Readonly<Record<string, string>>;

export interface Asking {
  readonly https: HttpsPost;
  readonly clockIsSane: () => boolean;
}

export async function askForTokens(
  { https, clockIsSane }: Asking,
  provider: OAuthProvider,
  form: Form,
): Promise<Result<Granted, Denied | OAuthTrouble>> {
  const { token: address, ca } = provider;
  const reply = await https.post(address, form, ca);
  if (!reply.ok) return failed(unreachableWords(provider, address, reply.error, clockIsSane()));
  const answer = readTokenAnswer(reply.value);
  switch (answer.kind) {
    case 'granted':
      return ok(answer.granted);
    case 'denied':
      return failed(answer);
    case 'unfit':
      return failed(unfitWords(provider, address, answer.detail));
  }
}

/** RFC 8628 §3.4. */
export function deviceForm(provider: OAuthProvider, deviceCode: string): Form {
  return {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: deviceCode,
    ...clientOf(provider),
  };
}

/** RFC 6749 §4.1.3, RFC 7636 §4.5. */
export function codeForm(provider: OAuthProvider, code: string, verifier: string): Form {
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectAddress,
    code_verifier: verifier,
    ...clientOf(provider),
  };
}

/** RFC 6749 §6. The scope is left out: it stays what was granted. */
export function renewalForm(provider: OAuthProvider, { client, refresh }: Tokens): Form {
  const same = client === provider.client ? clientOf(provider) : { client_id: client };
  return { grant_type: 'refresh_token', refresh_token: refresh, ...same };
}

/** RFC 6749 §2.3.1: who asks; with a secret where the provider gave one. */
function clientOf({ client, secret }: OAuthProvider): Form {
  return { client_id: client, ...(secret === undefined ? {} : { client_secret: secret }) };
}
