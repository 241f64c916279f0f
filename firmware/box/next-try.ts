/*
 * When waiting mail is tried next, as people see it: its own time, but not while the queue is held,
 * its sending window is closed, or its uplink rests. The plan (uplink/plan.ts) decides; this tells.
 */
import type { Clock } from '#base/clock';
import type { UplinkId } from '#mail/ids';
import type { QueueTimes } from '#mail/queue/box-time';
import type { BoxTime } from '#mail/queue/queue';
import type { Dispatcher } from '#uplink/dispatcher';
import type { UplinkCondition } from '#uplink/state';

export interface NextTryParts {
  readonly times: Pick<QueueTimes, 'box' | 'held' | 'window'>;
  readonly dispatcher: Pick<Dispatcher, 'conditions'>;
  readonly clock: Clock;
}

/** By the wall clock; undefined: not before somebody does something. */
export function nextTryOf(
  due: BoxTime,
  uplink: UplinkId | undefined,
  { times, dispatcher, clock }: NextTryParts,
): number | undefined {
  const window = times.window();
  if (times.held || uplink === undefined) return undefined;
  if (!window.open && window.changesAt === undefined) return undefined;
  const wallOfBox = clock.now() - times.box();
  const lane = dispatcher.conditions().find((one) => one.uplink === uplink);
  const resumes = lane === undefined ? undefined : resumesAt(lane.condition, wallOfBox);
  const opens = window.open ? undefined : window.changesAt;
  return Math.round(Math.max(clock.now(), due + wallOfBox, resumes ?? 0, opens ?? 0));
}

/** Until when an uplink rests, by the wall clock; `wallOfBox`: that clock when box time was 0. */
export function resumesAt(condition: UplinkCondition, wallOfBox: number): number | undefined {
  switch (condition.kind) {
    case 'well':
      return undefined;
    case 'quota':
      return condition.until;
    case 'paused':
    case 'sign-in':
      return Math.round(condition.until + wallOfBox);
  }
}
