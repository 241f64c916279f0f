/*
 * When the next backup is made: a pure function of what the settings say, what is remembered, and
 * the clock. A box that was off when one was due makes it at its start; one whose clock cannot be
 * trusted waits for that.
 */

export interface BackupTerms {
  /** The folder; '' for none. */
  readonly to: string;
  /** Milliseconds from one to the next; 0 for never. */
  readonly every: number;
  /** How many are kept. */
  readonly keep: number;
}

export interface Standing {
  readonly passphrase: 'set' | 'missing' | 'unreadable';
  readonly wellAt?: number;
  readonly triedAt?: number;
  /** How the last try ended: good, bad, or the folder was not there. */
  readonly last: 'well' | 'failed' | 'missing';
}

export type NextStep =
  | { readonly kind: 'off' }
  | { readonly kind: 'needs-passphrase' }
  | { readonly kind: 'needs-clock' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'now' };

/** After a failure; sooner when somebody may be about to plug in a disk. */
const againAfterFailure = 3_600_000;
const againWhenMissing = 600_000;

export function nextStep(
  { to, every }: Pick<BackupTerms, 'to' | 'every'>,
  standing: Standing,
  now: number,
  clockIsSane: boolean,
): NextStep {
  if (to === '' || every === 0) return { kind: 'off' };
  if (standing.passphrase !== 'set') return { kind: 'needs-passphrase' };
  if (!clockIsSane) return { kind: 'needs-clock' };
  const { wellAt, triedAt, last } = standing;
  // Times that lie ahead were taken by a clock that was wrong.
  const due = wellAt === undefined || wellAt > now ? now : wellAt + every;
  const pause = last === 'missing' ? againWhenMissing : againAfterFailure;
  const tried = last === 'well' || triedAt === undefined || triedAt > now ? 0 : triedAt;
  const until = Math.max(due, tried + Math.min(pause, every));
  return until <= now ? { kind: 'now' } : { kind: 'wait', until };
}

const week = 7 * 86_400_000;
const day = 86_400_000;

/** Is the postmaster told that all is well? Once a week, and when it was not before. */
export function tellsWell(
  { toldWellAt, toldFailedAt }: { readonly toldWellAt?: number; readonly toldFailedAt?: number },
  now: number,
): boolean {
  if (toldWellAt === undefined || toldWellAt > now) return true;
  return now - toldWellAt >= week || (toldFailedAt ?? 0) > toldWellAt;
}

/** At once, and then once a day. */
export function tellsFailed(toldFailedAt: number | undefined, now: number): boolean {
  return toldFailedAt === undefined || toldFailedAt > now || now - toldFailedAt >= day;
}

/** A disk that is not plugged in is nothing to write about until a whole backup was missed. */
export function isOverdue(
  wellAt: number | undefined,
  since: number | undefined,
  every: number,
  now: number,
): boolean {
  return now - (wellAt ?? since ?? now) >= 2 * every;
}
