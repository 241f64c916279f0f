/*
 * The report on some recipients of a queued message, put together: its fields, its words, its
 * status. A pure function of what happened; reports.ts decides whether and to whom it goes.
 */
import { deliveryStatus, type RecipientStatus } from '../message/delivery-status.ts';
import { type Report, type ReturnedPart, report } from '../message/report.ts';
import type { Returned } from '../message/returned.ts';
import type { QueueItem } from './queue.ts';
import { answerText, type RecipientNews, reportSubject, reportText } from './report-words.ts';
import type { Addressee, ReportKind } from './who-is-told.ts';

/** A recipient, and what became of it. */
export type Fate = RecipientNews & { readonly status: string };

/** What one report is about. */
export interface Case {
  readonly kind: ReportKind;
  readonly item: QueueItem;
  readonly fates: readonly Fate[];
  /** Of a delay: when it is given up. */
  readonly tryUntil?: number;
}

export interface QueueReportFacts extends Case {
  readonly who: Addressee;
  /** Undefined when the message cannot be read any more. */
  readonly original?: Returned;
  /** How much of it follows the report's `before`. */
  readonly what: ReturnedPart['what'];
  readonly hostName: string;
  readonly id: string;
  readonly now: number;
}

export function queueReport(facts: QueueReportFacts): Report {
  const { kind, item, fates, tryUntil, who, original, what, hostName, id, now } = facts;
  const subject = original?.subject ?? '';
  const text = reportText({
    kind,
    stands: who.stands,
    subject,
    sender: item.sender,
    name: item.name,
    recipients: fates,
    attached: original === undefined ? 'nothing' : what,
    queuedAt: item.queuedAt,
    ...(tryUntil === undefined ? {} : { tryUntil }),
  });
  return report({
    // RFC 3464 §2: a report goes to the return address
    to: who.to === 'postmaster' ? `<postmaster@${hostName}>` : `<${item.sender}>`,
    subject: reportSubject({ kind, subject }),
    ...(original?.messageId === undefined ? {} : { about: original.messageId }),
    text,
    status: statusOf(facts),
    ...(original === undefined ? {} : { returned: { what, global: original.global } }),
    hostName,
    id,
    now,
  });
}

function statusOf({ kind, item, fates, tryUntil, hostName, now }: QueueReportFacts): string {
  const recipients = fates.map(({ recipient, status, words }): RecipientStatus => {
    const { address, original } = recipient;
    return {
      address,
      ...(original === undefined ? {} : { original }),
      action: kind,
      status,
      ...(words && { remote: words.by, diagnostic: answerText(words), attemptedAt: now }),
      ...(tryUntil === undefined ? {} : { tryUntil }),
    };
  });
  return deliveryStatus({
    ...(item.envelopeId === undefined ? {} : { envelopeId: item.envelopeId }),
    hostName,
    arrivedAt: item.queuedAt,
    recipients,
  });
}
