/*
 * What the box answers about the ways of mail, out and in: the queue, uplinks, sources, providers.
 * A part of the contract in types.ts, which has its rules and is where it is imported from.
 */

/** The queue as a whole, in `status`. */
export interface QueueReport {
  /** Messages and recipients that wait. */
  readonly messages: number;
  readonly recipients: number;
  readonly octets: number;
  /** The store could not be read: the numbers above are 0 and mean nothing. */
  readonly unread?: true;
  /** When the oldest was queued. */
  readonly oldestAt?: number;
  /** When something is tried next; undefined: nothing waits, or it is held. */
  readonly nextAt?: number;
  /** Held by `hold`: mail is taken in and nothing is sent. */
  readonly held: boolean;
  /** Held because a backup was restored: what waits may have been sent since it was made. */
  readonly restored?: boolean;
  /** Outside the sending windows: until when. */
  readonly windowOpensAt?: number;
  /** Being sent now. */
  readonly sending: number;
  /** Waiting, and no uplink serves their senders. */
  readonly withoutUplink: number;
  readonly flushing: boolean;
}

/** An uplink, in `status` and `uplink list`. */
export interface UplinkReport {
  readonly name: string;
  readonly provider: string;
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user?: string;
  readonly signIn: 'none' | 'password' | 'oauth' | 'missing';
  readonly isDefault: boolean;
  readonly addresses: readonly string[];
  readonly connections: number;
  /** 'well', 'paused' (cannot be reached), 'quota' (its provider's limit), 'sign-in' (a person is
   * needed). */
  readonly condition: 'well' | 'paused' | 'quota' | 'sign-in';
  /** In words, '' when well. */
  readonly say: string;
  /** When it is tried again. */
  readonly nextAt?: number;
  readonly waiting: number;
  /** An OAuth sign-in dies then unless somebody signs in anew. */
  readonly signInEndsAt?: number;
  /** Of a new one: what its provider wants a person to do first. */
  readonly first?: string;
  /** Of a new default: the uplink that was it until now. */
  readonly defaultBefore?: string;
}

/** `GET /v1/queue/list`: a message that waits, with the recipients that have not got it. */
export interface QueuedReport {
  /** Names it in `queue why|retry|drop`. */
  readonly id: string;
  readonly account: string;
  /** '' for the null sender. */
  readonly sender: string;
  readonly queuedAt: number;
  readonly octets: number;
  /** The uplink's name; undefined when none serves its sender. */
  readonly uplink?: string;
  readonly recipients: readonly QueuedRecipientReport[];
}

export interface QueuedRecipientReport {
  readonly address: string;
  readonly attempts: number;
  readonly nextAt?: number;
  /** What happened last, in words. */
  readonly last: string;
  /** It may have arrived already: all was sent, and the answer was not recorded. */
  readonly doubt: boolean;
}

/** `GET /v1/queue/why` and `GET /v1/log?address=...`: what happened to a message. */
export interface HistoryReport {
  readonly id: string;
  readonly lines: readonly { readonly at: number; readonly say: string }[];
  /** While it waits. */
  readonly queued?: QueuedReport;
}

/** `POST /v1/flush`. */
export interface FlushReport {
  readonly joined: boolean;
  readonly messages: number;
  readonly sent: number;
  readonly later: number;
  readonly gaveUp: number;
  readonly untried: number;
  readonly uplinks: readonly { readonly name: string; readonly say: string }[];
  /** Messages that were collected from the sources meanwhile. */
  readonly collected: number;
  readonly held: boolean;
}

export interface FlushProgress {
  readonly messages: number;
  readonly done: number;
}

export interface HoldReport {
  readonly held: boolean;
  /** Messages that wait. */
  readonly messages: number;
}

/** `POST /v1/uplink/test`. */
export interface UplinkTestReport {
  readonly name: string;
  readonly works: boolean;
  /** What is wrong and what to do, or what works. */
  readonly say: string;
  /** The server's own words, '' when it said none. */
  readonly answer: string;
  /** When it does not work. 'unreachable' and 'clock' may pass by themselves. */
  readonly kind?: 'unreachable' | 'sign-in' | 'certificate' | 'settings' | 'clock';
  /** e.g. 'TLSv1.3 TLS_AES_256_GCM_SHA384' */
  readonly tls?: string;
}

/** `GET /v1/provider/list`: a provider the box knows. */
export interface ProviderReport {
  /** For `--provider`. */
  readonly name: string;
  readonly title: string;
  /** Of its mail addresses. */
  readonly domains: readonly string[];
  /** How somebody signs in there, the usual way first; empty: not at all. */
  readonly signIn: readonly ('app-password' | 'password' | 'oauth')[];
  /** Mail can be collected there. */
  readonly collects: boolean;
  /** Where an app password is made. */
  readonly appPasswords?: string;
  /** What a person has to do there first, in a sentence. */
  readonly first?: string;
}

/** `POST /v1/provider/connect`. */
export interface ConnectReport {
  readonly account: string;
  /** All that was wanted works. */
  readonly done: boolean;
  readonly steps: readonly ConnectStep[];
  /** Somebody has to sign in on the provider's pages: do that, then ask again with `wait: true`, or
   * with `pasted: true` and what was pasted as `secret`. */
  readonly signIn?: UplinkSignInReport;
  /** Not done, and not for the password's sake: whoever asks again within ten minutes, once, may give
   * this as `again` in place of the `secret`. */
  readonly again?: string;
}

export interface ConnectStep {
  readonly step: 'address' | 'sending' | 'collecting' | 'undone';
  readonly ok: boolean;
  /** What was done or what is wrong, and what to do: whole sentences. */
  readonly say: string;
  /** The uplink's or source's name, while it is there. */
  readonly name?: string;
  /** It does not work now and was kept: it is tried again by itself, or was there before. */
  readonly kept?: true;
  /** What the trouble is about, when its test found one. */
  readonly trouble?: NonNullable<UplinkTestReport['kind']>;
}

/** `POST /v1/provider/certificate`: one certificate of a file, to be compared before it is trusted. */
export interface AuthorityReport {
  readonly name: string;
  readonly issuer: string;
  /** SHA-256, 'AB:CD:...' */
  readonly fingerprint: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** `POST /v1/uplink/signin`: what the person has to do, or that it is done. */
export type UplinkSignInReport =
  | { readonly step: 'done'; readonly name: string; readonly say: string }
  /** RFC 8628: open the address, type the code; then ask again with `wait`. */
  | {
      readonly step: 'device';
      readonly name: string;
      readonly address: string;
      readonly code: string;
      readonly expiresAt: number;
    }
  /** Open the address, sign in, paste back where the browser was sent. */
  | { readonly step: 'paste'; readonly name: string; readonly address: string };

/** A source, in `status` and `source list`. */
export interface SourceReport {
  readonly name: string;
  /** Whose INBOX its mail goes to. */
  readonly account: string;
  readonly provider: string;
  readonly protocol: 'pop3' | 'imap';
  readonly host: string;
  readonly port: number;
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user: string;
  /** POP3 has none. */
  readonly folders: readonly string[];
  /** '30d', 'all', 'now' */
  readonly since: string;
  /** 'forever', '7d', 'delete' */
  readonly keep: string;
  readonly everySeconds: number;
  /** 'waiting': the server, or its provider's limit, wants it to come back later. 'sign-in' and
   * 'settings': it stopped, and a person is needed. 'no-room': collecting rests, for the disk. */
  readonly condition:
    | 'well'
    | 'collecting'
    | 'waiting'
    | 'unreachable'
    | 'sign-in'
    | 'settings'
    | 'paused'
    | 'no-room';
  /** In words, '' when there is nothing to say. */
  readonly say: string;
  /** When it was last looked into as a whole. */
  readonly lastAt?: number;
  readonly nextAt?: number;
  /** Collected so far. */
  readonly messages: number;
  readonly signIn: 'password' | 'oauth' | 'missing';
  /** An OAuth sign-in dies then unless somebody signs in anew. */
  readonly signInEndsAt?: number;
  /** Of a new one: what its provider wants a person to do first. */
  readonly first?: string;
  /** Of a new one: others that collect from the same mailbox for the same account. Each source keeps
   * count of its own, so what lies there comes once from each. */
  readonly alike?: readonly string[];
}

/** `POST /v1/source/test`. */
export interface SourceTestReport extends UplinkTestReport {
  /** That lie there, in the first folder that is collected. */
  readonly messages?: number;
}

/** `POST /v1/source/collect`: what one look into a source brought. */
export interface SourceCollectReport {
  readonly name: string;
  /** It was looked into to the end. */
  readonly works: boolean;
  readonly collected: number;
  /** Here already. */
  readonly known: number;
  /** Older than is to be collected. */
  readonly skipped: number;
  /** Larger than `collect.largest`; the owner is told of each. */
  readonly tooLarge: number;
  /** Removed at the source. */
  readonly removed: number;
  /** What went wrong, '' when nothing did. */
  readonly say: string;
}

/** While sources are looked into. */
export interface CollectProgress {
  /** The source. */
  readonly name: string;
  readonly collected: number;
  /** Here already, too old or too large. */
  readonly others: number;
}

/** `POST /v1/source/signin`. */
export type SourceSignInReport = UplinkSignInReport;
