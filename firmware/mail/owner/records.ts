/* How the owner's password is kept: as keys, sealed, never as itself. */
import type { Result } from '#base/result';
import type { StoreTrouble } from '../store/store.ts';

export interface OwnerRecord {
  readonly salt: Buffer;
  /** Of the derivation (../accounts/keys.ts). */
  readonly rounds: number;
  /** The keys under the device key. */
  readonly sealed: Buffer;
  /** Milliseconds since 1970. */
  readonly changed: number;
}

/** Adapters: SqliteOwnerRecords, MemoryOwnerRecords. */
export interface OwnerRecords {
  /** Rejects when the database cannot be read. */
  load(): Promise<OwnerRecord | undefined>;
  /** In place of the one before. */
  put(record: OwnerRecord): Promise<Result<void, StoreTrouble>>;
}
