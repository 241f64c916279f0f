/*
 * The part of a report that programs read (RFC 3464 §2): fields about the message, and about each
 * recipient. With an address or a server's words beyond ASCII it is message/global-delivery-status
 * (RFC 6533 §4), which carries them as they are.
 */
import { field } from './field.ts';
import { printable } from './printable.ts';
import { dateTime } from './trace.ts';

export interface StatusFacts {
  /** ENVID, xtext undone. */
  readonly envelopeId?: string;
  /** Our own name. */
  readonly hostName: string;
  /** When the message came; milliseconds since 1970, as all times here. */
  readonly arrivedAt: number;
  readonly recipients: readonly RecipientStatus[];
}

export interface RecipientStatus {
  readonly address: string;
  readonly original?: { readonly type: string; readonly address: string };
  /** RFC 3464 §2.3.3 */
  readonly action: 'failed' | 'delayed' | 'relayed' | 'delivered';
  /** RFC 3463 */
  readonly status: string;
  /** Who said `diagnostic`. */
  readonly remote?: string;
  /** A server's answer with its codes. */
  readonly diagnostic?: string;
  readonly attemptedAt?: number;
  readonly tryUntil?: number;
}

/** As much of a server's words as is reported, in characters. */
export const longestWords = 500;

/** The fields in groups; each group ends with an empty line but the last. */
export function deliveryStatus(facts: StatusFacts): string {
  return [perMessage(facts), ...facts.recipients.map(perRecipient)].join('\r\n');
}

// RFC 3464 §2.2:
//   per-message-fields = [ original-envelope-id-field CRLF ] reporting-mta-field CRLF
//     [ dsn-gateway-field CRLF ] [ received-from-mta-field CRLF ] [ arrival-date-field CRLF ]
function perMessage({ envelopeId, hostName, arrivedAt }: StatusFacts): string {
  return (
    optional('Original-Envelope-Id', envelopeId) +
    field('Reporting-MTA', `dns; ${hostName}`) +
    field('Arrival-Date', dateTime(arrivedAt))
  );
}

// RFC 3464 §2.3:
//   per-recipient-fields = [ original-recipient-field CRLF ] final-recipient-field CRLF
//     action-field CRLF status-field CRLF [ remote-mta-field CRLF ]
//     [ diagnostic-code-field CRLF ] [ last-attempt-date-field CRLF ]
//     [ final-log-id-field CRLF ] [ will-retry-until-field CRLF ]
function perRecipient(recipient: RecipientStatus): string {
  const { address, original, action, status, remote, diagnostic } = recipient;
  const { attemptedAt, tryUntil } = recipient;
  // RFC 6533 §3: the type of addresses beyond ASCII
  const type = isAsciiText(address) ? 'rfc822' : 'utf-8';
  return (
    optional('Original-Recipient', original && `${original.type}; ${original.address}`) +
    field('Final-Recipient', `${type}; ${address}`) +
    field('Action', action) +
    field('Status', statusFor(action, status)) +
    optional('Remote-MTA', isName(remote) ? `dns; ${remote}` : undefined) +
    optional('Diagnostic-Code', diagnostic && `smtp; ${printable(diagnostic, longestWords)}`) +
    optional('Last-Attempt-Date', attemptedAt === undefined ? undefined : dateTime(attemptedAt)) +
    // RFC 3464 §2.3.9: only for "delayed"
    optional('Will-Retry-Until', tryUntil === undefined ? undefined : dateTime(tryUntil))
  );
}

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : field(name, value);
}

/** A provider's "550 5.4.5" may only mean tomorrow: what is delayed has the class of what is
 * temporary (RFC 3463 §2), whatever the provider called it. */
function statusFor(action: RecipientStatus['action'], status: string): string {
  const good = /^[245]\.\d{1,3}\.\d{1,3}$/.test(status) ? status : '5.0.0';
  return action === 'delayed' ? `4${good.slice(1)}` : good;
}

/** A host's, not what people call a provider. */
function isName(text: string | undefined): boolean {
  return text !== undefined && /^(?=.*[.:])[A-Za-z0-9.:_[\]-]{1,255}$/.test(text);
}

export function isAsciiText(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
