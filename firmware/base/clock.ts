/*
 * Time as a port. Parts that wait or stamp are given a Clock; tests give them one that they turn
 * by hand (test/support/fake-clock.ts). Lint keeps `Date.now` and the timers out of every other
 * file.
 */

export interface Clock {
  /** Wall-clock time, milliseconds since 1970-01-01T00:00Z. May jump. */
  now(): number;
  /** Milliseconds that only ever grow; for measuring, not for dates. */
  elapsed(): number;
  /** Runs `task` once after `ms` milliseconds; dispose of it to cancel.
   * Never keeps a process up. */
  after(ms: number, task: () => void): Disposable;
}

export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  elapsed(): number {
    return performance.now();
  }

  after(ms: number, task: () => void): Disposable {
    const timer = setTimeout(task, ms);
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
}

/** Waits `ms` milliseconds on the given clock. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
