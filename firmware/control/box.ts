/*
 * The ports of the door: what control asks of the running box. main fills them from the parts;
 * tests fill them from memory. Control knows the words, not the workings.
 */
import type { LogLine } from '#base/log';
import type { Result } from '#base/result';
import type { NewDevice } from '#mail/devices/devices';
import type { KeepAtSource, Since, SourceProtocol } from '#mail/sources/records';
import type {
  AddressReport,
  BackupReport,
  BackupRunReport,
  BackupStatusReport,
  BoxEvent,
  CollectProgress,
  ConnectReport,
  DeviceReport,
  FlowsReport,
  FlushProgress,
  FlushReport,
  HistoryReport,
  HoldReport,
  MailClientFacts,
  MailReport,
  NewDeviceReport,
  NewPassword,
  PanelReport,
  PasswordReport,
  ProviderReport,
  QueuedReport,
  RestoreReport,
  SentReport,
  SettingChange,
  SettingReport,
  SetUpReport,
  ShelfRestoreReport,
  ShelvedReport,
  SourceCollectReport,
  SourceReport,
  SourceSignInReport,
  SourceTestReport,
  StatusReport,
  UplinkReport,
  UplinkSignInReport,
  UplinkTestReport,
  VerifyReport,
  WebReport,
} from './types.ts';

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

/** Mail on its way out. */
export interface QueueBook {
  /** Of one account, or of all, in the order in which they were queued. */
  list(account: string | undefined, count: number): Promise<Result<readonly QueuedReport[]>>;
  /** The history of a message, by the id that `queue list`, the log or a reply to DATA named. */
  why(id: string): Promise<Result<HistoryReport>>;
  /** The histories of messages from or to an address, newest first. */
  whyAddress(address: string, count: number): Promise<Result<readonly HistoryReport[]>>;
  /** Tries one message now. */
  retry(id: string): Promise<Result<FlushReport>>;
  /** What dropping would lose, in a sentence. */
  lossOf(id: string): Promise<Result<string>>;
  /** Takes a message out of the queue unsent; its sender is told when `tell`. */
  drop(id: string, tell: boolean): Promise<Result<void>>;
  /** Tries everything queued now, and looks into the sources; resolves when all of it was tried. */
  flush(force: boolean, progress?: (so: FlushProgress) => void): Promise<Result<FlushReport>>;
  hold(): Promise<Result<HoldReport>>;
  release(): Promise<Result<HoldReport>>;
}

/** What the owner says of a new uplink. Undefined: as the preset has it. */
export interface NewUplink {
  readonly name: string;
  readonly provider?: string;
  readonly host?: string;
  readonly port?: number;
  readonly security?: 'tls' | 'starttls' | 'none';
  readonly user?: string;
  readonly password?: string;
  readonly addresses: readonly string[];
  readonly isDefault: boolean;
  readonly connections?: number;
  /** A CA (PEM) that is trusted for its host. */
  readonly ca?: string;
}

/** The ways out. */
export interface UplinkBook {
  add(uplink: NewUplink): Promise<Result<UplinkReport>>;
  list(): Promise<Result<readonly UplinkReport[]>>;
  test(name: string): Promise<Result<UplinkTestReport>>;
  /** Begins an OAuth sign-in, or goes on with it: `pasted` is what the browser was sent to;
   * without it, waits for a device code to be used. */
  signIn(name: string, go: SignInStep): Promise<Result<UplinkSignInReport>>;
  setPassword(name: string, password: string): Promise<Result<void>>;
  /** What removing would leave behind, in a sentence; undefined: nothing. */
  lossOf(name: string): Promise<Result<string | undefined>>;
  remove(name: string): Promise<Result<void>>;
  /** The names of the presets. */
  readonly providers: readonly string[];
}

/** What the owner says of a source. Undefined: as the preset has it, or as it was. */
export interface SourceWishes {
  readonly provider?: string;
  readonly protocol?: SourceProtocol;
  readonly host?: string;
  readonly port?: number;
  readonly security?: 'tls' | 'starttls' | 'none';
  readonly user?: string;
  readonly password?: string;
  readonly folders?: readonly string[];
  readonly since?: Since;
  readonly keep?: KeepAtSource;
  /** Milliseconds. */
  readonly every?: number;
  /** A CA (PEM) that is trusted for its host. */
  readonly ca?: string;
}

export interface NewSource extends SourceWishes {
  readonly name: string;
  readonly account: string;
  readonly user: string;
  /** Nothing is collected until it is resumed. */
  readonly paused?: boolean;
}

export interface SourceChanges extends SourceWishes {
  readonly name?: string;
}

/** The outside mailboxes that mail is collected from. */
export interface SourceBook {
  add(source: NewSource): Promise<Result<SourceReport>>;
  /** All but its account. */
  change(name: string, changes: SourceChanges): Promise<Result<SourceReport>>;
  list(): Promise<Result<readonly SourceReport[]>>;
  test(name: string): Promise<Result<SourceTestReport>>;
  /** Looks into one source now, or into all that are not paused; resolves when that is done. */
  collect(
    name: string | undefined,
    progress?: (so: CollectProgress) => void,
  ): Promise<Result<readonly SourceCollectReport[]>>;
  pause(name: string): Promise<Result<void>>;
  resume(name: string): Promise<Result<void>>;
  /** As at an uplink. */
  signIn(name: string, go: SignInStep): Promise<Result<SourceSignInReport>>;
  setPassword(name: string, password: string): Promise<Result<void>>;
  /** What removing would end, in a sentence. */
  lossOf(name: string): Promise<Result<string>>;
  remove(name: string): Promise<Result<void>>;
}

export type SignInStep =
  | { readonly step: 'begin' }
  | { readonly step: 'wait' }
  | { readonly step: 'pasted'; readonly text: string };

/** The world's mail providers. */
export interface ProviderBook {
  list(): readonly ProviderReport[];
  /** Connects an account with its provider, step by step; a step that fails is an answer. */
  connect(wish: NewConnection): Promise<Result<ConnectReport>>;
}

export interface NewConnection {
  readonly account: string;
  /** The name of a preset; undefined: the hosts say. */
  readonly provider?: string;
  readonly user: string;
  readonly password?: string;
  /** Undefined: the user, when that is an address. */
  readonly address?: string;
  /** Neither: both. */
  readonly send: boolean;
  readonly collect: boolean;
  /** What goes before what the preset has. */
  readonly smtp?: Place;
  readonly imap?: Place;
  /** A CA (PEM) that is trusted for these hosts. */
  readonly ca?: string;
  /** Where a sign-in on the provider's pages stands. */
  readonly signIn: SignInStep;
}

export interface Place {
  readonly host?: string;
  readonly port?: number;
  readonly security?: 'tls' | 'starttls' | 'none';
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
