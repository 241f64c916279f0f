/* The sign-ins of the house as the place where tokens lie, sealed, with who holds them. */
import type { Result } from '#base/result';
import type { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import type { SignInKey } from '#mail/sign-ins/sign-in-key';
import type { TokenVault } from './ports.ts';

/** What it asks of them. */
type House = Pick<HouseholdSignIns, 'secretOf' | 'setSecret' | 'renewTokens' | 'withTokens'>;

export class HouseholdVault implements TokenVault<SignInKey> {
  readonly #signIns: House;

  constructor(signIns: House) {
    this.#signIns = signIns;
  }

  load(key: SignInKey): string | undefined {
    const secret = this.#signIns.secretOf(key);
    return typeof secret === 'object' && 'tokens' in secret ? secret.tokens : undefined;
  }

  save(key: SignInKey, tokens: string): Promise<Result<void>> {
    return this.#signIns.setSecret(key, { tokens });
  }

  replace(key: SignInKey, before: string, tokens: string): Promise<Result<boolean>> {
    return this.#signIns.renewTokens(key, before, tokens);
  }

  signedIn(): readonly SignInKey[] {
    return this.#signIns.withTokens();
  }
}
