/*
 * The settings cut into what each part needs. Parts ask for their slice through a function, so
 * they see live changes; the table's seconds become the code's milliseconds here.
 */

import type { HouseholdSettings } from '#mail/accounts/routing';
import type { BackupTerms } from '#mail/backups/schedule';
import type { MaildropSettings } from '#mail/maildrop/store-maildrops';
import type { ScheduleTerms } from '#mail/queue/schedule';
import type { SendingWindow } from '#mail/queue/windows';
import type { StoreSettings } from '#mail/store/sqlite/sqlite-store';
import { type ConnectionLimits, memoryShare } from '#net/limits';
import type { ListenerPlan } from '#net/listener';
import type { OwnerFiles } from '#net/tls/owner-files';
import type { Pop3Settings } from '#protocol/pop3/session';
import type { Protocol } from '#protocol/session';
import type { SmtpTerms } from '#protocol/smtp/terms';
import type { Settings } from '#settings/table';

/** Beyond this share of the machine's memory nobody new is let in. */
const memoryForMail = 0.4;

export function storeSlice(settings: Settings, built: number): StoreSettings {
  return {
    lowWater: settings['store.lowWater'],
    shelfDays: settings['pop3.shelfDays'],
    clockIsSaneFrom: built,
  };
}

export function householdSlice(settings: Settings): HouseholdSettings {
  return {
    domains: settings['mail.domains'],
    catchAll: settings['mail.catchAll'],
    rounds: settings['auth.rounds'],
  };
}

export function maildropSlice(settings: Settings): MaildropSettings {
  return { lockWait: settings['pop3.lockWait'] * 1000 };
}

export function scheduleSlice(settings: Settings): ScheduleTerms {
  return {
    retries: settings['queue.retries'].map((seconds) => seconds * 1000),
    delayNotice: settings['queue.delayNotice'] * 1000,
    giveUp: settings['queue.giveUp'] * 1000,
  };
}

export function sendingWindows(settings: Settings): readonly SendingWindow[] {
  return settings['queue.windows'];
}

export interface CollectSettings {
  /** Octets of the largest message that is collected. */
  readonly largest: number;
  /** Sources that are collected from at the same time. */
  readonly connections: number;
  /** Free octets below which collecting rests. */
  readonly lowWater: number;
}

export function collectSlice(settings: Settings): CollectSettings {
  return {
    largest: settings['collect.largest'],
    connections: settings['collect.connections'],
    lowWater: settings['collect.lowWater'],
  };
}

export function pop3Slice(
  settings: Settings,
  certificate: boolean,
  sharedSecrets: boolean,
): Pop3Settings {
  return {
    hostName: settings['host.name'],
    plaintext: settings['auth.plaintext'],
    sharedSecrets,
    tlsAvailable: certificate,
    idle: settings['pop3.idle'] * 1000,
  };
}

export function smtpTerms(
  settings: Settings,
  role: SmtpTerms['role'],
  certificate: boolean,
  sharedSecrets: boolean,
): SmtpTerms {
  return {
    role,
    hostName: settings['host.name'],
    domains: settings['mail.domains'],
    largestMessage: settings['mail.maxOctets'],
    mostRecipients: settings['smtp.maxRecipients'],
    idle: settings['smtp.idle'] * 1000,
    plaintext: settings['auth.plaintext'],
    sharedSecrets,
    bareNewline: settings['smtp.bareNewline'],
    certificate,
  };
}

export function connectionSlice(settings: Settings): ConnectionLimits {
  return {
    total: settings['net.connections'],
    perPeer: settings['net.connectionsPerPeer'],
    memory: memoryShare(memoryForMail),
  };
}

export function backupSlice(settings: Settings): BackupTerms {
  return {
    to: settings['backup.to'],
    every: settings['backup.every'] * 1000,
    keep: settings['backup.keep'],
  };
}

/** The owner's own certificate, when the settings name it and its key. */
export function ownerFiles(settings: Settings): OwnerFiles | undefined {
  const [certificate, key] = [settings['tls.certificate'], settings['tls.key']];
  return certificate === '' || key === '' ? undefined : { certificate, key };
}

/** The names that the box's own certificate is for. Mail domains are not among them: clients call
 * the box by its name, and the authority shall not be able to vouch for a public domain. */
export function certificateNames(settings: Settings): readonly string[] {
  return [settings['host.name']];
}

/** What listens where. A port of 0 turns its listener off. */
export function listenerPlans(
  settings: Settings,
  protocols: Readonly<Record<'smtp' | 'submission' | 'submissions' | 'pop3', Protocol>>,
): ListenerPlan[] {
  const { smtp, submission, submissions, pop3 } = protocols;
  const rows = [
    ['smtp.port', smtp, false],
    ['submission.port', submission, false],
    ['submissions.port', submissions, true],
    ['pop3.port', pop3, false],
    ['pop3s.port', pop3, true],
  ] as const;
  return rows
    .filter(([setting]) => settings[setting] !== 0)
    .map(([setting, protocol, implicitTls]) => ({
      protocol,
      port: settings[setting],
      setting,
      hosts: settings['listen.host'],
      implicitTls,
    }));
}
