/*
 * The port to a source's server, as the collector uses it: signed in, one folder open at a time.
 * Adapters: Pop3Upstream (our own client in protocol/pop3/client/), ImapUpstream (imapflow, loaded
 * when it is first wanted), and MemoryUpstream for tests. It moves octets and knows no rule of what
 * is collected. Nothing in it grows with a message, and with a listing only as far as limits.ts says.
 */
import type { Result } from '#base/result';
import type { SourceProtocol } from '#mail/sources/records';
import type { ConnectTrouble, Target } from '#net/dial';

/** Everything that is needed to connect and sign in. Never logged. */
export interface SourceTarget extends Target {
  readonly protocol: SourceProtocol;
  readonly user: string;
  readonly secret: { readonly password: string } | { readonly accessToken: string };
}

/**
 * Why it went no further. `broken`: the connection is gone, or the server talks nonsense; nothing
 * is known of what was under way. `later`: it said no to all that is of use, for now. `refused`: it
 * said no to one thing and may be asked another. `absent`: there is no such folder.
 */
export interface UpstreamTrouble {
  readonly kind: 'broken' | 'later' | 'refused' | 'absent';
  /** In its own words, where it said any. */
  readonly detail: string;
}

type Got<T = void> = Promise<Result<T, UpstreamTrouble>>;

export interface UpstreamFacts {
  /** For the Received field: 'POP3', 'POP3S', 'IMAP', 'IMAPS' (the S: encrypted). */
  readonly with: 'POP3' | 'POP3S' | 'IMAP' | 'IMAPS';
  /** The address we are connected to. */
  readonly address: string;
  /** e.g. 'TLSv1.3 TLS_AES_256_GCM_SHA384' */
  readonly tls?: string;
  /** RFC 2449 §6.5 LOGIN-DELAY: milliseconds that must lie between two sign-ins. */
  readonly loginDelay?: number;
  /** It tells of new messages by itself (IDLE). */
  readonly tells: boolean;
}

/** A message as the source lists it. */
export interface Listed {
  readonly uid: string;
  /** POP3: its number in this session (RFC 1939 §4). IMAP: 0. */
  readonly number: number;
  /** As the source says, which may be wrong; 0: it does not say. */
  readonly octets: number;
  /** INTERNALDATE, milliseconds since 1970, where the source tells it. */
  readonly arrivedAt?: number;
  /** The listing names this unique-id more than once: it proves nothing. */
  readonly ambiguous?: true;
}

/** Takes one message in. The upstream calls `write` ..., then `end`; or `missing` at once. */
export interface Receiver {
  /** Octets, dot-stuffing undone, as the source has them; good until the call, or its promise, is
   * done. A promise means: wait. False: the rest is not wanted; the upstream goes on as cheaply as
   * its protocol allows (POP3 lets it pass by), and calls `end` no more. */
  write(octets: Buffer): boolean | Promise<boolean>;
  /** All of it came. A promise means: begin no further message until it is done. */
  end(): void | Promise<void>;
  /** The source listed it and does not give it. */
  missing(detail: string): void | Promise<void>;
}

/** One call at a time; `list` is one until its last page. */
export interface OpenFolder {
  /** UIDVALIDITY in decimal; POP3: ''. */
  readonly identity: string;
  readonly messages: number;
  /** IMAP: UIDNEXT, when the server says it. */
  readonly uidNext?: number;
  /** HIGHESTMODSEQ in decimal, where CONDSTORE is offered. */
  readonly modseq?: string;
  /**
   * The messages there in order, a page at a time (at most 1,000). IMAP: those with a UID of at least
   * `from`. A listing past `limits.ts` ends with `broken`.
   */
  list(from: number): AsyncIterable<Result<readonly Listed[], UpstreamTrouble>>;
  /** Is it there now? Asked seldom. */
  has(uid: string): Got<boolean>;
  /** Its header section, cut after some 64 KiB; undefined when the source cannot give it without the
   * whole message (POP3 without TOP). */
  header(message: Listed): Got<Buffer | undefined>;
  /** Messages in order, several requests ahead where the protocol allows that. `receive` is called
   * when the octets of one begin to come. Resolves when all were ended or found missing; when it
   * comes to trouble, a receiver that was neither has a part at most. */
  fetch(messages: readonly Listed[], receive: (message: Listed) => Receiver): Got;
  /** Removes these at the source. IMAP: done when it resolves. POP3: at `close` (RFC 1939 §6).
   * `refused`: not all of them. */
  remove(messages: readonly Listed[]): Got;
}

export interface Upstream {
  readonly facts: UpstreamFacts;
  /** Opens a folder, in place of the one before. POP3 has one: ''. */
  open(folder: string): Got<OpenFolder>;
  /** Names of folders, for a person who chose one that is not there; POP3: none. */
  folderNames(): Got<readonly string[]>;
  /** Waits until the server tells of a change in the open folder. `quiet`: `until` was aborted
   * first. Keeps the connection alive meanwhile (RFC 2177: IDLE anew within 29 minutes). */
  changed(until: AbortSignal): Got<'changed' | 'quiet'>;
  /** QUIT or LOGOUT, and its answer. POP3 removes now: a trouble means that nothing was removed, or
   * that nobody knows. Ends the connection in any case. */
  close(): Got;
  /** Ends the connection at once. Nothing is removed. */
  abort(): void;
}

/** The server said no while signing in, or before. What to do about it stands in manners.ts. */
export interface SignInAnswer {
  /** RFC 2449 §8, RFC 3206, RFC 5530: 'IN-USE', 'LOGIN-DELAY', 'SYS/TEMP', 'SYS/PERM', 'AUTH',
   * 'AUTHENTICATIONFAILED', 'UNAVAILABLE', 'LIMIT', ...; undefined when it gave none. */
  readonly code?: string;
  /** Its words. Control characters are gone. */
  readonly text: string;
}

export type UpstreamConnectTrouble = ConnectTrouble<SignInAnswer>;

export interface UpstreamConnector {
  /** Connects, secures, signs in. `signal` ends it early. */
  connect(
    target: SourceTarget,
    signal?: AbortSignal,
  ): Promise<Result<Upstream, UpstreamConnectTrouble>>;
}
