/*
 * What `source list` will answer: its verbs come with the collector and have no type in
 * firmware/control/types.ts yet. Every field but the names may be missing; the views do without.
 */

/** `GET /v1/source/list` */
export interface SourceReport {
  readonly name: string;
  readonly account: string;
  readonly provider?: string;
  readonly host?: string;
  readonly user?: string;
  readonly condition?: string;
  readonly paused?: boolean;
  /** In words, '' when well. */
  readonly say?: string;
  readonly signIn?: string;
  readonly lastAt?: number;
  readonly nextAt?: number;
}
