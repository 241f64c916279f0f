/* Home: the panel as it looks, who has new mail, what waits, and what is wrong. */
import type { SourceReport, StatusReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import { troublesOf } from './health.ts';
import { faultOf } from './special.ts';
import { capital, counted, size, span, when } from './words.ts';

export function home(asked: Asked): object {
  const status = asked.box['status'] as StatusReport | undefined;
  if (status === undefined) return { fault: faultOf(asked) };
  const sources = (asked.box['sources'] ?? []) as readonly SourceReport[];
  const troubles = troublesOf(status, sources);
  const { queue, accounts } = status;
  return {
    fault: faultOf(asked),
    name: status.name,
    isNew: accounts.length === 0,
    troubles,
    isWell: troubles.length === 0,
    isUnwell: troubles.length > 0,
    people: accounts.map(({ name, unretrieved, messages, octets }) => ({
      name,
      initial: capital(name).slice(0, 1),
      called: capital(name),
      hasNew: unretrieved > 0,
      unretrieved,
      news: unretrieved === 0 ? 'nothing new' : `${unretrieved} new`,
      held: messages === 0 ? 'Empty' : `${counted(messages, 'message')}, ${size(octets)}`,
    })),
    queue: queueView(queue, asked.now),
  };
}

export function queueView(queue: StatusReport['queue'], now: number): object {
  const { messages, octets, oldestAt, nextAt, held, windowOpensAt, sending } = queue;
  const waits = messages === 1 ? 'waits' : 'wait';
  const next = nextAt === undefined || held ? undefined : when(nextAt, now);
  return {
    ...{ messages, held, sending, isEmpty: messages === 0, restored: queue.restored === true },
    say: messages === 0 ? 'Nothing waits to go out.' : `${counted(messages, 'message')} ${waits}.`,
    size: size(octets),
    ...(oldestAt === undefined || messages === 0
      ? {}
      : { oldest: `The oldest has waited for ${span(now - oldestAt)}.` }),
    ...(next === undefined || messages === 0 ? {} : { next: `Next try ${next}.` }),
    ...(windowOpensAt === undefined ? {} : { opens: when(windowOpensAt, now) }),
  };
}
