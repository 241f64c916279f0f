/*
 * What the verbs of sources answer, as far as the views read it: they come with the collector, and
 * then these types are those of firmware/control/types.ts.
 */

/** `GET /v1/source/list` */
export interface SourceReport {
  readonly name: string;
  readonly account: string;
  readonly host: string;
  readonly user: string;
  readonly condition:
    | 'well'
    | 'collecting'
    | 'waiting'
    | 'unreachable'
    | 'sign-in'
    | 'settings'
    | 'paused'
    | 'no-room';
  /** In words, '' when there is nothing to say. */
  readonly say: string;
  readonly lastAt?: number;
  readonly nextAt?: number;
  /** Collected so far. */
  readonly messages: number;
  readonly signIn: 'password' | 'oauth' | 'missing';
}

/** `POST /v1/source/collect`: one for each source that was looked into. */
export interface SourceCollectReport {
  readonly name: string;
  readonly works: boolean;
  readonly collected: number;
  /** What went wrong, '' when nothing did. */
  readonly say: string;
}
