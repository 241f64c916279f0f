/*
 * What OAuth sign-ins ask of the rest: somebody who posts a form over TLS (net/https-post.ts), and
 * a place where tokens lie sealed and on disk (the registries of uplinks and sources).
 * `Id` is whatever names the one who is signed in. Nothing here knows of SMTP.
 */
import type { Result } from '#base/result';

/** What a web server answered. */
export interface HttpsReply {
  readonly status: number;
  /** At most 64 KiB. */
  readonly body: string;
}

/** It did not answer. `code` is Node's or OpenSSL's: 'ENOTFOUND', 'CERT_NOT_YET_VALID' ... */
export interface PostTrouble {
  readonly code: string;
  readonly detail: string;
}

export interface HttpsPost {
  /** Posts a form; follows no redirect. `ca` (PEM) is trusted in place of the usual ones. */
  post(
    address: string,
    form: Readonly<Record<string, string>>,
    ca?: string,
  ): Promise<Result<HttpsReply, PostTrouble>>;
}

export interface TokenVault<Id> {
  /** What was saved last; undefined: nothing, or it cannot be opened. */
  load(id: Id): string | undefined;
  /** Of a new sign-in, in place of whatever there was. Resolves when it is sealed and on disk. */
  save(id: Id, tokens: string): Promise<Result<void>>;
  /** Of a renewed one, on disk likewise; false when something else than `before` stands there. */
  replace(id: Id, before: string, tokens: string): Promise<Result<boolean>>;
  /** Everybody who has tokens. */
  signedIn(): readonly Id[];
}

/** Why there is no access token. `say` is a sentence for a person, and says what can be done. */
export interface OAuthTrouble {
  /** `sign-in`: a person is needed. `unreachable`: it may pass (network, clock, a full disk). */
  readonly kind: 'sign-in' | 'unreachable';
  readonly code: string;
  readonly say: string;
  /** For the log; no secrets. */
  readonly detail: string;
}
