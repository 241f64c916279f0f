/* Outgoing mail: what waits and why; and one message with what happened to it so far. */
import type {
  HistoryReport,
  QueuedRecipientReport,
  QueuedReport,
  StatusReport,
} from '#control/types';
import type { Asked } from '../page/asked.ts';
import { queueView } from './home.ts';
import { faultOf } from './special.ts';
import { capital, full, joined, size, when } from './words.ts';

export function queue(asked: Asked): object {
  const status = asked.box['status'] as StatusReport | undefined;
  const items = (asked.box['queue'] ?? []) as readonly QueuedReport[];
  return {
    ...(status === undefined ? {} : { queue: queueView(status.queue, asked.now) }),
    items: items.map((item) => itemView(item, asked.now)),
    fault: faultOf(asked),
  };
}

export function queued(asked: Asked): object {
  const history = asked.box['why'] as HistoryReport | undefined;
  const id = asked.params['id'] ?? '';
  if (history === undefined) return { missing: true, title: 'No such message', id };
  return {
    id,
    lines: history.lines.map(({ at, say }) => ({ at: when(at, asked.now), say: full(say) })),
    ...(history.queued === undefined ? {} : { item: itemView(history.queued, asked.now) }),
    fault: faultOf(asked),
  };
}

export function itemView(item: QueuedReport, now: number): object {
  const recipients = item.recipients.map((one) => recipientView(one, now));
  return {
    id: item.id,
    sender: item.sender === '' ? 'a notice of the box' : item.sender,
    to: joined(item.recipients.map(({ address }) => address)),
    since: when(item.queuedAt, now),
    size: size(item.octets),
    way:
      item.uplink === undefined ? 'No provider serves its sender.' : `By ${capital(item.uplink)}.`,
    recipients,
    first: recipients[0] ?? {},
  };
}

function recipientView(one: QueuedRecipientReport, now: number): object {
  return {
    address: one.address,
    last: one.last === '' ? 'Not tried yet.' : full(one.last),
    ...(one.doubt ? { doubt: 'It may have arrived already.' } : {}),
    ...(one.nextAt === undefined ? {} : { next: `Next try ${when(one.nextAt, now)}.` }),
  };
}
