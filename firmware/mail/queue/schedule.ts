/*
 * When a message that could not be sent is tried again, when its sender hears that it takes long,
 * and when it is given up (RFC 5321 §4.5.4.1). A pure rule over its age, which is ageing time: time
 * spent held or outside the sending windows is no part of it.
 *
 * Nothing is judged by its age but after an attempt, or after a failed probe of its uplink: a box
 * that was off for a week first tries.
 */

export interface ScheduleTerms {
  /** Milliseconds after the first, second ... attempt; the last holds for all further ones. */
  readonly retries: readonly number[];
  /** The age at which the sender is told, in milliseconds; 0: never. */
  readonly delayNotice: number;
  /** The age at which it goes back to its sender. */
  readonly giveUp: number;
}

/** A recipient after an attempt, as far as the schedule looks. */
export interface Attempted {
  /** With the one that has just failed. */
  readonly attempts: number;
  /** Milliseconds of ageing time; undefined while the clock is not to be trusted: then nothing
   * expires and nobody is told of a delay. */
  readonly age: number | undefined;
  readonly delayTold: boolean;
}

export type Next =
  | { readonly kind: 'again'; readonly wait: number; readonly tellDelay: boolean }
  | { readonly kind: 'give-up' };

/** Retries are spread by a tenth, so that what failed together does not come back together. */
const spread = 0.1;
const minute = 60_000;

/** `chance` is from 0 to 1. */
export function nextTry(terms: ScheduleTerms, attempted: Attempted, chance: number): Next {
  const verdict = judgeAge(terms, attempted);
  if (verdict === 'give-up') return { kind: 'give-up' };
  const { retries } = terms;
  const step = Math.min(Math.max(1, attempted.attempts), retries.length) - 1;
  const wait = (retries[step] ?? minute) * (1 - spread + 2 * spread * chance);
  return { kind: 'again', wait: Math.round(wait), tellDelay: verdict === 'tell-delay' };
}

/** What its age alone comes to. */
export function judgeAge(
  terms: ScheduleTerms,
  { age, delayTold }: Pick<Attempted, 'age' | 'delayTold'>,
): 'wait' | 'tell-delay' | 'give-up' {
  if (age === undefined) return 'wait';
  if (age >= terms.giveUp) return 'give-up';
  return terms.delayNotice > 0 && age >= terms.delayNotice && !delayTold ? 'tell-delay' : 'wait';
}
