/*
 * The recipients of a queued message, divided into SMTP transactions. The DSN parameters of RFC
 * 3461 travel with the transaction here, so recipients share one only when theirs agree; ORCPT is
 * each recipient's own, so it travels alone. To an uplink without DSN none of that is said, and
 * nothing divides them.
 */
import type { QueuedRecipient, QueueItem } from '#mail/queue/queue';
import type { OutgoingEnvelope } from './connection.ts';

export interface Transaction {
  readonly recipients: readonly QueuedRecipient[];
  /** RFC 3461 §4.1 to §4.4; undefined: nothing to say, or nobody to say it to. */
  readonly dsn?: NonNullable<OutgoingEnvelope['dsn']>;
}

/** RFC 5321 §4.5.3.1.8: a server takes at least 100; some take no more. */
export const mostRecipients = 100;

export function transactions(item: QueueItem, dsn: boolean): Transaction[] {
  const groups = dsn
    ? [...Map.groupBy(item.recipients, sameWishes).values()]
    : [[...item.recipients]];
  return groups.flatMap((group) =>
    inParts(group).map((recipients) => {
      const wishes = dsn ? wishesOf(item, recipients[0]) : undefined;
      return wishes === undefined ? { recipients } : { recipients, dsn: wishes };
    }),
  );
}

/** Equal for recipients that may share a transaction. */
function sameWishes({ id, notify, original }: QueuedRecipient): string {
  if (original !== undefined) return `alone ${id}`;
  return notify === undefined ? 'unsaid' : [...notify].sort().join();
}

function wishesOf(
  { reportWith, envelopeId }: QueueItem,
  recipient: QueuedRecipient | undefined,
): Transaction['dsn'] {
  const { notify, original } = recipient ?? {};
  const wishes = {
    ...(notify === undefined ? {} : { notify }),
    ...(original === undefined ? {} : { original }),
    ...(reportWith === undefined ? {} : { reportWith }),
    ...(envelopeId === undefined ? {} : { envelopeId }),
  };
  return Object.keys(wishes).length === 0 ? undefined : wishes;
}

function inParts(recipients: readonly QueuedRecipient[]): QueuedRecipient[][] {
  const parts: QueuedRecipient[][] = [];
  for (let at = 0; at < recipients.length; at += mostRecipients) {
    parts.push(recipients.slice(at, at + mostRecipients));
  }
  return parts;
}
