/*
 * The providers as the owner has set them now: settings, and the files that some settings name (a
 * client's secret, a CA). Files are read anew each time, which is some times a day at most, so that
 * a change works at once and no secret stays in memory.
 */
import { readNamedFile } from '#base/named-file';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import {
  isProviderKey,
  type OAuthProvider,
  type OAuthSettings,
  providerFrom,
} from './endpoints.ts';

export interface OAuthProviders {
  provider(key: string): Promise<Result<OAuthProvider, Refusal>>;
}

export class SetProviders implements OAuthProviders {
  readonly #settings: () => OAuthSettings;

  constructor(settings: () => OAuthSettings) {
    this.#settings = settings;
  }

  async provider(key: string): Promise<Result<OAuthProvider, Refusal>> {
    if (!isProviderKey(key)) {
      const say = `There is no sign-in by OAuth at "${key}"; it takes a password`;
      return failed(refusal('no-oauth', say));
    }
    const settings = this.#settings()[key];
    const provider = providerFrom(key, settings);
    if (!provider.ok) return provider;
    const secret = await contentOf(settings.secretFile, `oauth.${key}.secret`);
    if (!secret.ok) return secret;
    const ca = await contentOf(settings.caFile, `oauth.${key}.ca`);
    if (!ca.ok) return ca;
    const spoken = secret.value === undefined ? undefined : clientSecretIn(secret.value);
    if (spoken !== undefined && !isClientSecret(spoken)) {
      const name = `oauth.${key}.secret`;
      const say = `${settings.secretFile} (setting ${name}) holds no client secret; mend it or unset ${name}`;
      return failed(refusal('bad-file', say));
    }
    return ok({
      ...provider.value,
      ...(spoken === undefined ? {} : { secret: spoken }),
      ...(ca.value === undefined ? {} : { ca: ca.value }),
    });
  }
}

async function contentOf(
  path: string | undefined,
  setting: string,
): Promise<Result<string | undefined, Refusal>> {
  if (path === undefined || path === '') return ok(undefined);
  try {
    return ok(await readNamedFile(path));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const say = `${path} (setting ${setting}) cannot be read (${why}); mend it or unset ${setting}`;
    return failed(refusal('bad-file', say));
  }
}

/** RFC 6749 appendix A.2: client-secret = *VSCHAR, which are %x20-7E. Whatever else was named by
 * mistake, a key of this box above all, is told to nobody. */
export function isClientSecret(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

/** The secret in a file: alone, or as in the JSON that Google lets people download. */
export function clientSecretIn(text: string): string {
  try {
    const content: unknown = JSON.parse(text);
    const { installed } = content as { installed?: { client_secret?: unknown } };
    const secret = installed?.client_secret;
    if (typeof secret === 'string') return secret;
  } catch {
    // Not JSON: the secret itself.
  }
  return text.trim();
}
