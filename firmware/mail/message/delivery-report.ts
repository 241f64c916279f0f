/*
 * "Your message was delivered": the report a sender asked for with NOTIFY=SUCCESS (RFC 3461 §4.1),
 * as a multipart/report (RFC 6522) with a sentence for people, the facts for programs (RFC 3464),
 * and the header section of the message it is about. Reports of failure are not made here: whom
 * the box cannot deliver to it refuses before it takes the message.
 */
import { type Address, formatAddress, formatPath, isAscii } from '../address.ts';
import type { Envelope, Recipient } from '../intake.ts';
import { dateTime } from './trace.ts';

export interface ReportFacts {
  readonly envelope: Envelope;
  readonly sender: Address;
  /** Those who are to be told of; each asked for it. */
  readonly delivered: readonly Recipient[];
  /** The header section of the message, or the beginning of it. */
  readonly header: string;
  readonly hostName: string;
  /** Unique; never part of a header section. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function wantsReport(recipient: Recipient): boolean {
  return recipient.notices?.notify?.includes('success') === true;
}

/** The whole message, trace fields and all.
 * It has no sender, so nobody answers it (RFC 3464 §2). */
export function deliveryReport(facts: ReportFacts): string {
  const { sender, delivered, hostName, id, now } = facts;
  const boundary = `report-${id}`;
  const names = delivered.map(({ address }) => formatAddress(address));
  const lines = [
    'Return-Path: <>',
    `Date: ${dateTime(now)}`,
    `From: Restante <postmaster@${hostName}>`,
    `To: ${formatPath(sender)}`,
    'Subject: Your message was delivered',
    `Message-ID: <${id}@${hostName}>`,
    'Auto-Submitted: auto-replied', // RFC 3834 §5
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Your message lies in the mail box of:',
    '',
    ...names.map((name) => `  ${name}`),
    '',
    'This says nothing about whether it has been read.',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...perMessage(facts),
    ...delivered.flatMap(perRecipient),
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    'Content-Transfer-Encoding: 8bit',
    '',
  ];
  return `${lines.join('\r\n')}\r\n${facts.header}\r\n--${boundary}--\r\n`;
}

/** RFC 3464 §2.2 */
function perMessage({ envelope, hostName, now }: ReportFacts): string[] {
  const id = envelope.id === undefined ? [] : [`Original-Envelope-Id: ${envelope.id}`];
  return [...id, `Reporting-MTA: dns; ${hostName}`, `Arrival-Date: ${dateTime(now)}`];
}

/** RFC 3464 §2.3; RFC 6533 §3 for addresses in UTF-8 */
function perRecipient({ address, notices }: Recipient): string[] {
  const original = notices?.original;
  const type = isAscii(address) ? 'rfc822' : 'utf-8';
  return [
    '',
    ...(original === undefined
      ? []
      : [`Original-Recipient: ${original.type}; ${original.address}`]),
    `Final-Recipient: ${type}; ${formatAddress(address)}`,
    'Action: delivered',
    'Status: 2.0.0',
  ];
}
