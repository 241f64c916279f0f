/*
 * What the box answers on its control socket, version 1 (`/v1/...`). The command line and the
 * Node-RED nodes read these; the field names are kept stable, new ones may be added. Times are
 * milliseconds since 1970, sizes are octets.
 */

/** `GET /v1/status`. */
export interface StatusReport {
  readonly version: string;
  /** What the box calls itself: setting host.name. */
  readonly name: string;
  readonly process: number;
  readonly dataDirectory: string;
  readonly startedAt: number;
  readonly uptimeSeconds: number;
  readonly listeners: readonly ListenerReport[];
  readonly certificate: CertificateReport;
  readonly accounts: readonly AccountReport[];
  readonly store: StoreReport;
  readonly queue: QueueReport;
  readonly uplinks: readonly UplinkReport[];
  readonly sources: readonly SourceReport[];
  /** Whether the clock can be trusted, and why not. */
  readonly clock: { readonly sane: boolean; readonly say: string };
  readonly memory: { readonly resident: number };
  /** The pages' process. */
  readonly flows: FlowsReport;
  readonly web: WebReport;
  readonly discovery: DiscoveryReport;
  /** Sentences; empty when all is well. */
  readonly warnings: readonly string[];
}

/** Node-RED, which makes the pages. */
export interface FlowsReport {
  readonly state: 'stopped' | 'starting' | 'ready' | 'failed';
  /** The setting flows.run. */
  readonly run: 'demand' | 'always' | 'off';
  /** Octets that its process has in memory, while it runs. */
  readonly memory?: number;
  /** It stays on, because of something in the owner's own flows; what that is, in a sentence. */
  readonly stays?: string;
  /** What is wrong, in a sentence. */
  readonly say?: string;
}

/** How the box is found on its networks (multicast DNS). */
export interface DiscoveryReport {
  /** 'closed': nothing listens on a network. 'asking': whether the name is free. */
  readonly state: 'off' | 'closed' | 'asking' | 'found' | 'failed';
  /** What it is called there, or would be: `restante.local`. */
  readonly name: string;
  /** As DNS-SD calls them: `_pop3s._tcp`. */
  readonly services: readonly string[];
  /** Interfaces: `eth0`. */
  readonly networks: readonly string[];
  /** What is wrong, in a sentence. */
  readonly say?: string;
}

/** The web pages. */
export interface WebReport {
  /** 'unusable': the password was kept by another box, and a new one has to be set. */
  readonly owner: 'none' | 'set' | 'unusable';
  /** Browsers that are signed in. */
  readonly sessions: number;
  /** Where the pages are, as a browser in the house types it; the first is the best. */
  readonly addresses: readonly string[];
  readonly setUp: 'done' | 'open' | 'closed';
  /** While set-up is open. */
  readonly setUpUntil?: number;
}

export interface ListenerReport {
  /** 'smtp', 'submission', 'submissions', 'pop3', 'pop3s' */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** 'tls' from the first octet, 'starttls' on demand, or 'none'. */
  readonly security: 'tls' | 'starttls' | 'none';
}

/** `POST /v1/setup/open`. */
export interface SetUpReport {
  /** Where a browser goes, with the code in it; several when the box has several addresses. */
  readonly links: readonly string[];
  /** Works once. */
  readonly code: string;
  readonly until: number;
}

export interface CertificateReport {
  /** Which certificate is served, in a sentence. */
  readonly say: string;
  readonly validUntil: number;
  /** SHA-256 of the box's own CA, as AA:BB:...; empty when its key is lost. */
  readonly caFingerprint: string;
  readonly caFile: string;
}

export interface AccountReport {
  readonly name: string;
  readonly addresses: readonly AddressReport[];
  readonly messages: number;
  readonly octets: number;
  /** Messages that were never retrieved. */
  readonly unretrieved: number;
  /** The store could not be read: its numbers are 0 and mean nothing. */
  readonly unread?: true;
  /** Its passwords, by name, that are kept recoverable, for CRAM-MD5 and APOP. */
  readonly recoverable: readonly string[];
}

/** `GET /v1/mail/list`: a message that lies in an inbox, oldest first. */
export interface MailReport {
  /** Never another message's, through restarts and restores; names it in `mail message`. */
  readonly id: string;
  /** Ask for what comes `after` it. */
  readonly cursor: string;
  readonly account: string;
  readonly octets: number;
  readonly arrivedAt: number;
  /** As people read it: decoded, on one line, '' when there is none. */
  readonly from: string;
  readonly subject: string;
}

/** `POST /v1/mail/send`. */
export interface SentReport {
  /** Names it in `queue why` and in the log. */
  readonly id: string;
  /** Everybody it goes to. */
  readonly recipients: readonly string[];
}

/** `GET /v1/join/link`: somebody's own help page. */
export interface JoinReport {
  readonly account: string;
  readonly token: string;
  /** On the web pages: '/join/...'. */
  readonly path: string;
  /** The same with the pages' addresses before it, the best first; none without web pages. */
  readonly links: readonly string[];
}

/** `GET /v1/shelf/list`: deleted mail that can still be put back. */
export interface ShelvedReport {
  /** Names it in `shelf restore`. */
  readonly id: number;
  readonly account: string;
  readonly octets: number;
  readonly arrivedAt: number;
  readonly deletedAt: number;
  readonly from: string;
  readonly subject: string;
}

export interface ShelfRestoreReport {
  readonly restored: number;
}

export interface AddressReport {
  readonly address: string;
  readonly account: string;
  /** 'local': mail to it is delivered here. 'outside': hers elsewhere; she may send as it.
   * 'forward': mail to it is only sent elsewhere. */
  readonly kind: 'local' | 'outside' | 'forward';
  /** The account is known by it: its mail goes out under this address. */
  readonly knownAs?: true;
  /** Where a copy of its mail is sent. */
  readonly forwardTo?: readonly string[];
}

export interface StoreReport {
  readonly takesMail: boolean;
  readonly serves: boolean;
  readonly room: number;
  readonly say?: string;
}

/** A machine that may send from its address without signing in. */
export interface DeviceReport {
  readonly name: string;
  /** Its IP address. */
  readonly address: string;
  readonly account: string;
  /** The sender of its mail, whatever it says itself. */
  readonly from: string;
  /** TLS 1.0 and 1.1 are allowed for it. */
  readonly oldTls: boolean;
  readonly perHour: number;
  readonly sentThisHour: number;
}

/** `POST /v1/device/add`: the device, and what to type into it. */
export interface NewDeviceReport {
  readonly device: DeviceReport;
  /** `from` became an address of the account with it. */
  readonly newAddress: boolean;
  readonly server: string;
  readonly ports: readonly number[];
  readonly loopbackOnly: boolean;
}

/** What to type into a mail client. */
export interface MailClientFacts {
  readonly server: string;
  readonly login: string;
  readonly address: string;
  readonly incoming: readonly ListenerReport[];
  readonly outgoing: readonly ListenerReport[];
  readonly caFile: string;
  readonly caFingerprint: string;
  /** Only this machine can reach the box as it is set up. */
  readonly loopbackOnly: boolean;
}

/** A password as far as it may be shown. */
export interface PasswordReport {
  /** 'main', or the name an app password was given. */
  readonly name: string;
  readonly createdAt: number;
  /** False when it was kept by another box, whose key this one does not have. */
  readonly usable: boolean;
  /** CRAM-MD5 and APOP work with it. */
  readonly recoverable: boolean;
  readonly usedAt?: number;
  readonly usedFrom?: string;
}

/** `POST /v1/account/passwords/add`: the only time the password is shown. */
export interface NewPassword {
  readonly account: string;
  readonly name: string;
  readonly password: string;
}

/** A row of the settings table with its value. */
export interface SettingReport {
  readonly name: string;
  /** What the box works with now. */
  readonly value: string;
  /** What it will work with after the next start, when that differs. */
  readonly next?: string;
  readonly source: 'default' | 'settings.json' | '--set';
  readonly applies: 'live' | 'restart';
  readonly unit: string;
  /** What it does. */
  readonly sentence: string;
  /** The value while nobody says otherwise. */
  readonly default: string;
  /** How a form asks for it: 'list' has commas or blanks between its values; 'octets' and
   * 'duration' are written with letters (500K, 15m); 'path' names a file or folder on the box. */
  readonly kind: 'text' | 'path' | 'choice' | 'number' | 'octets' | 'duration' | 'list';
  /** Of kind 'choice'. */
  readonly choices?: readonly string[];
  /** Of 'number', 'octets' (in octets) and 'duration' (in seconds). */
  readonly min?: number;
  readonly max?: number;
  /** What 0 does, where it may stand there below `min`: "for never". */
  readonly zero?: string;
  /** What may stand there, to be read after "Allowed: ". */
  readonly hint: string;
}

export interface SettingChange {
  readonly name: string;
  readonly value: string;
  /** When it holds: at once, from the next start on, or only in a run without this `--set`. */
  readonly takes: 'live' | 'restart' | 'overridden';
}

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

/** `GET /v1/panel`: the front panel as it looks. */
export interface PanelReport {
  /** 'chardev', 'onoff', 'serial', 'simulated', 'none' */
  readonly driver: string;
  /** Why the driver does not work, and what to do. */
  readonly trouble?: string;
  readonly lamps: readonly {
    /** 'mail', 'mail.ann', 'queue', 'status' */
    readonly lamp: string;
    readonly pattern: 'off' | 'on' | 'slow' | 'fast' | 'pulse';
    /** What it means, in a sentence. */
    readonly say: string;
  }[];
}

/** What is wrong and a person should look at; over when it is gone. */
export interface TroubleReport {
  readonly about: 'uplink' | 'source' | 'store' | 'clock';
  /** The uplink's or source's; '' when there is but one. */
  readonly name: string;
  readonly say: string;
}

/** `GET /v1/events?follow=true`. A follower hears first how queue, lamps and troubles are, then
 * what happens. New kinds may come: pass over those you do not know. */
export type BoxEvent =
  /** A message lies in an inbox, on disk. What was put back from the shelf is told, too. */
  | {
      readonly event: 'mail';
      readonly account: string;
      /** As in `mail list`. */
      readonly id: string;
      readonly octets: number;
      readonly from: string;
      readonly subject: string;
      readonly at: number;
    }
  | ({ readonly event: 'queue' } & QueueReport)
  | ({ readonly event: 'trouble' } & TroubleReport)
  | ({ readonly event: 'trouble-over' } & TroubleReport)
  /** The button was let go. `did`: what came of it, in words. */
  | { readonly event: 'button'; readonly heldMs: number; readonly did: string }
  | {
      readonly event: 'lamps';
      readonly lamps: readonly {
        readonly name: string;
        readonly pattern: PanelReport['lamps'][number]['pattern'];
        readonly say: string;
      }[];
    };

/** `POST /v1/panel/press`: what the press did, in words. */
export interface PressReport {
  readonly say: string;
}

/** The body of every answer that is not 200. `code` is stable, `say` is for a person. */
export interface ErrorReport {
  readonly error: { readonly code: string; readonly say: string };
}
