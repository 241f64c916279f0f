/* What the verbs about backups, and about the store as a whole, answer. */

/** What `verify` found. */
export interface VerifyReport {
  readonly sound: boolean;
  readonly messages: number;
  readonly octets: number;
  /** What is wrong, a sentence each; empty when all is well. */
  readonly findings: readonly string[];
}

export interface BackupReport {
  /** Settings, keys and certificates in it. */
  readonly files: number;
  readonly file: string;
  readonly messages: number;
  readonly accounts: number;
  /** Of mail. */
  readonly octets: number;
}

/** `GET /v1/backup/status`: backups that make themselves. */
export interface BackupStatusReport {
  /** 'off': never. 'needs-passphrase', 'needs-clock': not before that. 'waiting' until nextAt. */
  readonly state: 'off' | 'needs-passphrase' | 'needs-clock' | 'waiting' | 'due' | 'running';
  /** While it runs. */
  readonly stage?: 'copying' | 'rehearsing';
  /** The folder, '' for none. */
  readonly to: string;
  /** Seconds from one to the next; 0 for never. */
  readonly everySeconds: number;
  readonly keep: number;
  readonly passphrase: 'set' | 'missing' | 'unreadable';
  /** When the last good one began. */
  readonly wellAt?: number;
  readonly nextAt?: number;
  /** Sentences; empty when all is well. */
  readonly warnings: readonly string[];
  /** The last ten, newest first. */
  readonly history: readonly BackupRunReport[];
}

/** `POST /v1/backup/now`, and a line of the history. */
export interface BackupRunReport {
  readonly at: number;
  readonly works: boolean;
  /** It was restored for a trial. */
  readonly rehearsed: boolean;
  /** Whole sentences. */
  readonly say: string;
  readonly file?: string;
  readonly messages?: number;
  /** Of mail. */
  readonly octets?: number;
}

export interface RestoreReport {
  readonly messages: number;
  /** The box was running and starts anew with what was restored. */
  readonly restarts: boolean;
}
