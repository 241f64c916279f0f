/*
 * The way out as `status` tells it: the queue, the uplinks, the clock, and what is wrong, in words.
 * It puts together; what is wrong is known by its parts.
 */
import type { QueueReport, StatusReport, UplinkReport } from '#control/types';
import { timeInWords } from '#control/words';
import type { ClockSense } from '#mail/queue/clock-sense';
import type { Waiting } from '#mail/queue/queue';
import { nextTryOf } from './next-try.ts';
import { depthOf, type QueueParts } from './queue-book.ts';
import { type UplinkParts, uplinkReport } from './uplink-book.ts';

export type WayOutParts = QueueParts & UplinkParts & { readonly clockSense: ClockSense };

export type WayOutReport = Pick<StatusReport, 'queue' | 'uplinks' | 'clock'>;

export async function wayOutReport(parts: WayOutParts): Promise<WayOutReport> {
  const waiting = await parts.queue.waiting();
  // The store says in its own warning what is wrong.
  const rows = waiting.ok ? waiting.value : [];
  const counts = new Map(rows.map(({ uplink, messages }) => [uplink, messages]));
  const { sane, say } = parts.clockSense;
  return {
    queue: { ...queueReport(rows, parts), ...(waiting.ok ? {} : { unread: true }) },
    uplinks: parts.uplinks.list().map((one) => uplinkReport(one, counts.get(one.id) ?? 0, parts)),
    clock: { sane, say },
  };
}

function queueReport(rows: readonly Waiting[], parts: WayOutParts): QueueReport {
  const { times, dispatcher } = parts;
  const depth = depthOf(rows);
  const window = times.window();
  const tries = rows.map(({ uplink, due }) => nextTryOf(due, uplink, parts));
  const next = tries.filter((at) => at !== undefined);
  const opensAt = window.open ? undefined : window.changesAt;
  return {
    messages: depth?.messages ?? 0,
    recipients: depth?.recipients ?? 0,
    octets: depth?.octets ?? 0,
    ...(depth === undefined ? {} : { oldestAt: depth.oldest }),
    ...(next.length === 0 ? {} : { nextAt: Math.min(...next) }),
    held: times.held,
    restored: times.restored,
    ...(opensAt === undefined ? {} : { windowOpensAt: opensAt }),
    sending: dispatcher.conditions().reduce((sum, { sending }) => sum + sending, 0),
    withoutUplink: rows.find(({ uplink }) => uplink === undefined)?.messages ?? 0,
    flushing: dispatcher.flushing,
  };
}

/** What a person should look at. */
export function wayOutWarnings({ queue, uplinks, clock }: WayOutReport): string[] {
  return [
    ...(clock.sane ? [] : [clock.say]),
    ...(queue.restored
      ? [
          'A backup was restored, so nothing goes out: what waits may have been sent since the ' +
            'backup was made. Look with "restante queue list", then "restante release".',
        ]
      : []),
    ...(queue.withoutUplink === 0
      ? []
      : ['Mail waits that no uplink serves; see "restante queue list", and add one for it.']),
    ...uplinks.flatMap(warningOf),
  ];
}

function warningOf(one: UplinkReport): string[] {
  if (one.condition !== 'well') return [`${one.name}: ${one.say}`];
  if (one.signInEndsAt === undefined) return [];
  const how = `sign in anew before then: restante uplink signin ${one.name}`;
  return [`The sign-in of ${one.name} ends at ${timeInWords(one.signInEndsAt)}; ${how}`];
}
