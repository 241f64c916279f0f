/*
 * Messages at which the connection breaks. Some servers hang up on who asks for one that they cannot
 * read (Dovecot, for a file that is damaged), and what lies behind it would never come. So such a
 * message comes behind all others, and, when the connection breaks there again, rests for a while.
 * A connection that breaks by itself costs a message no more than its place. Kept in memory only:
 * after a restart it is met once more.
 */

/** `usual`: in its turn. `last`: behind all others. `later`: not in this round. */
export type Turn = 'usual' | 'last' | 'later';

const minute = 60_000;
/** How long it rests after the first time, the second ...; the last holds for all further ones. */
const rests = [0, 15 * minute, 60 * minute, 240 * minute, 720 * minute];
/** Of one folder; the oldest are forgotten. */
const mostKnown = 1_000;

interface Known {
  readonly times: number;
  /** Milliseconds of the clock that only grows. */
  readonly from: number;
}

export class Breaking {
  readonly #known = new Map<string, Known>();

  turnOf(uid: string, now: number): Turn {
    const known = this.#known.get(uid);
    if (known === undefined) return 'usual';
    return known.from <= now ? 'last' : 'later';
  }

  /** How often the connection broke there. */
  timesOf(uid: string): number {
    return this.#known.get(uid)?.times ?? 0;
  }

  broke(uid: string, now: number): void {
    const times = this.timesOf(uid);
    const rest = rests[Math.min(times, rests.length - 1)] ?? 0;
    this.came(uid);
    this.#known.set(uid, { times: times + 1, from: now + rest });
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > mostKnown) this.#known.delete(oldest);
  }

  came(uid: string): void {
    this.#known.delete(uid);
  }

  /** A person asks for all that there is: none rests. */
  forgive(): void {
    for (const [uid, known] of this.#known) this.#known.set(uid, { ...known, from: 0 });
  }
}
