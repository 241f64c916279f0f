/* The registry of uplinks as the place where the tokens of their sign-ins lie, sealed. */
import { failed, type Result, refusal } from '#base/result';
import type { UplinkId } from '#mail/ids';
import type { Uplinks } from '#mail/uplinks/uplinks';
import type { TokenVault } from './ports.ts';

/** What it asks of the registry. */
type Registry = Pick<Uplinks, 'list' | 'nameOf' | 'secretOf' | 'setSecret' | 'renewTokens'>;

export class UplinkVault implements TokenVault<UplinkId> {
  readonly #uplinks: Registry;

  constructor(uplinks: Registry) {
    this.#uplinks = uplinks;
  }

  load(id: UplinkId): string | undefined {
    const secret = this.#uplinks.secretOf(id);
    return typeof secret === 'object' && 'tokens' in secret ? secret.tokens : undefined;
  }

  async save(id: UplinkId, tokens: string): Promise<Result<void>> {
    const name = this.#uplinks.nameOf(id);
    if (name !== undefined) return this.#uplinks.setSecret(name, { tokens });
    return failed(refusal('unknown', 'The uplink was removed while somebody signed in for it'));
  }

  replace(id: UplinkId, before: string, tokens: string): Promise<Result<boolean>> {
    return this.#uplinks.renewTokens(id, before, tokens);
  }

  signedIn(): readonly UplinkId[] {
    const withTokens = this.#uplinks.list().filter(({ secretKind }) => secretKind === 'oauth');
    return withTokens.map(({ id }) => id);
  }
}
