/*
 * "Your message was delivered": the report a sender asked for with NOTIFY=SUCCESS (RFC 3461 §4.1)
 * about recipients in this house. What became of mail that left it is reported in
 * queue/reports.ts; whom the box cannot deliver to here it refuses before it takes the message.
 */
import { type Address, formatAddress, formatPath } from '../address.ts';
import type { Envelope, Recipient } from '../intake.ts';
import { deliveryStatus, type RecipientStatus } from './delivery-status.ts';
import { report } from './report.ts';
import { returned } from './returned.ts';

export interface DeliveryReportFacts {
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

/** The whole message, trace fields and all. */
export function deliveryReport(facts: DeliveryReportFacts): string {
  const { envelope, sender, delivered, hostName, id, now } = facts;
  const { header, global, messageId } = returned(Buffer.from(facts.header));
  const envelopeId = envelope.id === undefined ? {} : { envelopeId: envelope.id };
  const recipients = delivered.map(statusOf);
  const { before, after } = report({
    to: formatPath(sender),
    subject: 'Your message was delivered',
    ...(messageId === undefined ? {} : { about: messageId }),
    text: [
      'Your message lies in the mail box of:',
      '',
      ...delivered.map(({ address }) => `  ${formatAddress(address)}`),
      '',
      'This says nothing about whether it has been read.',
    ],
    status: deliveryStatus({ ...envelopeId, hostName, arrivedAt: now, recipients }),
    returned: { what: 'headers', global },
    hostName,
    id,
    now,
  });
  return before + header.toString() + after;
}

function statusOf({ address, notices }: Recipient): RecipientStatus {
  return {
    address: formatAddress(address),
    ...(notices?.original === undefined ? {} : { original: notices.original }),
    action: 'delivered',
    status: '2.0.0',
  };
}
