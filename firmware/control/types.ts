/*
 * What the box answers on its control socket, version 1 (`/v1/...`). The command line and the
 * Node-RED nodes read these; the field names are kept stable, new ones may be added. Times are
 * milliseconds since 1970, sizes are octets. What is told of the ways of mail, out and in, stands in
 * way-types.ts, of backups in backup-types.ts.
 */
import type { QueueReport, SourceReport, UplinkReport } from './way-types.ts';

export type * from './backup-types.ts';
export type * from './way-types.ts';

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
  /** The name that the house finds, where there is one; else an address. */
  readonly server: string;
  /** Its address, for a device that does not find the name. */
  readonly otherwise?: string;
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
  /** All this in a sentence. */
  readonly say: string;
}

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
