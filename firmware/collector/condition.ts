/* How a source is, as `source list`, `status` and the lamps show it; and what a collection came to. */
import type { SourceId } from '#mail/ids';
import type { Explanation } from '#provider/connection-words';
import type { Counts } from './course.ts';

export type SourceCondition =
  /** Nothing is wrong. `stays`: it tells of new mail by itself, and the connection is kept. */
  | { readonly kind: 'well'; readonly stays: boolean }
  | { readonly kind: 'collecting' }
  /** A person said: not now. */
  | { readonly kind: 'paused' }
  /** Something is wrong that may pass; it is tried again in so many milliseconds. */
  | {
      readonly kind: 'waiting';
      readonly because: 'unreachable' | 'sign-in' | 'settings' | 'no-room';
      readonly say: string;
      readonly advice: string;
      readonly again: number;
    }
  /** A person is needed. */
  | { readonly kind: 'stopped'; readonly code: string; readonly say: string };

export interface SourceReport {
  readonly source: SourceId;
  readonly name: string;
  readonly condition: SourceCondition;
  /** When it was last looked into as a whole (wall clock). */
  readonly collectedAt?: number;
  /** It is looked into again in so many milliseconds; undefined: not by the clock. */
  readonly nextIn?: number;
  /** Of the round under way, or of the last one. */
  readonly counts?: Readonly<Counts>;
  /** What a person should know of, though it goes on. */
  readonly remarks: readonly string[];
}

/** What became of one source in a collection that a person asked for. */
export interface Collection {
  readonly source: SourceId;
  readonly name: string;
  readonly counts: Readonly<Counts>;
  /** Why it did not come to its end. */
  readonly trouble?: string;
  readonly remarks: readonly string[];
}

export interface CollectProgress {
  readonly source: SourceId;
  readonly name: string;
  readonly counts: Readonly<Counts>;
}

export interface SourceTest {
  readonly ok: boolean;
  /** What is wrong, or that nothing is. */
  readonly say: string;
  readonly advice: string;
  /** What kind of trouble it is, when it is one of connecting. */
  readonly kind?: Explanation['kind'];
  /** The server's own words, when it said any. */
  readonly answer?: string;
  readonly tls?: string;
  /** Messages in each folder that is collected; undefined: there is no such folder. */
  readonly folders: readonly { readonly name: string; readonly messages?: number }[];
}
