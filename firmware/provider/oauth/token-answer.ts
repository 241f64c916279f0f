/*
 * Reads what a token endpoint answered (RFC 6749 §5): tokens, a refusal by its code, or something
 * that no token endpoint says (a router's page, a proxy, a redirect). Reading only; what a refusal
 * means for a person stands in words.ts.
 */
import { objectIn, secondsAsMs, shown, visible } from './json-object.ts';
import type { HttpsReply } from './ports.ts';
import type { Granted } from './tokens.ts';

export type TokenAnswer =
  | { readonly kind: 'granted'; readonly granted: Granted }
  | Denied
  /** It is not a token endpoint that speaks, or it is not well. It may pass. */
  | { readonly kind: 'unfit'; readonly detail: string };

/** RFC 6749 §5.2, RFC 8628 §3.5: `error`, and the server's own words. */
export interface Denied {
  readonly kind: 'denied';
  readonly error: string;
  readonly text: string;
}

/** Long enough for Microsoft, whose tokens have 2 to 4 KB, and for those who add claims. */
const longestToken = 16_384;

/** Used when the server does not say how long an access token is good (RFC 6749 §5.1). */
const usualLifetime = 30 * 60_000;

/** Codes that say that the server is not well. RFC 6749 §4.1.2.1 has the first two. */
const passing = new Set(['server_error', 'temporarily_unavailable', 'too_many_requests']);

export function readTokenAnswer({ status, body }: HttpsReply): TokenAnswer {
  const { error, error_description: text, ...members } = objectIn(body);
  const code = visible(error, 200);
  if (status >= 500 || status === 429 || (code !== undefined && passing.has(code))) {
    return unfit(`it answered ${status} ${code ?? ''} ${shown(text)}`);
  }
  if (code !== undefined) return { kind: 'denied', error: code, text: shown(text) };
  if (status >= 300 && status < 400) return unfit(`it answered ${status}, a redirect`);
  if (status !== 200) return unfit(`it answered ${status}, without saying why`);
  return readGranted(members);
}

function readGranted(members: Readonly<Record<string, unknown>>): TokenAnswer {
  const { token_type: type, access_token, refresh_token, expires_in, scope } = members;
  const access = visible(access_token, longestToken);
  if (access === undefined) return unfit('it answered 200, but not with a token');
  // RFC 6749 §7.1: a token of an unknown type must not be used; the type's case does not matter.
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') {
    return unfit(`its token is of the type ${shown(type) || 'nothing'}, not bearer`);
  }
  const refresh = visible(refresh_token, longestToken);
  const refreshLifetime = secondsAsMs(members['refresh_token_expires_in']);
  return {
    kind: 'granted',
    granted: {
      access,
      lifetime: secondsAsMs(expires_in) ?? usualLifetime,
      ...(refresh === undefined ? {} : { refresh }),
      // 0 is how some servers say "never".
      ...(refreshLifetime === undefined || refreshLifetime === 0 ? {} : { refreshLifetime }),
      ...(typeof scope === 'string' ? { scope } : {}),
    },
  };
}

/**
 * What was asked for and not granted (RFC 6749 §5.1: `scope` is there when it differs): people may
 * leave a tick out. Scopes are compared by their last part, for servers spell the first variously.
 */
export function missingScope(wanted: string, granted: string | undefined): string | undefined {
  if (granted === undefined || granted.trim() === '') return undefined;
  const has = new Set(scopesOf(granted).map(lastPart));
  return scopesOf(wanted).find((scope) => !unsaid.has(scope) && !has.has(lastPart(scope)));
}

/** Asked for, and never named among what was granted. */
const unsaid: ReadonlySet<string> = new Set(['offline_access', 'openid', 'profile', 'email']);

function scopesOf(text: string): string[] {
  return text.split(/\s+/).filter((scope) => scope !== '');
}

function lastPart(scope: string): string {
  return scope.replace(/\/+$/, '').replace(/^.*\//, '').toLowerCase();
}

function unfit(detail: string): TokenAnswer {
  return { kind: 'unfit', detail: detail.trim() };
}
