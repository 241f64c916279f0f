/*
 * The two clocks of the queue, and what they must not forget. Box time is what the box had when it
 * was switched off, the time it was off (when the wall clock can be trusted at both ends), and the
 * time it has run. Ageing time is the part of it in which mail might have been sent: it stands
 * still while the queue is held or the sending windows are closed.
 *
 * Both are saved with the hold, every ten minutes while something is queued, and at the stop. After
 * a power cut on a board without a clock up to ten minutes are missing: mail ages a little later.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { ok, type Result } from '#base/result';
import { Watchers } from '#base/watchers';
import type { StoreTrouble } from '../store/store.ts';
import type { AgeingTime, BoxTime, Queue, QueueState } from './queue.ts';
import type { QueueTime } from './queue-time.ts';
import { openBetween, type SendingWindow, type WindowState, windowAt } from './windows.ts';

export interface BoxTimePorts {
  readonly queue: Pick<Queue, 'state' | 'saveState' | 'last'>;
  readonly clock: Clock;
  /** Can the wall clock be trusted? (clock-sense.ts) */
  readonly clockIsSane: () => boolean;
  readonly windows: () => readonly SendingWindow[];
  readonly log: Log;
}

const saveEvery = 600_000;
/** How exactly ageing time follows the windows. */
const lookEvery = 60_000;

export class QueueTimes implements QueueTime {
  readonly #ports: BoxTimePorts;
  readonly #watchers = new Watchers();
  #held = false;
  #restored = false;
  #box = 0;
  #ageing = 0;
  /** `clock.elapsed()` up to which the two are counted, and whether ageing ran since. */
  #counted = 0;
  #ran = true;
  /** The time off is still to be added: the wall clock when it began, and when it ended. */
  #off: { readonly since: number; readonly startedAt: number } | undefined;
  #alarms: Disposable[] = [];

  constructor(ports: BoxTimePorts) {
    this.#ports = ports;
  }

  /** Loads what was saved. */
  async start(): Promise<Result<void, StoreTrouble>> {
    const { queue, clock } = this.#ports;
    const state = await queue.state();
    if (!state.ok) return state;
    this.#held = state.value.held;
    this.#restored = state.value.restored === true;
    this.#box = state.value.box;
    this.#ageing = state.value.ageing;
    this.#counted = clock.elapsed();
    this.#ran = !this.#still();
    const { wall } = state.value;
    this.#off = wall === 0 ? undefined : { since: wall, startedAt: this.#counted };
    this.#count();
    this.#every(saveEvery, () => void this.#saveWhileQueued());
    this.#every(lookEvery, () => this.#look());
    return ok(undefined);
  }

  async stop(): Promise<void> {
    for (const alarm of this.#alarms.splice(0)) alarm[Symbol.dispose]();
    await this.save();
  }

  box(): BoxTime {
    this.#count();
    return Math.floor(this.#box);
  }

  ageing(): AgeingTime {
    this.#count();
    return Math.floor(this.#ageing);
  }

  get held(): boolean {
    return this.#held;
  }

  /** Held since a backup was restored: what waits may have been sent since it was made. */
  get restored(): boolean {
    return this.#restored;
  }

  /** While the wall clock cannot be trusted the windows count as open: a window that is missed may
   * not come for days, while a message sent at an odd hour is only early. */
  window(): WindowState {
    const { clock, clockIsSane, windows } = this.#ports;
    return clockIsSane() ? windowAt(windows(), clock.now()) : { open: true };
  }

  /** On disk when it resolves; nothing changes when that fails. */
  async hold(held: boolean): Promise<Result<void, StoreTrouble>> {
    if (held === this.#held) return ok(undefined);
    const saved = await this.#save(held);
    if (!saved.ok) return saved;
    this.#count();
    this.#held = held;
    this.#restored = false;
    this.#ran = !this.#still();
    this.#tell();
    return saved;
  }

  save(): Promise<Result<void, StoreTrouble>> {
    return this.#save(this.#held);
  }

  /** Calls `tell` when the queue is held or released, and when a window may have changed. */
  watch(tell: () => void): Disposable {
    return this.#watchers.add(tell);
  }

  #save(held: boolean): Promise<Result<void, StoreTrouble>> {
    const times = { box: this.box(), ageing: this.ageing() };
    const state: QueueState = { held, ...times, wall: this.#wall() };
    return this.#ports.queue.saveState(state);
  }

  /** The wall clock that goes with the two times. While time off is still to be added, that is the
   * one that was saved, moved on by what has been counted since. */
  #wall(): number {
    const { clock, clockIsSane } = this.#ports;
    if (clockIsSane()) return clock.now();
    if (this.#off === undefined) return 0;
    return Math.floor(this.#off.since + clock.elapsed() - this.#off.startedAt);
  }

  async #saveWhileQueued(): Promise<void> {
    const last = await this.#ports.queue.last();
    if (last.ok && last.value === undefined) return;
    const saved = await this.save();
    if (!saved.ok) this.#ports.log.warn(saved.error.say, { detail: saved.error.detail });
  }

  #look(): void {
    const { windows } = this.#ports;
    const ran = this.#ran;
    this.#count();
    if (windows().length > 0 || ran !== this.#ran) this.#tell();
  }

  /** Counts on to now. */
  #count(): void {
    const now = this.#ports.clock.elapsed();
    const passed = now - this.#counted;
    this.#counted = now;
    this.#box += passed;
    if (this.#ran) this.#ageing += passed;
    this.#ran = !this.#still();
    if (this.#off !== undefined && this.#ports.clockIsSane()) this.#addTimeOff(this.#off);
  }

  #addTimeOff({ since, startedAt }: { since: number; startedAt: number }): void {
    const { clock, windows } = this.#ports;
    this.#off = undefined;
    // Soon, and not now: whoever asked for the time shall have it first.
    queueMicrotask(() => this.#tell());
    const until = clock.now() - (clock.elapsed() - startedAt);
    if (until <= since) return;
    this.#box += until - since;
    if (!this.#held) this.#ageing += openBetween(windows(), since, until);
  }

  #still(): boolean {
    return this.#held || !this.window().open;
  }

  #tell(): void {
    this.#watchers.tell();
  }

  #every(ms: number, task: () => void): void {
    const slot = this.#alarms.length;
    const ring = () => {
      task();
      this.#alarms[slot] = this.#ports.clock.after(ms, ring);
    };
    this.#alarms.push(this.#ports.clock.after(ms, ring));
  }
}
