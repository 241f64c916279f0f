/*
 * Which state shows which pattern: one pure function. Where several things are true of a lamp, the
 * first rule wins; the rules stand in the order of what a person most needs to see. What a finger
 * on the button shows in their place is press.ts's.
 */
import { foldCase } from '#mail/address';
import type { BoxState, QueueState } from './box-state.ts';
import type { LampName, Lamps, Pattern } from './panel.ts';
import { type Meaning, meanings, type Subject } from './patterns.ts';

/** What is shown, and why. */
export interface Shown {
  readonly lamps: Lamps;
  readonly because: ReadonlyMap<LampName, Meaning>;
  /** When to look again though nothing changed; the wall clock. */
  readonly until?: number;
}

/** `accounts` have a lamp of their own, `mail.NAME`, beside the one that stands for all. */
export function lamps(state: BoxState, accounts: readonly string[], now: number): Shown {
  const because = new Map<LampName, Meaning>();
  // Who has just opened set-up must see that something happens; the box is new, and has no mail.
  const mail = mailMeaning([...state.unretrieved.values()]);
  because.set('mail', state.setUp ? meanings.mail.setUp : mail);
  const counts = new Map([...state.unretrieved].map(([name, count]) => [foldCase(name), count]));
  for (const name of accounts) {
    const count = counts.get(foldCase(name));
    because.set(`mail.${name}`, count === undefined ? meanings.mail.nobody : mailMeaning([count]));
  }
  because.set('queue', queueMeaning(state.queue, now));
  because.set('status', statusMeaning(state, now));
  const patterns = [...because].map(([lamp, { pattern }]): [LampName, Pattern] => [lamp, pattern]);
  const later = [state.stormUntil, state.queue.urgentFrom].filter(
    (at) => at !== undefined && at > now,
  );
  const until = later.length === 0 ? {} : { until: Math.min(...(later as number[])) };
  return { lamps: new Map(patterns), because, ...until };
}

/** The subject that a lamp's name belongs to; undefined for a name that no lamp has. */
export function subjectOf(lamp: LampName): Subject | undefined {
  if (lamp === 'mail' || lamp === 'queue' || lamp === 'status') return lamp;
  return lamp.startsWith('mail.') && lamp.length > 'mail.'.length ? 'mail' : undefined;
}

function mailMeaning(unretrieved: readonly number[]): Meaning {
  return unretrieved.some((count) => count > 0) ? meanings.mail.waiting : meanings.mail.none;
}

function queueMeaning(queue: QueueState, now: number): Meaning {
  const { none, waiting, busy, held, urgent } = meanings.queue;
  // Who has just pressed the button must see that something happens, whatever else is wrong.
  if (queue.busy) return busy;
  if (queue.refused || (queue.urgentFrom !== undefined && queue.urgentFrom <= now)) return urgent;
  if (queue.held) return held;
  return queue.waiting > 0 ? waiting : none;
}

function statusMeaning({ health, stormUntil }: BoxState, now: number): Meaning {
  const stormy = stormUntil !== undefined && stormUntil > now;
  return meanings.status[health === 'well' && stormy ? 'degraded' : health];
}

/** Do two panels look the same? */
export function sameLamps(one: Lamps, other: Lamps): boolean {
  return one.size === other.size && [...one].every(([lamp, show]) => other.get(lamp) === show);
}
