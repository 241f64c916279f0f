/*
 * The tokens of one sign-in as a value, and the rules of their age: when the access token is
 * renewed, when the sign-in itself dies, when it is time to keep it alive, and when to warn. Times
 * are wall-clock; a clock that ran backwards makes an access token old, never young.
 */
import { idleDaysOf, isProviderKey, type OAuthProviderKey } from './endpoints.ts';
import { objectIn } from './json-object.ts';

export const dayMs = 86_400_000;

export interface Tokens {
  readonly provider: OAuthProviderKey;
  /** The client it was given to; no other may renew it (RFC 6749 §6). */
  readonly client: string;
  /** The token endpoint that gave them, and the only one that is shown the refresh token (§10.4).
   * Undefined: they are older than this field. */
  readonly server?: string;
  readonly access: string;
  /** When the access token was got, and until when it is good. */
  readonly gotAt: number;
  readonly accessEndsAt: number;
  readonly refresh: string;
  /** When the provider said that the refresh token dies, if it did. */
  readonly refreshEndsAt?: number;
  /** When the refresh token that dies then was got. */
  readonly refreshGotAt: number;
  /** What was granted (scopes.ts); undefined: the provider has not said yet. */
  readonly scope?: string;
}

/** What a token endpoint grants (RFC 6749 §5.1). Lifetimes are in milliseconds. */
export interface Granted {
  readonly access: string;
  readonly lifetime: number;
  readonly refresh?: string;
  readonly refreshLifetime?: number;
  readonly scope?: string;
}

/** The access token is renewed so long before its end. */
const renewBefore = 5 * 60_000;

/** The first tokens of a sign-in. */
export function tokensFrom(
  provider: OAuthProviderKey,
  client: string,
  granted: Granted & { readonly refresh: string },
  now: number,
): Tokens {
  const { access, lifetime, refresh, refreshLifetime, scope } = granted;
  return {
    ...{ provider, client, access, refresh },
    gotAt: now,
    accessEndsAt: now + lifetime,
    refreshGotAt: now,
    ...(refreshLifetime === undefined ? {} : { refreshEndsAt: now + refreshLifetime }),
    ...(scope === undefined ? {} : { scope }),
  };
}

/** After a renewal. Without a new refresh token the old one stays (RFC 6749 §6), and its end. */
export function renewed(tokens: Tokens, granted: Granted, now: number): Tokens {
  const { refreshEndsAt, ...rest } = tokens;
  const { refresh = tokens.refresh, refreshLifetime, scope } = granted;
  const replaced = refresh !== tokens.refresh;
  const told = refreshLifetime === undefined ? undefined : now + refreshLifetime;
  const end = told ?? (replaced ? undefined : refreshEndsAt);
  return {
    ...rest,
    ...{ access: granted.access, gotAt: now, accessEndsAt: now + granted.lifetime, refresh },
    refreshGotAt: replaced ? now : tokens.refreshGotAt,
    ...(end === undefined ? {} : { refreshEndsAt: end }),
    // RFC 6749 §6: without a word it stays what it was.
    ...(scope === undefined ? {} : { scope }),
  };
}

/** May the access token be used now? A short-lived one is used for half of its life. */
export function isFresh({ gotAt, accessEndsAt }: Tokens, now: number): boolean {
  const margin = Math.min(renewBefore, (accessEndsAt - gotAt) / 2);
  return now >= gotAt && now < accessEndsAt - margin;
}

/** How a sign-in stands. */
export interface Age {
  /** Undefined: it does not die by age. */
  readonly endsAt?: number;
  /** Using it now may keep it alive. */
  readonly shouldRenew: boolean;
  /** `soon`: some days are left. `now`: one day at most. */
  readonly dying: 'no' | 'soon' | 'now';
}

/**
 * A sign-in is used when half of its life is over, so that a box that sends nothing for months
 * stays signed in; where that does not help (some ends are fixed), people hear of it a week before
 * the end, or, of a short life, when a third is left.
 */
export function ageOf(tokens: Tokens, now: number): Age {
  const idleDays = idleDaysOf(tokens.provider);
  const idleEnd = idleDays === undefined ? undefined : tokens.gotAt + idleDays * dayMs;
  const endsAt = tokens.refreshEndsAt ?? idleEnd;
  if (endsAt === undefined) return { shouldRenew: false, dying: 'no' };
  const from = tokens.refreshEndsAt === undefined ? tokens.gotAt : tokens.refreshGotAt;
  const [life, left] = [endsAt - from, endsAt - now];
  const warned = Math.min(7 * dayMs, life / 3);
  return {
    endsAt,
    shouldRenew: left < life / 2,
    dying: left > warned ? 'no' : left > Math.min(dayMs, warned / 2) ? 'soon' : 'now',
  };
}

export function formatTokens(tokens: Tokens): string {
  return JSON.stringify(tokens);
}

/** What `formatTokens` wrote; undefined when it is anything else. */
export function parseTokens(text: string): Tokens | undefined {
  const { provider, client, server, access, gotAt, accessEndsAt, refresh, ...more } =
    objectIn(text);
  const { refreshEndsAt, refreshGotAt, scope } = more;
  if (typeof provider !== 'string' || !isProviderKey(provider)) return undefined;
  if (typeof client !== 'string' || typeof access !== 'string') return undefined;
  if (typeof refresh !== 'string' || typeof gotAt !== 'number') return undefined;
  if (typeof accessEndsAt !== 'number' || typeof refreshGotAt !== 'number') return undefined;
  return {
    ...{ provider, client, access, gotAt, accessEndsAt, refresh, refreshGotAt },
    ...(typeof server === 'string' ? { server } : {}),
    ...(typeof refreshEndsAt === 'number' ? { refreshEndsAt } : {}),
    ...(typeof scope === 'string' ? { scope } : {}),
  };
}
