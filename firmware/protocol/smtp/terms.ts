/*
 * On what terms an SMTP listener serves: its part in the house and its slice of the settings.
 * Frozen for a session; a change of settings is for the sessions that come after it.
 */
import type { PlaintextRule } from '#mail/accounts/plaintext';
import type { Place } from '#mail/place';

export interface SmtpTerms {
  /** 'relay': other hosts bring mail for the people here (RFC 5321, port 25). 'submission': the
   * people here send (RFC 6409, ports 587 and 465). */
  readonly role: 'relay' | 'submission';
  /** What the box calls itself. */
  readonly hostName: string;
  /** `mail.domains`: where the people here live. */
  readonly domains: readonly string[];
  /** Octets of the largest message taken. */
  readonly largestMessage: number;
  /** Recipients of a message at most; RFC 5321 §4.5.3.1.8 asks for 100. */
  readonly mostRecipients: number;
  /** Milliseconds of silence after which the line is closed. */
  readonly idle: number;
  /** `auth.plaintext` */
  readonly plaintext: PlaintextRule;
  /** Somebody here has a recoverable password. */
  readonly sharedSecrets: boolean;
  /** `smtp.bareNewline` */
  readonly bareNewline: 'auto' | 'repair' | 'refuse';
  /** Is there a certificate to encrypt with? */
  readonly certificate: boolean;
}

/**
 * What happens to a CR or LF alone in a message that comes by DATA. Old printers send them, and so
 * does whoever wants two servers to see two different messages in one stream (SMTP smuggling). So
 * machines near us are mended for and strangers are refused. Either way the end of the message is
 * CRLF . CRLF alone (transparency.ts): mending comes after, and can neither make nor move an end.
 */
export function newlineRule(
  setting: SmtpTerms['bareNewline'],
  place: Place,
  signedIn: boolean,
): 'repair' | 'refuse' {
  if (setting !== 'auto') return setting;
  return place !== 'far' || signedIn ? 'repair' : 'refuse';
}
