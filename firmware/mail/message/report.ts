/*
 * A report of the box about a message, as a multipart/report (RFC 6522): words for people, the
 * delivery status for programs, and the message it is about. That last part may be long, so a
 * report comes as what stands before it and what stands behind it. What is reported, and to whom,
 * is decided elsewhere.
 */
import { isAsciiText } from './delivery-status.ts';
import { field, textField } from './field.ts';
import { dateTime } from './trace.ts';

export interface ReportFacts {
  /** With angle brackets. */
  readonly to: string;
  readonly subject: string;
  /** The Message-ID of the message it is about, with angle brackets. */
  readonly about?: string;
  /** Lines, without their ends. */
  readonly text: readonly string[];
  readonly status: string;
  readonly returned?: ReturnedPart;
  readonly hostName: string;
  /** Unique, and known to nobody before. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How much of the message goes back, and whether its header section goes beyond ASCII. */
export interface ReturnedPart {
  readonly what: 'headers' | 'whole';
  readonly global: boolean;
}

export interface Report {
  readonly before: string;
  readonly after: string;
}

export function report(facts: ReportFacts): Report {
  const { text, status, returned, id } = facts;
  // The message it is about cannot hold this line: the id is new and random.
  const boundary = `report-${id}`;
  const global = isAsciiText(status) ? '' : 'global-'; // RFC 6533 §4
  const type = `multipart/report; report-type=${global}delivery-status; boundary="${boundary}"`;
  const part = (partType: string, content: string) =>
    `--${boundary}\r\nContent-Type: ${partType}\r\n` +
    `Content-Transfer-Encoding: 8bit\r\n\r\n${content}`;
  const parts = [
    part('text/plain; charset=utf-8', text.map((line) => `${line}\r\n`).join('')),
    part(`message/${global}delivery-status`, status),
    ...(returned === undefined ? [] : [part(returnedType(returned), '')]),
  ];
  // RFC 2046 §5.1.1: the line end before a line of dashes belongs to it, not to the part above.
  const before = boxHeader({ ...facts, type, submitted: 'auto-replied' }) + parts.join('\r\n');
  return { before, after: `\r\n--${boundary}--\r\n` };
}

/** RFC 6522 §4 and RFC 6533 §4 */
function returnedType({ what, global }: ReturnedPart): string {
  if (what === 'headers') return global ? 'message/global-headers' : 'text/rfc822-headers';
  return global ? 'message/global' : 'message/rfc822';
}

export interface BoxHeader {
  readonly to: string;
  readonly subject: string;
  readonly about?: string;
  readonly hostName: string;
  readonly id: string;
  readonly now: number;
  /** Content-Type. */
  readonly type: string;
  /** RFC 3834 §5 */
  readonly submitted: 'auto-replied' | 'auto-generated';
}

/** The header section of a message that the box writes, with the empty line behind it. It has no
 * sender, so that nobody answers it (RFC 3464 §2, RFC 3834 §2). */
export function boxHeader(facts: BoxHeader): string {
  const { to, subject, about, hostName, id, now, type, submitted } = facts;
  return (
    'Return-Path: <>\r\n' +
    field('Date', dateTime(now)) +
    field('From', `Restante <postmaster@${hostName}>`) +
    field('To', to) +
    textField('Subject', subject) +
    field('Message-ID', `<${id}@${hostName}>`) +
    // RFC 5322 §3.6.4, so that clients show it beside the message
    (about === undefined ? '' : field('In-Reply-To', about) + field('References', about)) +
    field('Auto-Submitted', submitted) +
    'MIME-Version: 1.0\r\n' +
    `Content-Type: ${type}\r\n` +
    'Content-Transfer-Encoding: 8bit\r\n\r\n'
  );
}
