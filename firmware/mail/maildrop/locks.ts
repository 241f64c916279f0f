/*
 * The exclusive access that RFC 1939 §4 asks for: one session at a time has a maildrop open. Locks
 * are in memory, for one process serves a data directory.
 *
 * A phone that drops off the network leaves its session behind, and the next sign-in must not wait
 * ten minutes for it. So whoever comes second waits a little, and takes the lock over when it is
 * surely the same client come back: same address, same named password, and the session before it
 * has no command running and has been silent for long. The one that lost the lock can delete
 * nothing: every update asks `held` inside the commit itself.
 */
import type { Clock } from '#base/clock';
import type { AccountId } from '../ids.ts';
import type { MaildropHolder } from '../maildrop.ts';

/** Silence after which a client that comes again is believed to have lost its old connection. */
export const abandonedAfter = 30_000;

export class Lock {
  readonly holder: MaildropHolder;
  readonly #clock: Clock;
  readonly #letGo: (lock: Lock) => void;
  /** `Clock.elapsed` when the last command was answered; never while one runs. */
  #restingSince = Number.POSITIVE_INFINITY;
  #held = true;

  constructor(holder: MaildropHolder, clock: Clock, letGo: (lock: Lock) => void) {
    this.holder = holder;
    this.#clock = clock;
    this.#letGo = letGo;
  }

  get held(): boolean {
    return this.#held;
  }

  working(): void {
    this.#restingSince = Number.POSITIVE_INFINITY;
  }

  resting(): void {
    this.#restingSince = this.#clock.elapsed();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#letGo(this);
  }

  /** May `other` have this lock, its holder being as good as gone? */
  yieldsTo(other: MaildropHolder): boolean {
    return (
      this.#clock.elapsed() - this.#restingSince >= abandonedAfter &&
      other.address === this.holder.address &&
      other.identity.password === this.holder.identity.password
    );
  }
}

interface Waiter {
  readonly holder: MaildropHolder;
  readonly give: (lock: Lock) => void;
}

/** One account's lock, and who waits for it, first come first served. */
interface Place {
  lock: Lock;
  readonly waiters: Waiter[];
}

export class MaildropLocks {
  readonly #clock: Clock;
  readonly #patience: () => number;
  readonly #places = new Map<AccountId, Place>();

  /** `patience`: milliseconds that a sign-in waits for the lock. */
  constructor(clock: Clock, patience: () => number) {
    this.#clock = clock;
    this.#patience = patience;
  }

  /** Who has the account's maildrop open. */
  holder(account: AccountId): MaildropHolder | undefined {
    return this.#places.get(account)?.lock.holder;
  }

  /** The account's lock, or undefined when it stayed with somebody else. */
  take(holder: MaildropHolder): Promise<Lock | undefined> {
    const place = this.#places.get(holder.identity.account);
    if (place === undefined) {
      const lock = this.#lock(holder);
      this.#places.set(holder.identity.account, { lock, waiters: [] });
      return Promise.resolve(lock);
    }
    if (place.lock.yieldsTo(holder)) return Promise.resolve(this.#takeOver(place, holder));
    return this.#wait(place, holder);
  }

  #wait(place: Place, holder: MaildropHolder): Promise<Lock | undefined> {
    return new Promise((resolve) => {
      const alarm = this.#clock.after(this.#patience(), () => {
        place.waiters.splice(place.waiters.indexOf(waiter), 1);
        // The holder's silence grew while we waited.
        resolve(place.lock.yieldsTo(holder) ? this.#takeOver(place, holder) : undefined);
      });
      const give = (lock: Lock) => {
        alarm[Symbol.dispose]();
        resolve(lock);
      };
      const waiter = { holder, give };
      place.waiters.push(waiter);
    });
  }

  #takeOver(place: Place, holder: MaildropHolder): Lock {
    const loser = place.lock;
    place.lock = this.#lock(holder);
    // `letGo` finds another lock in the place, so nobody else is served.
    loser.release();
    loser.holder.dispossessed();
    return place.lock;
  }

  #lock(holder: MaildropHolder): Lock {
    return new Lock(holder, this.#clock, (lock) => this.#letGo(lock));
  }

  #letGo(lock: Lock): void {
    const account = lock.holder.identity.account;
    const place = this.#places.get(account);
    if (place?.lock !== lock) return;
    const next = place.waiters.shift();
    if (next === undefined) {
      this.#places.delete(account);
    } else {
      place.lock = this.#lock(next.holder);
      next.give(place.lock);
    }
  }
}
