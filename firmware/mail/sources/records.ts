/*
 * The port to where sources are kept: the outside mailboxes that the household's mail is collected
 * from. It keeps and gives back; every rule is sources.ts's. Changes are on disk when they resolve.
 * Adapters: SqliteSourceRecords (the product) and MemorySourceRecords (tests); one contract suite
 * (test/contract/sources.ts) runs on both. What was collected is not here: see ../collected/.
 */
import type { Result } from '#base/result';
import type { AccountId, SourceId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';
import type { UplinkSecurity } from '../uplinks/records.ts';

export type SourceProtocol = 'pop3' | 'imap';

/** Which of the messages that lie there already are collected. What comes later always is. */
export type Since =
  | { readonly kind: 'all' }
  | { readonly kind: 'now' }
  /** Those that arrived there at most so many days before the source was added. */
  | { readonly kind: 'days'; readonly days: number };

/** How long the source keeps its copy of what is safe here. 0 days: it goes at once. */
export type KeepAtSource =
  | { readonly kind: 'forever' }
  | { readonly kind: 'days'; readonly days: number };

export interface SourceRecord {
  readonly id: SourceId;
  /** In lower case; names it for people. */
  readonly name: string;
  /** Whose INBOX its mail goes to. */
  readonly account: AccountId;
  /** A preset of provider/, or '' for a host of one's own. */
  readonly provider: string;
  readonly protocol: SourceProtocol;
  readonly host: string;
  readonly port: number;
  readonly security: UplinkSecurity;
  readonly user: string;
  /** The password, or the OAuth tokens as JSON, under the device key. Undefined: none, or it is
   * held by the uplink of the same provider account. */
  readonly secret?: Buffer;
  readonly secretKind?: 'password' | 'oauth';
  /** A CA (PEM) that is trusted for this host only. */
  readonly ca?: string;
  /** IMAP: as they were written; POP3 has none. */
  readonly folders: readonly string[];
  readonly since: Since;
  readonly keep: KeepAtSource;
  /** Milliseconds from one collection to the next. */
  readonly every: number;
  /** When it was added (wall clock), for `since`. */
  readonly addedAt: number;
  /** A person said: not now. */
  readonly paused: boolean;
  /** It is not tried again until a person has done something; why, in words. */
  readonly stopped?: {
    readonly code: 'sign-in' | 'certificate' | 'settings';
    readonly say: string;
  };
  /** It was removed. What was collected from it is still known, so that one that is added again
   * under its name for the same account brings nothing twice. */
  readonly removed: boolean;
}

type Saved<T = void> = Promise<Result<T, StoreTrouble>>;

export interface SourceRecords {
  /** By id, the removed ones too. */
  load(): Promise<SourceRecord[]>;
  /** The name must be free. */
  add(source: Omit<SourceRecord, 'id'>): Saved<SourceRecord>;
  /** Puts it in the place of the one with its id. */
  put(source: SourceRecord): Saved;
  /** Its id is never given to another. What is known of its messages goes with it, in time. */
  forget(id: SourceId): Saved;
}
