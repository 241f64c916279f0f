/*
 * The ports of the door about the ways of mail, out and in: the queue, uplinks, sources,
 * providers. A part of box.ts, which is where they are imported from.
 */
import type { Result } from '#base/result';
import type { KeepAtSource, Since, SourceProtocol } from '#mail/sources/records';
import type {
  AuthorityReport,
  CollectProgress,
  ConnectReport,
  FlushProgress,
  FlushReport,
  HistoryReport,
  HoldReport,
  ProviderReport,
  QueuedReport,
  SourceCollectReport,
  SourceReport,
  SourceSignInReport,
  SourceTestReport,
  UplinkReport,
  UplinkSignInReport,
  UplinkTestReport,
} from './types.ts';

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
  lossOf(name: string, forget: boolean): Promise<Result<string>>;
  /** `forget`: also which messages came from it; then it may be one that was removed before. */
  remove(name: string, forget: boolean): Promise<Result<void>>;
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
  /** What a file (PEM) holds that somebody wants to be trusted. Nothing is trusted by that. */
  certificates(pem: string): Result<readonly AuthorityReport[]>;
}

export interface NewConnection {
  readonly account: string;
  /** The name of a preset; undefined: the hosts say. */
  readonly provider?: string;
  readonly user: string;
  readonly password?: string;
  /** In place of the password: the key from a report, of a try that failed for another reason. */
  readonly again?: string;
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
