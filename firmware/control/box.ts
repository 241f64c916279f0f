/*
 * The ports of the door: what control asks of the running box. main fills them from the parts;
 * tests fill them from memory. Control knows the words, not the workings. Those about the ways of mail,
 * out and in, stand in way-books.ts.
 */
import type { LogLine } from '#base/log';
import type { Result } from '#base/result';
import type { NewDevice } from '#mail/devices/devices';
import type {
  AddressReport,
  BackupReport,
  BackupRunReport,
  BackupStatusReport,
  BoxEvent,
  DeviceReport,
  FlowsReport,
  MailClientFacts,
  MailReport,
  NewDeviceReport,
  NewPassword,
  PanelReport,
  PasswordReport,
  RestoreReport,
  SentReport,
  SettingChange,
  SettingReport,
  SetUpReport,
  ShelfRestoreReport,
  ShelvedReport,
  StatusReport,
  VerifyReport,
  WebReport,
} from './types.ts';
import type { ProviderBook, QueueBook, SourceBook, UplinkBook } from './way-books.ts';

export type * from './way-books.ts';

export interface Box {
  readonly panel: PanelBook;
  readonly events: EventBook;
  readonly queue: QueueBook;
  readonly uplinks: UplinkBook;
  readonly sources: SourceBook;
  readonly providers: ProviderBook;
  readonly accounts: AccountBook;
  readonly joins: JoinBook;
  readonly devices: DeviceBook;
  readonly mail: MailBook;
  readonly shelf: ShelfBook;
  readonly owner: OwnerBook;
  readonly settings: SettingsTable;
  readonly log: LogBook;
  readonly maintenance: Maintenance;
  readonly backups: BackupBook;
  readonly flows: FlowsBook;
  readonly web: WebBook;
  status(): Promise<StatusReport>;
  /** What to type into a mail client to use this account. */
  mailClientFacts(account: string): MailClientFacts;
}

/** The process of the pages. */
export interface FlowsBook {
  report(): FlowsReport;
  /** The owner's own flows want it to stay on, or no longer; `why` in a sentence. Kept over a
   * restart of the box, for the flows could not say it before they are started. */
  stay(why: string | undefined): Promise<Result<FlowsReport>>;
}

/** The web ports. */
export interface WebBook {
  report(): WebReport;
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
  /** `knownAs`: the account is known by this outside address. */
  add(
    account: string,
    address: string,
    kind: 'local' | 'outside',
    knownAs: boolean,
  ): Promise<Result<AddressReport>>;
  /** Mail to an address of this house is sent to another elsewhere, too. */
  forward(account: string, address: string, to: string): Promise<Result<AddressReport>>;
  /** The outside address that the account is known by; undefined: none. */
  knownAs(account: string, address: string | undefined): Promise<Result<void>>;
  /** With what is forwarded from it; or only the forwarding to `to`. What is left of it, if
   * anything. */
  remove(
    account: string,
    address: string,
    to: string | undefined,
  ): Promise<Result<AddressReport | undefined>>;
  /** Of one account, or of all. */
  list(account: string | undefined): Promise<Result<readonly AddressReport[]>>;
}

/** The links to people's help pages. */
export interface JoinBook {
  tokenOf(account: string): Result<string>;
  renew(account: string): Promise<Result<string>>;
  /** Whose link it is, by name. */
  accountOf(token: string): string | undefined;
}

/** Who the web pages belong to. */
export interface OwnerBook {
  /** Ends every session of the web pages. */
  setPassword(password: string): Promise<Result<void>>;
  /** Opens the set-up page for a while, for whoever has the code. */
  openSetUp(): Promise<Result<SetUpReport>>;
}

/** The lamps and the button. */
export interface PanelBook {
  report(): PanelReport;
  /** Presses the button for so many milliseconds, as a finger would; what it did, in words. */
  press(held: number): Promise<Result<string>>;
  /** Calls `tell` whenever the lamps have changed. */
  watch(tell: () => void): Disposable;
  /** Calls `tell` whenever the button was pressed and something came of it, in words. */
  watchPresses(tell: (press: { readonly held: number; readonly did: string }) => void): Disposable;
}

export interface EventBook {
  /** How things stand. */
  now(): Promise<readonly BoxEvent[]>;
  /** The same, and then what happens, until it is disposed of. */
  follow(tell: (event: BoxEvent) => void): Disposable;
}

/** Mail in the inboxes, for programs that are no mail clients. */
export interface MailBook {
  /** What arrived after a cursor ('': all), oldest first; of one account, or of all. */
  list(
    account: string | undefined,
    after: string,
    count: number,
  ): Promise<Result<readonly MailReport[]>>;
  /** The cursor of whoever has seen all that is there now. */
  cursor(): Promise<Result<string>>;
  /** A message as it came. It does not count as retrieved. */
  message(id: string): Promise<Result<Octets>>;
  /** Hands a message in as an account, by the rules of mail submission: all or nothing. */
  send(letter: NewLetter): Promise<Result<SentReport>>;
  /** The same of a message that is whole already. */
  submit(
    envelope: NewEnvelope,
    octets: AsyncIterable<Result<Uint8Array>>,
  ): Promise<Result<SentReport>>;
}

/** Octets that come piece by piece; after a trouble no more do. */
export interface Octets {
  readonly type: string;
  readonly octets: number;
  readonly pieces: AsyncIterable<Result<Uint8Array>>;
}

export interface NewEnvelope {
  readonly account: string;
  /** Undefined: what the account is known by, else its own address here. */
  readonly from?: string;
  readonly to: readonly string[];
}

/** Addresses may have a name before them: 'Ann <ann@example.org>'. */
export interface NewLetter extends NewEnvelope {
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
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

/** The verb puts it in words. */
export type ChangedSetting = Omit<SettingChange, 'say'>;

export interface SettingsTable {
  list(): readonly SettingReport[];
  get(name: string): Result<SettingReport>;
  set(name: string, text: string): Promise<Result<ChangedSetting>>;
  /** Back to the default. */
  unset(name: string): Promise<Result<ChangedSetting>>;
}

export interface LogBook {
  /** The last lines, oldest first. */
  recent(count: number): readonly LogLine[];
  /** Each line from now on. */
  follow(tell: (line: LogLine) => void): Disposable;
}

/** Backups that make themselves. */
export interface BackupBook {
  status(): Promise<Result<BackupStatusReport>>;
  /** Makes one now. One that fails is an answer, too. */
  now(tell?: (so: BackupProgress) => void): Promise<Result<BackupRunReport>>;
  /** Undefined: stays as it is. */
  schedule(wish: BackupWish): Promise<Result<BackupStatusReport>>;
  setPassphrase(passphrase: string): Promise<Result<void>>;
}

export interface BackupProgress {
  readonly stage: 'copying' | 'rehearsing';
}

export interface BackupWish {
  readonly to?: string;
  /** As in the settings: 1d, 12h; 0 for never. */
  readonly every?: string;
  readonly keep?: string;
  readonly passphrase?: string;
}

/** Works on the data directory as a whole, with the box running or (in the command line) off. */
export interface Maintenance {
  backup(file: string, passphrase: string): Promise<Result<BackupReport>>;
  /** What restoring would overwrite, in a sentence; undefined when there is nothing to lose. */
  lossByRestore(): Promise<string | undefined>;
  restore(file: string, passphrase: string): Promise<Result<RestoreReport>>;
  verify(): Promise<Result<VerifyReport>>;
}
