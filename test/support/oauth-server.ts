/*
 * A small OAuth server over TLS, with an authority of its own: device codes (RFC 8628), codes with
 * PKCE (RFC 7636), renewal with rotation (RFC 6749 §6; a refresh token that comes twice ends the
 * sign-in, RFC 9700 §4.14.2). It is strict: what the standards let a server refuse, it refuses.
 * The person at the browser is played by `approve`, `decline` and `browse`.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Certificate, TestAuthority, type Wanted } from './certificates.ts';

export interface OAuthServerOptions {
  readonly client?: string;
  /** Asked for when set. */
  readonly secret?: string;
  readonly scope?: string;
  /** What its certificate is for. */
  readonly certificate?: Wanted;
}

type Form = Readonly<Record<string, string>>;

interface Pending {
  state: 'waiting' | 'approved' | 'declined';
  readonly code: string;
}

interface AskedCode {
  readonly challenge: string;
  readonly redirect: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class OAuthServer {
  readonly client: string;
  readonly scope: string;
  /** Its CA (PEM), for whoever is to trust it. */
  readonly ca: string;
  /** Every form that was posted, in order. */
  readonly asked: { readonly path: string; readonly form: Form }[] = [];
  /** Each renewal gives another refresh token, and the one before is spent. */
  rotates = true;
  givesRefreshTokens = true;
  /** Left out of the answer when undefined. */
  grantedScope: string | undefined;
  accessSeconds = 3600;
  refreshSeconds: number | undefined;
  deviceSeconds = 900;
  interval: number | undefined = 1;
  /** The next answers, in place of what it would say. */
  readonly nextAnswers: (Answer | 'hang up' | 'say nothing')[] = [];
  readonly #secret: string | undefined;
  readonly #server: Server;
  readonly #devices = new Map<string, Pending>();
  readonly #codes = new Map<string, AskedCode>();
  /** Refresh tokens that count, and those that did. */
  readonly #refreshTokens = new Set<string>();
  readonly #spent = new Set<string>();
  readonly #accessTokens = new Set<string>();

  private constructor(options: OAuthServerOptions, ca: string, certificate: Certificate) {
    this.client = options.client ?? 'restante-test';
    this.scope = options.scope ?? 'mail.send';
    this.#secret = options.secret;
    this.ca = ca;
    this.#server = createServer(certificate, (asks, answer) => void this.#serve(asks, answer));
  }

  static async start(options: OAuthServerOptions = {}): Promise<OAuthServer> {
    const authority = await TestAuthority.make();
    const certificate = await authority.issue(options.certificate);
    const server = new OAuthServer(options, authority.pem, certificate);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  address(path: 'device' | 'authorize' | 'token' | 'activate'): string {
    return `https://127.0.0.1:${this.port}/${path}`;
  }

  /** Does the token open the (imagined) mailbox? */
  accepts(accessToken: string): boolean {
    return this.#accessTokens.has(accessToken);
  }

  /** The newest access token that opens it; '' when there is none. */
  get newest(): string {
    return [...this.#accessTokens].at(-1) ?? '';
  }

  /** Access tokens end before their time; whoever signed in stays so. */
  endAccess(): void {
    this.#accessTokens.clear();
  }

  /** The person types the code and allows it. */
  approve(userCode: string): void {
    this.#pending(userCode).state = 'approved';
  }

  decline(userCode: string): void {
    this.#pending(userCode).state = 'declined';
  }

  /** The person opens the address and allows it; gives the address the browser is sent to. */
  async browse(address: string): Promise<string> {
    const asking = request(address, { ca: this.ca, agent: false });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.headers.location ?? `status ${answer.statusCode}`;
  }

  /** As when the person throws the box out, or changes the password. */
  revokeAll(): void {
    for (const token of this.#refreshTokens) this.#spent.add(token);
    this.#refreshTokens.clear();
    this.#accessTokens.clear();
  }

  async #serve(asks: IncomingMessage, answer: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of asks) pieces.push(piece);
    const url = new URL(asks.url ?? '/', this.address('token'));
    if (asks.method === 'GET') return reply(answer, this.#authorize(url.searchParams));
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(pieces).toString()));
    this.asked.push({ path: url.pathname, form });
    const scripted = this.nextAnswers.shift();
    if (scripted === 'say nothing') return;
    if (scripted === 'hang up') return void asks.socket.destroy();
    reply(answer, scripted ?? this.#answer(url.pathname, form));
  }

  #answer(path: string, form: Form): Answer {
    const { client_id: client, client_secret: secret } = form;
    if (client !== this.client) return refusal('invalid_client', 'no such client');
    if (this.#secret !== undefined && path === '/token' && secret !== this.#secret) {
      return refusal('invalid_request', 'client_secret is missing.');
    }
    if (path === '/device') return this.#newDevice(form);
    if (path !== '/token') return { status: 404, body: '<h1>Not here</h1>' };
    switch (form['grant_type']) {
      case 'urn:ietf:params:oauth:grant-type:device_code':
        return this.#deviceTokens(form);
      case 'authorization_code':
        return this.#codeTokens(form);
      case 'refresh_token':
        return this.#renewal(form);
      default:
        return refusal('unsupported_grant_type');
    }
  }

  #newDevice({ scope }: Form): Answer {
    if (scope !== this.scope) return refusal('invalid_scope');
    const device = token();
    const code = randomBytes(4).toString('hex').toUpperCase();
    this.#devices.set(device, { state: 'waiting', code });
    return json(200, {
      device_code: device,
      user_code: code,
      verification_uri: this.address('activate'),
      expires_in: this.deviceSeconds,
      interval: this.interval,
    });
  }

  #deviceTokens({ device_code: device = '' }: Form): Answer {
    switch (this.#devices.get(device)?.state) {
      case 'waiting':
        return refusal('authorization_pending');
      case 'declined':
        return refusal('access_denied');
      case 'approved':
        this.#devices.delete(device);
        return this.#tokens(token());
      default:
        return refusal('expired_token');
    }
  }

  #authorize(asked: URLSearchParams): Answer {
    const redirect = asked.get('redirect_uri') ?? '';
    const challenge = asked.get('code_challenge') ?? '';
    const isRight =
      asked.get('client_id') === this.client &&
      asked.get('response_type') === 'code' &&
      asked.get('code_challenge_method') === 'S256' &&
      /^[\w-]{43}$/.test(challenge);
    if (!isRight) return { status: 400, body: '<h1>Bad request</h1>' };
    const code = token();
    this.#codes.set(code, { challenge, redirect });
    const location = new URL(redirect);
    location.searchParams.set('code', code);
    location.searchParams.set('state', asked.get('state') ?? '');
    return { status: 302, body: '', headers: { location: location.href } };
  }

  #codeTokens({ code = '', code_verifier: verifier = '', redirect_uri: redirect }: Form): Answer {
    const asked = this.#codes.get(code);
    this.#codes.delete(code);
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    if (asked?.challenge !== challenge || asked.redirect !== redirect) {
      return refusal('invalid_grant', 'Bad Request');
    }
    return this.#tokens(token());
  }

  #renewal({ refresh_token: given = '' }: Form): Answer {
    if (this.#spent.has(given)) this.revokeAll();
    if (!this.#refreshTokens.has(given)) return refusal('invalid_grant', 'expired or revoked');
    if (!this.rotates) return this.#tokens(undefined);
    this.#refreshTokens.delete(given);
    this.#spent.add(given);
    return this.#tokens(token());
  }

  #tokens(refresh: string | undefined): Answer {
    const access = token();
    this.#accessTokens.add(access);
    const gives = this.givesRefreshTokens ? refresh : undefined;
    if (gives !== undefined) this.#refreshTokens.add(gives);
    return json(200, {
      access_token: access,
      token_type: 'Bearer',
      expires_in: this.accessSeconds,
      refresh_token: gives,
      refresh_token_expires_in: this.refreshSeconds,
      scope: this.grantedScope,
    });
  }

  #pending(userCode: string): Pending {
    const found = [...this.#devices.values()].find(({ code }) => code === userCode);
    if (found === undefined) throw new Error(`nobody was shown the code ${userCode}`);
    return found;
  }
}

function token(): string {
  return randomBytes(24).toString('base64url');
}

function json(status: number, body: Readonly<Record<string, unknown>>): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status, body: JSON.stringify(body), headers };
}

function refusal(error: string, text?: string): Answer {
  return json(400, { error, error_description: text });
}

function reply(answer: ServerResponse, { status, body, headers = {} }: Answer): void {
  answer.writeHead(status, { ...headers, connection: 'close' }).end(body);
}
