/*
 * The front panel at work: shows on the driver what lamps.ts says whenever the box changes, and does
 * what press.ts says when a finger lets go. It never polls; a driver that fails leaves the box
 * without lamps, not without mail. What a press did is in the log, and by its reason in the
 * histories of the messages it was about.
 */
import { type Clock, pause } from '#base/clock';
import type { Log } from '#base/log';
import { failed, type Result, refusal, trouble } from '#base/result';
import { Watchers } from '#base/watchers';
import type { StateSource } from './box-state.ts';
import { lamps, type Shown, sameLamps } from './lamps.ts';
import type { ButtonEvent, LampName, Lamps, PanelDriver, PanelTrouble, Pattern } from './panel.ts';
import { away, type Finger, fingerShows, nextStageIn, press, stageAfter } from './press.ts';

/** What the button can ask of the box. `because`: who wanted it, for log and history. */
export interface PanelWishes {
  /** Tries everything that waits. What came of it, in words. */
  flush(because: string): Promise<Result<string>>;
  /** Holds, or releases. Which of them, in words. */
  toggleHold(because: string): Promise<Result<string>>;
  /** While a box has no owner and nothing to hold, its button opens set-up. */
  wantsOwner(): boolean;
  /** Opens the set-up page. For how long, in words. */
  openSetUp(because: string): Promise<Result<string>>;
  shutDown(because: string): void;
  /** Only a box that is an appliance is shut down by its button. */
  canShutDown(): boolean;
}

export interface FrontPanelPorts {
  readonly driver: PanelDriver;
  readonly state: StateSource;
  readonly wishes: PanelWishes;
  /** Accounts that have a lamp of their own. */
  readonly accounts: () => readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface LampReport {
  readonly lamp: LampName;
  readonly pattern: Pattern;
  /** What it means, in a sentence. */
  readonly say: string;
}

/** A press of the button, when what it did is done. */
export interface PressDone {
  /** Milliseconds. */
  readonly held: number;
  /** In words. */
  readonly did: string;
}

export interface PanelReport {
  readonly driver: string;
  /** Why the driver does not work, and what to do. */
  readonly trouble?: string;
  readonly lamps: readonly LampReport[];
}

/** The wall clock may be set meanwhile: nobody sleeps longer for it. */
const longestSleep = 3_600_000;

export class FrontPanel {
  readonly #ports: FrontPanelPorts;
  #works = false;
  #trouble: string | undefined;
  #finger: Finger = away;
  #toldStuck = false;
  #seen: Lamps = new Map();
  #isDue = false;
  #alarms: Disposable[] = [];
  #watching: Disposable | undefined;
  readonly #watchers = new Watchers();
  readonly #pressWatchers = new Watchers<[PressDone]>();

  constructor(ports: FrontPanelPorts) {
    this.#ports = ports;
  }

  /** A driver that does not start is said in the log and in `report`; the box runs on. */
  async start(): Promise<void> {
    const { driver, state, log } = this.#ports;
    const started = await this.#startDriver();
    this.#works = started.ok;
    if (!started.ok) {
      this.#trouble = started.error.say;
      log.warn(started.error.say, { driver: driver.name, detail: started.error.detail });
    }
    this.#watching = state.watch(() => this.#changed());
    this.#refresh();
  }

  async stop(): Promise<void> {
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
    this.#endAlarms();
    if (this.#works) await this.#stopDriver();
    this.#works = false;
  }

  async #startDriver(): Promise<Result<void, PanelTrouble>> {
    try {
      return await this.#ports.driver.start((event) => this.#pressed(event, 'a finger'));
    } catch (bug) {
      this.#logFault(bug);
      return failed(trouble('lost', faultyDriver, String(bug), false));
    }
  }

  #show(now: Lamps): void {
    try {
      this.#ports.driver.show(now);
    } catch (bug) {
      this.#logFault(bug);
      this.#trouble = faultyDriver;
      this.#works = false;
      void this.#stopDriver();
    }
  }

  async #stopDriver(): Promise<void> {
    try {
      await this.#ports.driver.stop();
    } catch (bug) {
      this.#logFault(bug);
    }
  }

  #logFault(bug: unknown): void {
    const { driver, log } = this.#ports;
    const facts = { driver: driver.name, stack: stackOf(bug) };
    log.error('The driver of the front panel met a fault in the program', facts);
  }

  /** `accounts` or `canShutDown` may say something else now; the state source tells by itself. */
  refresh(): void {
    this.#changed();
  }

  report(): PanelReport {
    const { driver } = this.#ports;
    const trouble = this.#trouble === undefined ? {} : { trouble: this.#trouble };
    const finger = this.#fingerShows();
    const shown = [...this.#shown().because].map(([lamp, { pattern, say }]) => {
      return { lamp, ...(finger ?? { pattern, say }) };
    });
    return { driver: driver.name, ...trouble, lamps: shown };
  }

  /** Calls `tell` whenever the lamps have changed. */
  watch(tell: () => void): Disposable {
    return this.#watchers.add(tell);
  }

  /** Calls `tell` whenever the button was pressed and something came of it, in words. */
  watchPresses(tell: (press: PressDone) => void): Disposable {
    return this.#pressWatchers.add(tell);
  }

  /** Presses the button for so many milliseconds, as a finger would; what it did, in words. */
  async press(held: number): Promise<Result<string>> {
    const { clock } = this.#ports;
    if (this.#finger.on) return failed(refusal('busy', 'Somebody has a finger on the button.'));
    const down = clock.elapsed();
    void this.#pressed({ button: 'flush', down: true, at: down }, 'a command');
    await pause(clock, held);
    const up = { button: 'flush', down: false, at: down + held } as const;
    const deed = this.#pressed(up, 'a command');
    return deed ?? failed(refusal('busy', 'Somebody else used the button meanwhile.'));
  }

  #pressed(event: ButtonEvent, who: string): Promise<Result<string>> | undefined {
    if (this.#watching === undefined) return undefined;
    const { finger, released } = press(this.#finger, event);
    this.#finger = finger;
    this.#toldStuck = false;
    this.#refresh();
    return released === undefined ? undefined : this.#act(released.held, who);
  }

  /** Does what a press of this length means. */
  async #act(held: number, who: string): Promise<Result<string>> {
    const { log } = this.#ports;
    const { stage } = stageAfter(held);
    const because = `the button was pressed by ${who}`;
    log.info(`The button was pressed by ${who}: ${stage}`, { milliseconds: Math.round(held) });
    try {
      const done = await this.#do(stage, because);
      if (done.ok) log.info(done.value, { because });
      else log.warn(done.error.say, { because });
      const did = done.ok ? done.value : done.error.say;
      this.#pressWatchers.tell({ held, did });
      return done;
    } catch (bug) {
      log.error('A press of the button met a fault in the program', { stack: stackOf(bug) });
      return failed(refusal('bug', 'The box made a mistake; its log has more.'));
    }
  }

  async #do(stage: ReturnType<typeof stageAfter>['stage'], because: string) {
    const { wishes } = this.#ports;
    switch (stage) {
      case 'flush':
        return wishes.flush(because);
      case 'hold':
        return wishes.wantsOwner() ? wishes.openSetUp(because) : wishes.toggleHold(because);
      case 'shut-down':
        if (!wishes.canShutDown()) return failed(notAnAppliance);
        wishes.shutDown(because);
        return { ok: true, value: 'The box shuts down.' } as const;
      case 'stuck':
        return failed(refusal('stuck', 'The button was held so long that nothing was done.'));
    }
  }

  /** Once in a turn, however much changed in it. */
  #changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#watching !== undefined) this.#refresh();
    });
  }

  #refresh(): void {
    const { clock } = this.#ports;
    const shown = this.#shown();
    const now = this.#withFinger(shown.lamps);
    this.#endAlarms();
    if (shown.until !== undefined) this.#wakeIn(shown.until - clock.now());
    if (this.#finger.on) this.#watchFinger(clock.elapsed() - this.#finger.since);
    if (sameLamps(this.#seen, now)) return;
    this.#seen = now;
    if (this.#works) this.#show(now);
    this.#watchers.tell();
  }

  #watchFinger(held: number): void {
    const next = nextStageIn(held);
    if (next !== undefined) this.#wakeIn(next);
    if (next !== undefined || this.#toldStuck) return;
    this.#toldStuck = true;
    this.#ports.log.warn('The button seems to be stuck: it has been down for half a minute.');
  }

  #shown(): Shown {
    const { state, accounts, clock } = this.#ports;
    return lamps(state.current(), accounts(), clock.now());
  }

  #withFinger(usual: Lamps): Lamps {
    const finger = this.#fingerShows();
    if (finger === undefined) return usual;
    return new Map([...usual.keys()].map((lamp) => [lamp, finger.pattern]));
  }

  /** What all lamps show for a finger on the button, and what it means. */
  #fingerShows(): Omit<LampReport, 'lamp'> | undefined {
    if (!this.#finger.on) return undefined;
    const held = this.#ports.clock.elapsed() - this.#finger.since;
    const pattern = fingerShows(held, this.#ports.wishes.canShutDown());
    if (pattern === undefined) return undefined;
    return { pattern, say: `Letting go of the button ${stageAfter(held).say}.` };
  }

  #wakeIn(ms: number): void {
    const wait = Math.min(Math.max(ms, 1), longestSleep);
    this.#alarms.push(this.#ports.clock.after(Math.ceil(wait), () => this.#refresh()));
  }

  #endAlarms(): void {
    for (const alarm of this.#alarms) alarm[Symbol.dispose]();
    this.#alarms = [];
  }
}

const faultyDriver =
  'The driver of the front panel has a fault; the log has more. The box runs on without lamps.';

const notAnAppliance = refusal(
  'not-an-appliance',
  'The button shuts down only a box that runs as an appliance (setting profile). Nothing was done.',
);

function stackOf(bug: unknown): string {
  return bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
}
