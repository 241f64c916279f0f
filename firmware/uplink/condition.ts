/*
 * How an uplink's condition changes when something goes wrong there: pure, as the plan is. A pause
 * grows with each failed probe; a refused sign-in waits long, for trying it again and again locks
 * accounts; a quota lasts until its provider's time.
 */
import type { Meaning, Resumes } from '#provider/meaning';
import type { UplinkCondition } from './state.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** After the first, second ... failure in a row; the last holds for all further ones. */
const pauses = [30 * second, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute] as const;
const longestPause = 15 * minute;
/** A person is needed, and may have mended it elsewhere: the provider is asked once an hour. */
const signInPause = hour;

export const well: UplinkCondition = { kind: 'well' };

/** What an uplink's condition may change for, without what a person could do. */
export type Worsening =
  | { readonly kind: 'pause' | 'sign-in'; readonly say: string }
  | Extract<Meaning, { kind: 'quota' }>;

/** `box` is box time, `wall` the wall clock. */
export function worse(
  before: UplinkCondition,
  meaning: Worsening,
  box: number,
  wall: number,
): UplinkCondition {
  switch (meaning.kind) {
    case 'pause':
      return paused(before, meaning.say, box);
    case 'quota':
      return overQuota(meaning.say, meaning.resumes, wall);
    case 'sign-in':
      return signInRefused(meaning.say, box);
  }
}

/** It could not be reached, or does not want mail now. `box` is box time. */
export function paused(before: UplinkCondition, say: string, box: number): UplinkCondition {
  const failures = before.kind === 'paused' ? before.failures + 1 : 1;
  const pause = pauses[failures - 1] ?? longestPause;
  return { kind: 'paused', until: box + pause, failures, say };
}

export function signInRefused(say: string, box: number): UplinkCondition {
  return { kind: 'sign-in', until: box + signInPause, say };
}

/** `wall` is the wall clock. */
export function overQuota(say: string, resumes: Resumes, wall: number): UplinkCondition {
  return { kind: 'quota', until: resumption(resumes, wall), say };
}

/** The moment (wall clock) at which a quota is over. */
function resumption(resumes: Resumes, wall: number): number {
  if ('afterMs' in resumes) return wall + resumes.afterMs;
  const [hours = 0, minutes = 0] = resumes.at.split(':').map(Number);
  const date = new Date(wall);
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const today = new Date(year, month, day, hours, minutes).getTime();
  return today > wall ? today : new Date(year, month, day + 1, hours, minutes).getTime();
}
