/*
 * Why signing in, or staying signed in, did not work: in words for a person, with what to do. One
 * table for refusals of the token endpoint (RFC 6749 §5.2, RFC 8628 §3.5, and what Microsoft and
 * Google say beyond them), one for a provider that cannot be reached.
 */
import type { OAuthProvider, OAuthProviderKey } from './endpoints.ts';
import type { OAuthTrouble, PostTrouble } from './ports.ts';
import type { Denied } from './token-answer.ts';

/** What was tried: a new sign-in, or the renewal of one. */
export type Attempt = 'sign-in' | 'renewal';

interface DeniedRow {
  /** Any, when not there. */
  readonly provider?: OAuthProviderKey;
  readonly attempt?: Attempt;
  readonly error: RegExp;
  readonly text?: RegExp;
  readonly say: (provider: OAuthProvider) => string;
}

/** The first row that fits speaks. */
const denials: readonly DeniedRow[] = [
  {
    error: /^(access_denied|authorization_declined)$/,
    say: ({ name }) => `The sign-in was declined at ${name}. Begin anew, and allow it there.`,
  },
  {
    error: /^(expired_token|code_expired|bad_verification_code)$/,
    say: () => 'The code ran out before it was used. Begin the sign-in anew.',
  },
  {
    // https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    provider: 'microsoft',
    error: /^(invalid_client|unauthorized_client)$/,
    text: /^AADSTS70002(18)?\b/,
    say: () =>
      'Microsoft takes this OAuth client for one with a secret. Turn on "Allow public client ' +
      'flows" for it at https://entra.microsoft.com (App registrations, Authentication).',
  },
  {
    // Google gives a secret even to a client that cannot keep one, and asks for it.
    provider: 'google',
    error: /^(invalid_request|invalid_client)$/,
    text: /client_secret|client secret/i,
    say: () =>
      'Google wants the secret of the OAuth client too. Download its JSON file from ' +
      'https://console.cloud.google.com and name it: ' +
      'restante settings set oauth.google.secret /path/of/that/file',
  },
  {
    error: /^(invalid_client|unauthorized_client)$/,
    say: ({ name, key }) =>
      `${name} does not accept the OAuth client of this box. Check the setting ` +
      `oauth.${key}.client, and what that client may do there.`,
  },
  {
    error: /^invalid_scope$/,
    say: ({ name }) =>
      `${name} does not let this OAuth client send and read mail. Add these permissions to it there.`,
  },
  {
    attempt: 'sign-in',
    error: /^invalid_grant$/,
    say: ({ name }) => `${name} does not take this answer (any more). Begin the sign-in anew.`,
  },
  {
    provider: 'google',
    error: /^invalid_grant$/,
    say: () =>
      'Google has ended the sign-in: it was revoked there, or the password was changed, or the ' +
      'OAuth client is still in testing, which ends every sign-in after 7 days. Sign in anew.',
  },
  {
    error: /^(invalid_grant|interaction_required|login_required|consent_required)$/,
    say: ({ name }) =>
      `${name} has ended the sign-in: it was revoked there, or the password was changed, or it ` +
      'was not used for too long. Sign in anew.',
  },
  {
    error: /^unsupported_grant_type$|^unsupported_response_type$/,
    say: ({ name, key }) =>
      `${name} does not offer this way of signing in. Check the addresses in oauth.${key}.*.`,
  },
];

/** A refusal of the token endpoint (or, at a sign-in, of the page): a person is needed. */
export function deniedWords(
  provider: OAuthProvider,
  attempt: Attempt,
  { error, text }: Omit<Denied, 'kind'>,
): OAuthTrouble {
  const row = denials.find(
    (one) =>
      (one.provider ?? provider.key) === provider.key &&
      (one.attempt ?? attempt) === attempt &&
      one.error.test(error) &&
      (one.text?.test(text) ?? true),
  );
  const own = text === '' ? '' : ` It said: ${text}`;
  const what = attempt === 'sign-in' ? 'refused the sign-in' : 'does not renew the sign-in';
  const say = row?.say(provider) ?? `${provider.name} ${what} (${error}).${own}`;
  return { kind: 'sign-in', code: error, say, detail: `${error} ${text}`.trim() };
}

/** Of `movedWords`: nobody was asked. */
export const movedCode = 'moved';

/**
 * RFC 6749 §10.4: a refresh token is shown to the server alone that gave it. The settings name another
 * one by now.
 */
export function movedWords({ name, key, token }: OAuthProvider, server: string): OAuthTrouble {
  const say =
    `${name} gave this sign-in at ${hostOf(server)}, and oauth.${key}.token names another address ` +
    `(${hostOf(token)}) now. Sign in anew, or set oauth.${key}.token back to ${server}.`;
  return { kind: 'sign-in', code: movedCode, say, detail: `${server} is now ${token}` };
}

const clock = 'Wait until the box has the time from the network, or set its clock.';

/** Why the provider's server was not heard, by the code of Node or OpenSSL. */
export function unreachableWords(
  { name }: { readonly name: string },
  address: string,
  { code, detail }: PostTrouble,
  clockIsSane: boolean,
): OAuthTrouble {
  const host = hostOf(address);
  const say = reason(name, host, code, clockIsSane);
  return { kind: 'unreachable', code, say, detail: `${host}: ${code} ${detail}`.trim() };
}

function reason(name: string, host: string, code: string, clockIsSane: boolean): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'ENODATA':
      return `The name ${host} was not found. Is the box online?`;
    case 'ECONNREFUSED':
      return `${host} refuses connections. Is something on the network in the way?`;
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'ENETDOWN':
      return `There is no way to ${host}. Is the box online?`;
    case 'ETIMEDOUT':
    case 'TIMEOUT':
      return `${host} did not answer in time. It is tried again later.`;
    case 'TOO_LARGE':
      return `${host} answered with far more than a sign-in needs. Is ${name}'s address right?`;
    case 'CERT_NOT_YET_VALID':
    case 'CERT_HAS_EXPIRED':
      return clockIsSane
        ? `The certificate of ${host} is ${code === 'CERT_HAS_EXPIRED' ? 'out of date' : 'not valid yet'}. ` +
            'That is for its owner to mend.'
        : `The box's clock is wrong, so the certificate of ${host} cannot be checked. ${clock}`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `Another server answered for ${host}: its certificate has a different name.`;
    case 'CERT_SIGNATURE_FAILURE':
    case 'CERT_UNTRUSTED':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return (
        `The certificate of ${host} comes from nobody the box trusts. Something on the network ` +
        'may be listening in; nothing was sent.'
      );
    case 'NOT_HTTPS':
      return `${host} is not an https address, and secrets go nowhere else.`;
    default:
      return `${host} could not be spoken with (${code}). It is tried again later.`;
  }
}

/** An answer that no token endpoint gives. */
export function unfitWords(
  { name, key }: OAuthProvider,
  address: string,
  detail: string,
): OAuthTrouble {
  const say =
    `${hostOf(address)} did not answer as ${name} should: ${detail}. It is tried again later; ` +
    `if it stays so, check the addresses in oauth.${key}.*.`;
  return { kind: 'unreachable', code: 'unfit', say, detail };
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
