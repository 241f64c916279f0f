/*
 * Passwords that somebody has typed for a provider, while what stood in the way was not the password:
 * so that a port is put right without typing it again. Each is kept for ten minutes, in memory alone,
 * under a key that nobody guesses, for the one account that it was typed for; and it is taken once.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { failed, ok, type Result, refusal } from '#base/result';

export const keptFor = 10 * 60_000;
/** One person tries one provider at a time. */
const most = 8;

/** Who signs in, and for whom. */
export interface TypedFor {
  readonly account: string;
  readonly user: string;
}

interface Typed extends TypedFor {
  readonly password: string;
  readonly alarm: Disposable;
}

export class TypedPasswords {
  readonly #clock: Clock;
  readonly #random: Random;
  /** The oldest first. */
  readonly #typed = new Map<string, Typed>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The key under which it is found again. */
  keep({ account, user }: TypedFor, password: string): string {
    const [oldest] = this.#typed.keys();
    if (this.#typed.size >= most && oldest !== undefined) this.#forget(oldest);
    const key = this.#random.octets(24).toString('base64url');
    const alarm = this.#clock.after(keptFor, () => this.#forget(key));
    this.#typed.set(key, { account, user, password, alarm });
    return key;
  }

  take(key: string, { account, user }: TypedFor): Result<string> {
    const typed = this.#typed.get(key);
    this.#forget(key);
    if (typed?.account === account && typed.user === user) return ok(typed.password);
    const say = 'The password is kept for ten minutes, and used once: type it once more';
    return failed(refusal('again', say));
  }

  #forget(key: string): void {
    this.#typed.get(key)?.alarm[Symbol.dispose]();
    this.#typed.delete(key);
  }
}
