/* What a provider wants of somebody who signs in there: the same for sending and for collecting. */
import type { SourceProtocol } from '#mail/sources/records';
import { presetOf } from './finding.ts';
import type { OAuthProviderKey } from './oauth/endpoints.ts';
import type { Preset } from './preset.ts';

/** Where somebody signs in by OAuth; undefined: the provider takes passwords only. */
export function oauthOf(provider: string): OAuthProviderKey | undefined {
  return provider === '' ? 'own' : presetOf(provider)?.oauth;
}

/** What nobody can do without there. With OAuth, the secret comes later. */
export function needsOf({ signIn }: Preset): 'user' | 'password' | undefined {
  if (signIn.length === 0) return undefined;
  return signIn.includes('oauth') ? 'user' : 'password';
}

/** What a person has to do there first, in sentences. */
export function firstOf({ first, signIn, appPasswords, title }: Preset): string | undefined {
  const make =
    signIn[0] === 'app-password' && appPasswords !== undefined
      ? `${title} wants an app password; make one at ${appPasswords}.`
      : '';
  return [first, make].filter(Boolean).join(' ') || undefined;
}

/** What a provider wants of who collects there. */
export interface CollectingManners {
  /** Milliseconds that must lie between two sign-ins. */
  readonly leastEvery?: number;
  /** What a person has to do there before a password works, in sentences. */
  readonly first?: string;
}

export function collectingManners(provider: string, protocol: SourceProtocol): CollectingManners {
  const preset = presetOf(provider);
  if (preset === undefined) return {};
  const leastEvery = protocol === 'pop3' ? preset.collecting?.pop3Every : undefined;
  const words = [firstOf(preset), protocol === 'pop3' ? preset.pop3First : undefined];
  const first = words.filter((one) => one !== undefined).join(' ');
  return {
    ...(leastEvery === undefined ? {} : { leastEvery }),
    ...(first === '' ? {} : { first }),
  };
}
