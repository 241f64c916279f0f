/*
 * The port to what scheduled backups remember over restarts. It keeps and gives back; what follows
 * from it is decided in schedule.ts and backups.ts. Changes are on disk when they resolve.
 */
import type { Result } from '#base/result';
import type { StoreTrouble } from '../store/store.ts';

/** Times are milliseconds since 1970. */
export interface BackupState {
  /** Under the device key. */
  readonly passphrase?: Uint8Array;
  /** When the last backup that was good began. */
  readonly wellAt?: number;
  /** When the last one began, good or not. */
  readonly triedAt?: number;
  /** The folder of the last good one, when that was on another disk than the mail's. */
  readonly otherDiskFolder?: string;
  /** When the postmaster was last told of a good one, and of a bad one. */
  readonly toldWellAt?: number;
  readonly toldFailedAt?: number;
}

/** One backup, or one that failed. */
export interface BackupRun {
  readonly at: number;
  /** It was made, and its rehearsal found nothing wrong. */
  readonly works: boolean;
  readonly rehearsed: boolean;
  /** Whole sentences. */
  readonly say: string;
  readonly file?: string;
  readonly messages?: number;
  readonly octets?: number;
}

type Saved = Promise<Result<void, StoreTrouble>>;

export interface BackupRecords {
  load(): Promise<Result<BackupState, StoreTrouble>>;
  /** Puts it in place of the one before, but for the passphrase. */
  save(state: Omit<BackupState, 'passphrase'>, run?: BackupRun): Saved;
  savePassphrase(sealed: Uint8Array): Saved;
  /** The last ten, newest first; the trigger of 0008-backups.ts lets the older ones go. */
  runs(): Promise<Result<readonly BackupRun[], StoreTrouble>>;
}
