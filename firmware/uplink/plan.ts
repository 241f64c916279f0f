/*
 * What to do next at an uplink: a pure decision over how the uplink is, what is in hand for it, and
 * whether mail may go out now. The dispatcher performs the step and asks again when something has
 * changed; nothing here remembers anything.
 *
 * An uplink is tried carefully: while it has not proved itself one connection is opened, not all of
 * them, so that a wrong password is offered once; and while it is paused one message probes it.
 */
import type { WindowState } from '#mail/queue/windows';
import type { UplinkCondition } from './state.ts';

/** Whether mail may go out now, for all uplinks. */
export interface Situation {
  readonly held: boolean;
  readonly window: WindowState;
  /** The box is stopping, or cannot write down what becomes of what it sends. */
  readonly halted: boolean;
  /** Box time. */
  readonly box: number;
  /** The wall clock. */
  readonly wall: number;
}

/** An uplink, as far as the plan looks. */
export interface LaneView {
  readonly condition: UplinkCondition;
  /** Connections at the same time. */
  readonly limit: number;
  /** Connections that are sending or being opened. */
  readonly busy: number;
  /** One was opened and signed in since the uplink became well. */
  readonly proven: boolean;
  /** Messages claimed and not begun. */
  readonly hand: number;
  /** There may be more to claim. */
  readonly more: boolean;
  /** When the next message is due (box time), when that is known. */
  readonly nextDue: number | undefined;
  readonly flush: FlushView | undefined;
}

/** A flush that still has something to do at this uplink. */
export interface FlushView {
  /** Also against a provider's stated quota time. */
  readonly force: boolean;
  /** It has met the uplink's trouble itself: it has had its one probe. */
  readonly probed: boolean;
}

export type Step =
  /** Claim messages. */
  | { readonly kind: 'look' }
  /** Begin so many connections more. */
  | { readonly kind: 'send'; readonly count: number }
  /** Send one message and see. */
  | { readonly kind: 'probe' }
  /** The flush can do no more here; what is left of it stays untried. */
  | { readonly kind: 'end-flush' }
  /** Until something changes, or until then (box time, or the wall clock). */
  | { readonly kind: 'wait'; readonly box?: number; readonly wall?: number };

/** A quota time further away than this was made by a wrong clock (milliseconds). */
export const longestQuota = 48 * 3_600_000;

const rest: Step = { kind: 'wait' };

export function planLane(lane: LaneView, now: Situation): Step {
  if (now.halted) return rest;
  if (lane.flush === undefined) {
    if (now.held) return rest;
    const { open, changesAt } = now.window;
    if (!open) return changesAt === undefined ? rest : { kind: 'wait', wall: changesAt };
  }
  return lane.condition.kind === 'well' ? planWell(lane) : planProbe(lane, lane.condition, now);
}

/** May a connection that has sent a message go on with the next one? */
export function mayGoOn(lane: LaneView, now: Situation): boolean {
  if (now.halted || lane.condition.kind !== 'well') return false;
  return lane.flush !== undefined || (!now.held && now.window.open);
}

function planWell(lane: LaneView): Step {
  if (lane.busy >= lane.limit || (!lane.proven && lane.busy > 0)) return rest;
  if (lane.hand === 0) return nothingInHand(lane);
  return { kind: 'send', count: lane.proven ? Math.min(lane.limit - lane.busy, lane.hand) : 1 };
}

function planProbe(
  lane: LaneView,
  condition: Exclude<UplinkCondition, { kind: 'well' }>,
  now: Situation,
): Step {
  // What is under way ends first, and may show how the uplink is.
  if (lane.busy > 0) return rest;
  if (!isOver(condition, now)) {
    const { flush } = lane;
    const quota = condition.kind === 'quota';
    if (flush === undefined) return { kind: 'wait', [quota ? 'wall' : 'box']: condition.until };
    if (flush.probed || (quota && !flush.force)) return { kind: 'end-flush' };
  }
  return lane.hand === 0 ? nothingInHand(lane) : { kind: 'probe' };
}

function nothingInHand(lane: LaneView): Step {
  if (lane.more) return { kind: 'look' };
  return lane.nextDue === undefined ? rest : { kind: 'wait', box: lane.nextDue };
}

function isOver(condition: Exclude<UplinkCondition, { kind: 'well' }>, now: Situation): boolean {
  if (condition.kind !== 'quota') return now.box >= condition.until;
  return now.wall >= condition.until || condition.until - now.wall > longestQuota;
}
