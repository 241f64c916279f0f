/*
 * A page that the gate answers by itself, without Node-RED: light, for it must be there at once and
 * in a box that is short of memory. A route is a row; whoever has pages to add (profiles, the help
 * for mail programs) hands the gate more rows.
 */
import type { Host } from '../host.ts';

export interface LightRoute {
  /** Plain http, TLS, or both. */
  readonly on: 'plain' | 'secure' | 'both';
  readonly methods: readonly string[];
  /** In lower case; `/x/*` is whatever lies below `/x/`. */
  readonly path: string;
  /** 'owner': only with the owner's session. */
  readonly wants: 'nobody' | 'owner';
  /** Mail programs ask for it: by another name of the house, and saying no origin. Such a route
   * shows nothing secret and changes nothing. */
  readonly foreign?: true;
  answer(request: LightRequest): LightAnswer | Promise<LightAnswer>;
}

export interface LightRequest {
  readonly secure: boolean;
  readonly method: string;
  /** As it was sent: below `/x/*` it may hold a token in which case matters. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly host: Host | undefined;
  /** The peer's, plain. */
  readonly address: string;
  /** What was sent with a POST, whole: it is short. */
  readonly body: Buffer;
  /** The key of the session's cookie, when it is valid. */
  readonly session: string | undefined;
}

export interface LightAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** In place of a body: server-sent events until the Disposable is disposed of. */
  follow?(tell: (event: unknown) => void): Disposable;
}

/** The fields of a form that was sent (application/x-www-form-urlencoded). */
export function formOf({ body }: LightRequest): URLSearchParams {
  return new URLSearchParams(body.toString());
}
