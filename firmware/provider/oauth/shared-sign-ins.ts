/*
 * OAuth for uplinks and sources by their own keys. What belongs to one account at a provider shares
 * its sign-in, so each question goes to who holds it: one renewal at a time, and one health.
 */
import { failed, type Result } from '#base/result';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import type { SignInKey } from '#mail/sign-ins/sign-in-key';
import type { AccessTokens, SignInHealth } from './access-tokens.ts';
import type { MailUse } from './endpoints.ts';
import type { OAuthTrouble } from './ports.ts';
import type { BegunSignIn, SignIns } from './sign-ins.ts';

export interface SharedSignInParts {
  readonly house: Pick<HouseholdSignIns, 'holder'>;
  readonly tokens: Pick<
    AccessTokens<SignInKey>,
    'accessTokenFor' | 'inPlaceOf' | 'health' | 'lack'
  >;
  readonly signIns: Pick<SignIns<SignInKey>, 'begin' | 'wait' | 'finish'>;
}

export class SharedSignIns {
  readonly #parts: SharedSignInParts;

  constructor(parts: SharedSignInParts) {
    this.#parts = parts;
  }

  async accessTokenFor(key: SignInKey, use: MailUse): Promise<Result<string, OAuthTrouble>> {
    const lack = this.lack(key, use);
    if (lack !== undefined) return failed(lack);
    return this.#usable(key, use, await this.#parts.tokens.accessTokenFor(this.#holder(key)));
  }

  /** Another access token, because a server refused this one. */
  async inPlaceOf(
    key: SignInKey,
    use: MailUse,
    access: string,
  ): Promise<Result<string, OAuthTrouble>> {
    return this.#usable(key, use, await this.#parts.tokens.inPlaceOf(access));
  }

  /** Why the sign-in is of no use for this, as far as is known. */
  lack(key: SignInKey, use: MailUse): OAuthTrouble | undefined {
    return this.#parts.tokens.lack(this.#holder(key), use);
  }

  health(key: SignInKey): SignInHealth {
    return this.#parts.tokens.health(this.#holder(key));
  }

  begin(key: SignInKey, providerKey: string, login?: string): Promise<Result<BegunSignIn>> {
    return this.#parts.signIns.begin(this.#holder(key), providerKey, login);
  }

  wait(key: SignInKey): Promise<Result<void>> {
    return this.#parts.signIns.wait(this.#holder(key));
  }

  finish(key: SignInKey, pasted: string): Promise<Result<void>> {
    return this.#parts.signIns.finish(this.#holder(key), pasted);
  }

  /** A renewal may have told what the sign-in is good for. */
  #usable(key: SignInKey, use: MailUse, token: Result<string, OAuthTrouble>) {
    const lack = token.ok ? this.lack(key, use) : undefined;
    return lack === undefined ? token : failed(lack);
  }

  #holder(key: SignInKey): SignInKey {
    return this.#parts.house.holder(key);
  }
}
