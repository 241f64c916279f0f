/*
 * What is known of a mail provider: where it takes mail in and gives mail out, how it wants people
 * to sign in, and what it lets them send and collect. Data for uplinks and the collector; the table
 * is presets.ts, and what its answers mean is refusals.ts's.
 */
import type { OAuthProviderKey } from './oauth/endpoints.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  /** `tls`: from the first octet. `starttls`: required. */
  readonly security: 'tls' | 'starttls' | 'none';
}

/** 'app-password': a password made for one program, on a page of the provider's. */
export type SignIn = 'password' | 'app-password' | 'oauth';

/** What an account may send, as far as its provider has published it. */
export interface SendingLimits {
  readonly messagesPerDay?: number;
  readonly recipientsPerDay?: number;
  /** In one message. */
  readonly recipients?: number;
  /** Of one message. */
  readonly octets?: number;
}

/** What may be collected, as far as its provider has published it, or as its users have met it. */
export interface CollectingLimits {
  /** Downloaded in a day, over which it shuts people out. */
  readonly imapOctetsPerDay?: number;
  readonly pop3OctetsPerDay?: number;
  /** IMAP connections of one account at the same time, its owner's other programs counted. */
  readonly imapConnections?: number;
  /** Milliseconds that must lie between two POP3 sign-ins. */
  readonly pop3Every?: number;
  /** Where this was read. */
  readonly source: string;
}

export interface Preset {
  /** For `--provider`, in lower case. */
  readonly name: string;
  /** For sentences: 'Gmail'. */
  readonly title: string;
  /** Other names people know it by. */
  readonly aliases?: readonly string[];
  /** Domains of its mail addresses. */
  readonly domains: readonly string[];
  readonly smtp: Server;
  readonly imap?: Server;
  readonly pop3?: Server;
  /** The one to begin with stands first. Empty: no sign-in. */
  readonly signIn: readonly SignIn[];
  readonly oauth?: OAuthProviderKey;
  /** Where an app password is made. */
  readonly appPasswords?: string;
  /** What a person has to do there first, in a sentence. */
  readonly first?: string;
  /** The same for whoever collects by POP3. */
  readonly pop3First?: string;
  /** SMTP connections of one account at the same time; undefined: two, as is polite. */
  readonly connections?: number;
  readonly limits?: SendingLimits;
  readonly collecting?: CollectingLimits;
  /** Where this was read. */
  readonly source: string;
}

/** Names are compared without case, blanks and punctuation: TOnline is t-online. */
export function nameKey(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
