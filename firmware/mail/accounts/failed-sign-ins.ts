/*
 * What failed sign-ins lead to: pure rules. A whole house may share one address, and one phone
 * with an old password must lock nobody else out. So tries are counted per login and address: the
 * answer slows, then that pair is locked for a while. Tries of many logins from one address are
 * counted per address, too: those are slowed, never locked.
 */

/** Counted failures. */
export interface Tries {
  readonly failures: number;
  /** Milliseconds since 1970 of the last one. */
  readonly last: number;
}

export interface Decision {
  /** Until when (milliseconds since 1970) the pair is locked. */
  readonly lockedUntil?: number;
  /** How long a wrong answer is held back, in milliseconds. */
  readonly delay: number;
}

/** Under this name tries of the owner's password are counted. It is no login's: those are counted
 * in lower case, and an account called owner has its own count. */
export const ownerLogin = 'The owner';

const second = 1000;
const minute = 60 * second;

/** A slip of the finger costs nothing; a program that guesses gets ten tries in a quarter hour. */
export const failuresBeforeLock = 10;
export const lockTime = 15 * minute;
/** After this much quiet nothing is held against anybody. */
export const memoryTime = 60 * minute;

/** Failures of one login from one address -> delay. */
const pairDelays = [0, 0, 0, 1 * second, 2 * second, 4 * second] as const;
const longestPairDelay = 8 * second;

/** From so many failures of whichever logins from one address -> delay. The last row that fits. */
const addressDelays = [
  { failures: 0, delay: 0 },
  { failures: 20, delay: 1 * second },
  { failures: 50, delay: 4 * second },
  { failures: 100, delay: 8 * second },
] as const;

/** One more failure. */
export function addFailure(tries: Tries | undefined, now: number): Tries {
  return { failures: counted(tries, now) + 1, last: now };
}

/** What holds for a try of a login from an address, given what was counted before. */
export function judge(pair: Tries | undefined, address: Tries | undefined, now: number): Decision {
  const failures = counted(pair, now);
  const delay = Math.max(
    pairDelays[failures] ?? longestPairDelay,
    addressDelays.findLast((row) => row.failures <= counted(address, now))?.delay ?? 0,
  );
  const until = pair === undefined ? 0 : pair.last + lockTime;
  return failures >= failuresBeforeLock && now < until ? { lockedUntil: until, delay } : { delay };
}

/** Nothing of this is remembered any more. Also when the clock was put back: a box without a
 * battery may wake in 1970, and must not lock anybody out until the year of the last failure. */
export function isForgotten(tries: Tries, now: number): boolean {
  return now < tries.last || now - tries.last >= memoryTime;
}

function counted(tries: Tries | undefined, now: number): number {
  return tries === undefined || isForgotten(tries, now) ? 0 : tries.failures;
}
