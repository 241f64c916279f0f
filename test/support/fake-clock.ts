/* A clock that is turned by hand. */
import type { Clock } from '#base/clock';
import { until } from './net-peer.ts';

const hour = 3_600_000;

interface Alarm {
  readonly at: number;
  readonly task: () => void;
}

export class FakeClock implements Clock {
  #now: number;
  #elapsed = 0;
  #alarms: Alarm[] = [];

  constructor(now = Date.UTC(2026, 10, 23, 9, 0, 0)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(ms: number, task: () => void): Disposable {
    const alarm = { at: this.#elapsed + ms, task };
    this.#alarms.push(alarm);
    return {
      [Symbol.dispose]: () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm);
      },
    };
  }

  /** How many alarms are set. */
  get waiting(): number {
    return this.#alarms.length;
  }

  /** Hours pass, one with each turn of the event loop, until the job has ended: for whoever waits
   * in vain, once it does. */
  async passUntil<T>(job: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    job.then(over, over);
    await until('the end of who waits in vain', () => {
      this.advance(hour);
      return isOver;
    });
    return job;
  }

  /** Turns the clock forward; alarms that fall due ring in order. */
  advance(ms: number): void {
    const end = this.#elapsed + ms;
    for (;;) {
      const due = this.#alarms.filter((alarm) => alarm.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#alarms = this.#alarms.filter((alarm) => alarm !== due);
      this.#now += due.at - this.#elapsed;
      this.#elapsed = due.at;
      due.task();
    }
    this.#now += end - this.#elapsed;
    this.#elapsed = end;
  }
}
