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
  readonly memory: { readonly resident: number };
  /** Sentences; empty when all is well. */
  readonly warnings: readonly string[];
}

export interface ListenerReport {
  /** 'smtp', 'submission', 'submissions', 'pop3', 'pop3s' */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** 'tls' from the first octet, or 'starttls' on demand. */
  readonly security: 'tls' | 'starttls';
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
  /** Its passwords, by name, that are kept recoverable, for CRAM-MD5 and APOP. */
  readonly recoverable: readonly string[];
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
  /** 'local': mail to it is delivered here. 'outside': hers elsewhere; she may send as it. */
  readonly kind: 'local' | 'outside';
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
  readonly sentence: string;
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
  /** Of mail. */
  readonly octets: number;
}

export interface RestoreReport {
  readonly messages: number;
  /** The box was running and starts anew with what was restored. */
  readonly restarts: boolean;
}

/** The body of every answer that is not 200. `code` is stable, `say` is for a person. */
export interface ErrorReport {
  readonly error: { readonly code: string; readonly say: string };
}
