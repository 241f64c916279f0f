/*
 * A connector for those who sign in by OAuth: when the server refuses an access token that ought to
 * be good (it was revoked, or the provider forgot it), the token is renewed and tried once more,
 * before anybody is told that a person is needed.
 */
import type { Result } from '#base/result';
import type { Connector, ConnectTrouble, UplinkConnection, UplinkTarget } from './connection.ts';

/** AccessTokens.inPlaceOf. */
export type TokenInPlaceOf = (accessToken: string) => Promise<Result<string, unknown>>;

export class RenewingConnector implements Connector {
  readonly #inner: Connector;
  readonly #inPlaceOf: TokenInPlaceOf;

  constructor(inner: Connector, inPlaceOf: TokenInPlaceOf) {
    this.#inner = inner;
    this.#inPlaceOf = inPlaceOf;
  }

  async connect(target: UplinkTarget): Promise<Result<UplinkConnection, ConnectTrouble>> {
    const connected = await this.#inner.connect(target);
    const { secret } = target;
    if (connected.ok || connected.error.stage !== 'sign-in') return connected;
    // RFC 4954 §6: 535 says that the credentials are the trouble; 454 would pass by itself.
    if (secret === undefined || !('accessToken' in secret)) return connected;
    if (connected.error.answer?.code !== 535) return connected;
    const anew = await this.#inPlaceOf(secret.accessToken);
    if (!anew.ok) return connected;
    return this.#inner.connect({ ...target, secret: { accessToken: anew.value } });
  }
}
