/*
 * The ports of the door: what control asks of the running box. main fills them from the parts;
 * tests fill them from memory. Control knows the words, not the workings.
 */
import type { LogLine } from '#base/log';
import type { Result } from '#base/result';
import type { NewDevice } from '#mail/devices/devices';
import type {
  AddressReport,
  BackupReport,
  DeviceReport,
  MailClientFacts,
  NewDeviceReport,
  NewPassword,
  PasswordReport,
  RestoreReport,
  SettingChange,
  SettingReport,
  ShelfRestoreReport,
  ShelvedReport,
  StatusReport,
  VerifyReport,
} from './types.ts';

export interface Box {
  readonly accounts: AccountBook;
  readonly devices: DeviceBook;
  readonly shelf: ShelfBook;
  readonly settings: SettingsTable;
  readonly log: LogBook;
  readonly maintenance: Maintenance;
  status(): Promise<StatusReport>;
  /** What to type into a mail client to use this account. */
  mailClientFacts(account: string): MailClientFacts;
}

/** 'recoverable': the password itself is kept, too, so that CRAM-MD5 and APOP work with it. */
export type Keep = 'keys' | 'recoverable';

/** Accounts by name. Every change is on disk before it is answered. */
export interface AccountBook {
  add(name: string, password: string, keep: Keep): Promise<Result<void>>;
  /** What removing would lose, in a sentence. */
  lossOf(name: string): Promise<Result<string>>;
  remove(name: string): Promise<Result<void>>;
  setPassword(name: string, password: string, keep: Keep): Promise<Result<void>>;
  /** Forgets failed sign-ins. */
  unlock(name: string): Promise<Result<void>>;
  readonly passwords: PasswordBook;
  readonly addresses: AddressBook;
}

export interface PasswordBook {
  add(account: string, name: string, keep: Keep): Promise<Result<NewPassword>>;
  list(account: string): Promise<Result<readonly PasswordReport[]>>;
  revoke(account: string, name: string): Promise<Result<void>>;
}

export interface AddressBook {
  add(account: string, address: string, kind: 'local' | 'outside'): Promise<Result<AddressReport>>;
  remove(account: string, address: string): Promise<Result<void>>;
  /** Of one account, or of all. */
  list(account: string | undefined): Promise<Result<readonly AddressReport[]>>;
}

/** Deleted mail. */
export interface ShelfBook {
  /** Of one account, or of all; last deleted first. */
  list(account: string | undefined, count: number): Promise<Result<readonly ShelvedReport[]>>;
  /** `all` goes with an account. */
  restore(
    account: string | undefined,
    ids: readonly number[] | 'all',
  ): Promise<Result<ShelfRestoreReport>>;
}

/** Machines that may send without signing in. */
export interface DeviceBook {
  add(device: NewDevice): Promise<Result<NewDeviceReport>>;
  list(): readonly DeviceReport[];
  remove(name: string): Promise<Result<void>>;
}

export interface SettingsTable {
  list(): readonly SettingReport[];
  get(name: string): Result<SettingReport>;
  set(name: string, text: string): Promise<Result<SettingChange>>;
  /** Back to the default. */
  unset(name: string): Promise<Result<SettingChange>>;
}

export interface LogBook {
  /** The last lines, oldest first. */
  recent(count: number): readonly LogLine[];
  /** Each line from now on. */
  follow(tell: (line: LogLine) => void): Disposable;
}

/** Works on the data directory as a whole, with the box running or (in the command line) off. */
export interface Maintenance {
  backup(file: string, passphrase: string): Promise<Result<BackupReport>>;
  /** What restoring would overwrite, in a sentence; undefined when there is nothing to lose. */
  lossByRestore(): Promise<string | undefined>;
  restore(file: string, passphrase: string): Promise<Result<RestoreReport>>;
  verify(): Promise<Result<VerifyReport>>;
}
