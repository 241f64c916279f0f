/*
 * The way out: asks the plan for each uplink what to do next, and has its lane do it. It is woken
 * by new mail, by what its lanes meet, by people, and by the clock; in between it does nothing.
 *
 * A message is sent at least once. It is marked as possibly sent before its end is; should the box
 * die before the answer is written down, it is sent again after the start, and its history says so.
 * This is the only window in which a message is doubled.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Result } from '#base/result';
import { Watchers } from '#base/watchers';
import type { History } from '#mail/history/history';
import type { QueuedId, UplinkId } from '#mail/ids';
import type { Notices } from '#mail/notices';
import type { QueueTimes } from '#mail/queue/box-time';
import type { Queue, QueueItem } from '#mail/queue/queue';
import type { Reporting } from '#mail/queue/reporting';
import type { ScheduleTerms } from '#mail/queue/schedule';
import type { StoreTrouble } from '#mail/store/store';
import { Assignment } from './assignment.ts';
import type { Connector } from './connection.ts';
import { Flush } from './flush.ts';
import { type Flushed, Flushes } from './flushes.ts';
import { Lane, type LanePorts } from './lane.ts';
import { Ledger } from './ledger.ts';
import { Overdue } from './overdue.ts';
import { planLane, type Situation } from './plan.ts';
import { Sender } from './sender.ts';
import { Settlement } from './settlement.ts';
import type { FlushProgress, FlushReport, FlushWishes, UplinkCondition } from './state.ts';
import { Survey } from './survey.ts';
import type { Letters, Sense, Ways } from './ways.ts';

export interface DispatcherPorts {
  readonly queue: Queue;
  readonly ways: Ways;
  readonly connector: Connector;
  readonly letters: Letters;
  readonly sense: Sense;
  readonly reporting: Reporting;
  readonly notices: Notices;
  /** Its sign-in is refused: tells whose mail it carries. */
  readonly tellOfSignIn: (uplink: UplinkId, say: string) => Promise<unknown>;
  readonly history: Pick<History, 'note'>;
  readonly times: QueueTimes;
  readonly clockIsSane: () => boolean;
  readonly schedule: () => ScheduleTerms;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** An uplink as `status` shows it. */
export interface LaneReport {
  readonly uplink: UplinkId;
  readonly condition: UplinkCondition;
  readonly sending: number;
}

/** How long sends under way may take to end when the box stops. */
const graceToEnd = 5_000;
/** After the store has refused something, nothing is sent for so long. */
const storeRest = 15_000;
/** The wall clock may be set meanwhile, so nobody sleeps long for it. */
const longestSleep = 60_000;
const hour = 3_600_000;
/** A box that was off for a week often wakes before the router does: an uplink has to fail for some
 * minutes before old mail is given up for it. */
const failuresToJudge = 4;

export class Dispatcher {
  readonly #ports: DispatcherPorts;
  readonly #lanes = new Map<UplinkId, Lane>();
  readonly #lanePorts: LanePorts;
  readonly #ledger: Ledger;
  readonly #overdue: Overdue;
  readonly #assignment: Assignment;
  readonly #survey: Survey;
  readonly #flushes: Flushes;
  #flush: { readonly flush: Flush; readonly ended: () => void } | undefined;
  #stopping = false;
  #storeRests: Disposable | undefined;
  #turnIsDue = false;
  readonly #watchers = new Watchers();
  #alarm: Disposable | undefined;
  #hourly: Disposable | undefined;
  #watch: Disposable | undefined;
  #stopped: (() => void) | undefined;

  constructor(ports: DispatcherPorts) {
    this.#ports = ports;
    const { queue, ways, times, clock, log, clockIsSane } = ports;
    this.#ledger = new Ledger({ queue, clock, log, written: () => this.#turnSoon() });
    const settlement = new Settlement({
      ...ports,
      ledger: this.#ledger,
      time: times,
      settled: (what) => this.#laneOf(what.item.uplink)?.settled(what),
    });
    this.#overdue = new Overdue({
      ...ports,
      settlement,
      time: times,
      clockIsSane,
      isTaken: (id) => this.#ledger.unwritten.has(id),
    });
    this.#assignment = new Assignment({ ...ports, directory: ways });
    this.#lanePorts = {
      ...ports,
      sender: new Sender({ ...ports, settlement, ledger: this.#ledger }),
      settlement,
      ledger: this.#ledger,
      time: times,
      situation: () => this.#situation(),
      changed: () => this.#turnSoon(),
      turned: (lane, before) => this.#turned(lane, before),
      storeFails: (trouble) => this.#storeFails(trouble),
    };
    this.#survey = new Survey({ queue, clock, isBusy: () => this.#ledger.unwritten.size > 0 });
    this.#flushes = new Flushes((wishes, progress) => this.#performFlush(wishes, progress));
  }

  /** Takes up what waits. */
  async start(): Promise<void> {
    this.#watch = this.#ports.times.watch(() => this.#turnSoon());
    await this.#assignment.run();
    this.#lookHourly();
    this.#turnSoon();
  }

  /** Lets what is being sent come to its end, for some seconds; then cuts it. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const alarm of [this.#alarm, this.#hourly, this.#watch, this.#storeRests]) {
      alarm?.[Symbol.dispose]();
    }
    this.#survey.stop();
    const lanes = [...this.#lanes.values()];
    for (const lane of lanes) lane.endFlush();
    await this.#untilNothingIsSent();
    await Promise.all(lanes.map((lane) => lane.stop(true)));
    await this.#ledger.stop();
    this.#flush?.ended();
  }

  /** Mail was queued. */
  wake(): void {
    for (const lane of this.#lanes.values()) lane.stir();
    this.#turnSoon();
  }

  /** An uplink was added, removed, or given other settings or another sign-in. */
  async changed(uplink: UplinkId): Promise<void> {
    this.#lanes.get(uplink)?.refresh();
    await this.#assignment.run();
    this.#overdue.forget();
    for (const lane of this.#lanes.values()) lane.letGo();
    this.wake();
  }

  /** Tries what is queued now once, at once; resolves when all of it has been tried. */
  flush(wishes: FlushWishes, progress?: (so: FlushProgress) => void): Promise<FlushReport> {
    return this.#flushes.ask(wishes, progress);
  }

  get flushing(): boolean {
    return this.#flushes.running;
  }

  retryNow(queued: QueuedId): Promise<FlushReport> {
    return this.flush({ queued });
  }

  /** Nothing is begun from now on, nor by a flush that runs. On disk when it resolves. */
  async hold(): Promise<Result<void, StoreTrouble>> {
    const held = await this.#ports.times.hold(true);
    if (held.ok) for (const lane of this.#lanes.values()) lane.endFlush();
    this.#turnSoon();
    return held;
  }

  async release(): Promise<Result<void, StoreTrouble>> {
    const released = await this.#ports.times.hold(false);
    if (released.ok) this.wake();
    return released;
  }

  /** Before a message is taken out of the queue: it is left alone until this is disposed of.
   * Undefined: it is being sent just now, or what became of it is on its way to disk. */
  withdraw({ id, recipients }: QueueItem): Disposable | undefined {
    const isSent = [...this.#lanes.values()].some((lane) => !lane.withdraw(id));
    return isSent ? undefined : this.#ledger.reserve(recipients.map((one) => one.id));
  }

  /** Calls `tell` when something was begun, has ended, or an uplink has turned. */
  watch(tell: () => void): Disposable {
    return this.#watchers.add(tell);
  }

  conditions(): LaneReport[] {
    this.#matchLanes();
    return [...this.#lanes.values()].map(({ uplink, condition, sending }) => {
      return { uplink, condition, sending };
    });
  }

  #turnSoon(): void {
    if (this.#stopping) this.#noteStopped();
    if (this.#turnIsDue || this.#stopping) return;
    this.#turnIsDue = true;
    queueMicrotask(() => {
      this.#turnIsDue = false;
      if (!this.#stopping) this.#turn();
    });
  }

  /** Asks the plan for every uplink, and sleeps until there may be something to do. */
  #turn(): void {
    this.#matchLanes();
    const now = this.#situation();
    let sleep = longestSleep;
    for (const lane of this.#lanes.values()) sleep = Math.min(sleep, this.#run(lane, now));
    this.#endFlushWhenDone();
    const idle = [...this.#lanes.values()].filter((lane) => lane.idle);
    if (idle.length > 0 && !now.halted) {
      this.#survey.look(idle, now.box, () => this.#turnSoon());
    }
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = this.#ports.clock.after(sleep, () => this.#turnSoon());
    this.#watchers.tell();
  }

  /** Performs what the plan says for one uplink; milliseconds until it may say something new. */
  #run(lane: Lane, now: Situation): number {
    if (lane.flushDone) lane.endFlush();
    const step = planLane(lane.view(), now);
    switch (step.kind) {
      case 'look':
        void lane.look();
        return longestSleep;
      case 'send':
        for (let count = step.count; count > 0; count--) lane.begin();
        return longestSleep;
      case 'probe':
        lane.begin();
        return longestSleep;
      case 'end-flush':
        lane.endFlush();
        return this.#run(lane, now);
      case 'wait': {
        if (lane.view().hand > 0 && lane.view().busy === 0) lane.letGo();
        const { box = now.box + longestSleep, wall = now.wall + longestSleep } = step;
        const wait = Math.min(box - now.box, wall - now.wall);
        if (step.box !== undefined && wait <= 0) lane.stir();
        return Math.max(0, wait);
      }
    }
  }

  #situation(): Situation {
    const { times, clock } = this.#ports;
    return {
      held: times.held,
      window: times.window(),
      halted: this.#stopping || this.#storeRests !== undefined || this.#ledger.full,
      box: times.box(),
      wall: clock.now(),
    };
  }

  /** A lane for each uplink there is. */
  #matchLanes(): void {
    const ways = this.#ports.ways.all();
    for (const way of ways) {
      if (this.#lanes.has(way.id)) continue;
      const lane = new Lane(way, this.#lanePorts);
      if (this.#flush !== undefined) lane.beginFlush(this.#flush.flush);
      this.#lanes.set(way.id, lane);
    }
    if (this.#lanes.size === ways.length) return;
    for (const [id, lane] of this.#lanes) {
      if (this.#ports.ways.way(id) !== undefined || lane.sending > 0) continue;
      lane.endFlush();
      void lane.stop(true);
      this.#lanes.delete(id);
    }
  }

  #laneOf(uplink: UplinkId | undefined): Lane | undefined {
    return uplink === undefined ? undefined : this.#lanes.get(uplink);
  }

  async #performFlush(
    wishes: FlushWishes,
    progress: (so: FlushProgress) => void,
  ): Promise<Flushed> {
    const { queue, ways } = this.#ports;
    const last = await queue.last();
    const none = { messages: 0, sent: 0, later: 0, gaveUp: 0, untried: 0, uplinks: [] };
    if (!last.ok || last.value === undefined || this.#stopping) return none;
    const flush = new Flush(wishes, last.value, progress);
    const measured = flush.measure(queue);
    const { promise, resolve: ended } = Promise.withResolvers<void>();
    this.#flush = { flush, ended };
    this.#matchLanes();
    for (const lane of this.#lanes.values()) lane.beginFlush(flush);
    this.#turnSoon();
    await promise;
    await measured;
    await this.#ledger.settled();
    return flush.report((id) => ways.nameOf(id) ?? 'removed', this.#troubles());
  }

  #endFlushWhenDone(): void {
    if (this.#flush === undefined) return;
    if ([...this.#lanes.values()].some((lane) => lane.flushing)) return;
    this.#flush.ended();
    this.#flush = undefined;
  }

  #troubles(): Map<UplinkId, string> {
    const troubles = new Map<UplinkId, string>();
    for (const { uplink, condition } of this.#lanes.values()) {
      if (condition.kind !== 'well') troubles.set(uplink, condition.say);
    }
    return troubles;
  }

  /** An uplink is in trouble, or out of it. */
  #turned(lane: Lane, before: UplinkCondition): void {
    const { ways, log } = this.#ports;
    const { condition, uplink, name } = lane;
    if (condition.kind === 'well') log.info(`${name} takes mail again`);
    else if (condition.kind !== before.kind) log.warn(`${name}: ${condition.say}`);
    if (condition.kind === 'quota') {
      void ways.setQuota(uplink, { until: condition.until, say: condition.say });
    } else if (before.kind === 'quota') void ways.setQuota(uplink, undefined);
    if (condition.kind === 'sign-in') {
      void this.#ports.tellOfSignIn(uplink, condition.say);
    }
    if (condition.kind === 'paused' || condition.kind === 'sign-in') {
      const givesUp = condition.kind === 'sign-in' || condition.failures >= failuresToJudge;
      // The message that probed is judged, too, once it is written down what came of it.
      const standstill = { uplink, name, why: condition.say, givesUp };
      void this.#ledger.settled().then(() => this.#overdue.look(standstill));
    }
  }

  #storeFails({ say, detail }: StoreTrouble): void {
    if (this.#storeRests !== undefined || this.#stopping) return;
    this.#ports.log.warn(`Sending rests for a while: ${say}`, { detail });
    this.#storeRests = this.#ports.clock.after(storeRest, () => {
      this.#storeRests = undefined;
      this.wake();
    });
  }

  /** What waits without an attempt that counts ages too: under a quota, where no uplink serves, and
   * a message that a server hangs up on each time while it takes all others. */
  #lookHourly(): void {
    const { times } = this.#ports;
    this.#hourly = this.#ports.clock.after(hour, () => this.#lookHourly());
    if (times.held || !times.window().open) return;
    for (const { uplink, name, condition } of this.#lanes.values()) {
      if (condition.kind === 'quota') {
        void this.#overdue.look({ uplink, name, why: condition.say, givesUp: false });
      } else if (condition.kind === 'well') {
        const why = `${name} has put it off each time`;
        void this.#overdue.look({ uplink, name, why, givesUp: true, onlyTried: true });
      }
    }
    void this.#lookAfterOrphans();
  }

  async #lookAfterOrphans(): Promise<void> {
    const waiting = await this.#ports.queue.waiting();
    if (!waiting.ok || !waiting.value.some(({ uplink }) => uplink === undefined)) return;
    await this.#assignment.run();
    const why = 'no uplink serves its sender';
    await this.#overdue.look({ uplink: undefined, name: 'the box', why, givesUp: true });
    this.wake();
  }

  async #untilNothingIsSent(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stopped = resolve;
    using _grace = this.#ports.clock.after(graceToEnd, resolve);
    this.#noteStopped();
    await promise;
  }

  #noteStopped(): void {
    const sending = [...this.#lanes.values()].some((lane) => lane.sending > 0);
    if (!sending) this.#stopped?.();
  }
}
