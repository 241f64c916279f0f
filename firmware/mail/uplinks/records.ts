/*
 * The port to where uplinks are kept. It keeps and gives back; every rule is uplinks.ts's. Changes
 * are on disk when they resolve. Adapters: SqliteUplinkRecords (the product) and
 * MemoryUplinkRecords (tests); one contract suite (test/contract/uplinks.ts) runs on both.
 */
import type { Result } from '#base/result';
import type { UplinkId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';

/** `tls`: from the first octet. `starttls`: required. `none`: in the clear. */
export type UplinkSecurity = 'tls' | 'starttls' | 'none';

export interface UplinkRecord {
  readonly id: UplinkId;
  /** In lower case; names it for people. */
  readonly name: string;
  /** A preset of provider/, or '' for a host of one's own. */
  readonly provider: string;
  readonly host: string;
  readonly port: number;
  readonly security: UplinkSecurity;
  /** The name it signs in with; undefined: it wants no sign-in. */
  readonly user?: string;
  /** The password, or the OAuth tokens as JSON, under the device key. */
  readonly secret?: Buffer;
  readonly secretKind?: 'password' | 'oauth';
  /** A CA (PEM) that is trusted for this host only. */
  readonly ca?: string;
  /** Connections at the same time. */
  readonly connections: number;
  /** It serves every sender that no other uplink serves. */
  readonly isDefault: boolean;
  /** The senders it serves, as they were written. */
  readonly addresses: readonly string[];
  /** Until when (wall clock) its provider wants nothing more, and its words. */
  readonly quota?: { readonly until: number; readonly say: string };
}

type Saved<T = void> = Promise<Result<T, StoreTrouble>>;

export interface UplinkRecords {
  /** By id. */
  load(): Promise<UplinkRecord[]>;
  /** The name must be free. At most one default: an earlier one stops being it. */
  add(uplink: Omit<UplinkRecord, 'id'>): Saved<UplinkRecord>;
  /** Puts it in the place of the one with its id. */
  put(uplink: UplinkRecord): Saved;
  remove(id: UplinkId): Saved;
}
