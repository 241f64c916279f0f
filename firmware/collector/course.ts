/*
 * The course of one round: what it has come to so far, and why it goes no further. What fails is
 * noted here once, and everything that is under way looks here before it begins something new.
 */
import type { Result } from '#base/result';
import type { StoreTrouble } from '#mail/store/store';
import { confirmedInSession } from './limits.ts';
import type { UpstreamTrouble } from './upstream.ts';

export interface Counts {
  delivered: number;
  /** Fetched, and found to be here already. */
  known: number;
  /** The same message in another folder. */
  twins: number;
  skipped: number;
  tooLarge: number;
  /** At the source. */
  removed: number;
}

/** Why a round ended before its end. `ended`: it was told to. `room`: there is too little. */
export type RoundTrouble =
  | { readonly kind: 'broken' | 'later'; readonly detail: string }
  | { readonly kind: 'store'; readonly trouble: StoreTrouble }
  | { readonly kind: 'ended' | 'room' };

export class Course {
  readonly counts: Counts = {
    ...{ delivered: 0, known: 0, twins: 0, skipped: 0, tooLarge: 0, removed: 0 },
  };
  /** What a person should know of, though the round went on: a folder that is not there ... */
  readonly remarks: string[] = [];
  readonly #signal: AbortSignal;
  readonly #progress: () => void;
  /** The last ones, and those before them: looking for the oldest of one set would take long. */
  #confirmed = new Set<string>();
  #confirmedBefore = new Set<string>();
  #trouble: RoundTrouble | undefined;
  #bug: unknown;

  constructor(signal: AbortSignal, progress: () => void = () => {}) {
    this.#signal = signal;
    this.#progress = progress;
  }

  /** The connection broke, and not because the round was told to end. */
  get broke(): boolean {
    return this.#trouble?.kind === 'broken' && !this.#signal.aborted;
  }

  get over(): boolean {
    return this.trouble !== undefined || this.#bug !== undefined;
  }

  get trouble(): RoundTrouble | undefined {
    if (this.#trouble === undefined && this.#signal.aborted) return { kind: 'ended' };
    return this.#trouble;
  }

  fail(trouble: RoundTrouble): void {
    this.#trouble ??= trouble;
  }

  /** Something was thrown where nobody waits for it. */
  threw(bug: unknown): void {
    this.#bug ??= bug ?? new Error('something was thrown');
  }

  /** Throws on, to whoever runs the round. */
  rethrow(): void {
    if (this.#bug !== undefined) throw this.#bug;
  }

  count(what: keyof Counts, more = 1): void {
    this.counts[what] += more;
    this.#progress();
  }

  /** The value, or undefined and the round is over. */
  kept<T>(result: Result<T, StoreTrouble>): T | undefined {
    if (result.ok) return result.value;
    this.fail({ kind: 'store', trouble: result.error });
    return undefined;
  }

  /** The value, or undefined: the server refused it, or the round is over. */
  got<T>(result: Result<T, UpstreamTrouble>): T | undefined {
    if (result.ok) return result.value;
    const { kind, detail } = result.error;
    if (kind === 'broken' || kind === 'later') this.fail({ kind, detail });
    return undefined;
  }

  remark(say: string): void {
    if (!this.remarks.includes(say)) this.remarks.push(say);
  }

  /** The message of this id was fetched in this session, or looked at, and is what is noted of it. */
  confirm(folder: number, uid: string): void {
    if (this.#confirmed.size >= confirmedInSession / 2) {
      this.#confirmedBefore = this.#confirmed;
      this.#confirmed = new Set();
    }
    this.#confirmed.add(`${folder} ${uid}`);
  }

  isConfirmed(folder: number, uid: string): boolean {
    const key = `${folder} ${uid}`;
    return this.#confirmed.has(key) || this.#confirmedBefore.has(key);
  }
}
