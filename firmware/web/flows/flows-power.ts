/*
 * Switches Node-RED on when somebody wants a page and off when nobody does: performs what demand.ts
 * decides, and knows when it is ready, which is when its socket takes a connection. Nothing of mail
 * waits for it, and its end is noted, never more.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { type Demand, nextStep, pauseLeft, reasons } from './demand.ts';
import type { FlowsRunner } from './runner.ts';

export interface FlowsPowerPorts {
  readonly runner: FlowsRunner;
  /** Does its socket take a connection? */
  readonly reachable: () => Promise<boolean>;
  readonly settings: () => Pick<Demand, 'run' | 'idle'>;
  /** Keeps, over a restart of the box, why it has to stay on. */
  readonly note: StayNote;
  readonly clock: Clock;
  readonly log: Log;
}

export interface StayNote {
  read(): Promise<string | undefined>;
  write(why: string | undefined): Promise<void>;
}

export type FlowsCondition =
  | { readonly kind: 'off' }
  /** `progress`: from 0 to 1, as far as the last start tells. `left`: milliseconds. */
  | { readonly kind: 'starting'; readonly progress: number; readonly left: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'stopping' }
  /** `again`: milliseconds until a request starts it again. */
  | { readonly kind: 'failed'; readonly say: string; readonly again: number };

/** How often (ms) a socket is looked for that is not there yet. */
const glance = 200;
/** A start that takes longer (ms) than this has failed, on the slowest board. */
const longestStart = 180_000;
/** How long (ms) a start takes where none was seen yet. */
const usualStart = 12_000;
/** It ran well for so long (ms): failures before are forgotten. */
const wellAfter = 60_000;

type Power =
  | { readonly kind: 'off' }
  /** `ran`: it was ready, and is gone. */
  | { readonly kind: 'starting'; readonly since: number; readonly ran: boolean }
  | { readonly kind: 'ready'; readonly since: number }
  | { readonly kind: 'stopping' };

export class FlowsPower {
  readonly #ports: FlowsPowerPorts;
  #power: Power = { kind: 'off' };
  #open = 0;
  #wantedAt: number | undefined;
  #why: string | undefined;
  #failures = 0;
  /** `ran`: it had been ready. */
  #failed: { readonly at: number; readonly say: string; readonly ran: boolean } | undefined;
  #lastStart = usualStart;
  #alarm: Disposable | undefined;
  #glance: Disposable | undefined;
  #watching: Disposable | undefined;
  #ending: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<() => void>();

  constructor(ports: FlowsPowerPorts) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#why = await this.#ports.note.read();
    this.#watching = this.#ports.runner.watch(() => this.#look());
    this.look();
  }

  async stop(): Promise<void> {
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
    this.#alarm?.[Symbol.dispose]();
    this.#glance?.[Symbol.dispose]();
    await this.#ending;
    if (this.#power.kind !== 'off') await this.#ports.runner.stop();
    this.#setPower({ kind: 'off' });
  }

  get condition(): FlowsCondition {
    const now = this.#ports.clock.elapsed();
    const power = this.#power;
    if (power.kind === 'starting') {
      const elapsed = now - power.since;
      const progress = Math.min(0.95, elapsed / this.#lastStart);
      return { kind: 'starting', progress, left: Math.max(0, this.#lastStart - elapsed) };
    }
    if (power.kind === 'off' && this.#failed !== undefined) {
      const again = pauseLeft(this.#demand(), now);
      return { kind: 'failed', say: this.#failed.say, again };
    }
    return { kind: power.kind };
  }

  /** As whoever wants a page is told: what ended once, though it ran, is on its way back. */
  get outlook(): FlowsCondition {
    const { condition } = this;
    if (condition.kind !== 'failed' || !this.#isReturning) return condition;
    return { kind: 'starting', progress: 0, left: condition.again + this.#lastStart };
  }

  /** Why it has to stay on. */
  get staysBecause(): string | undefined {
    return this.#why;
  }

  memory(): number | undefined {
    return this.#ports.runner.memory();
  }

  /** Somebody wants a page. */
  want(): void {
    this.#wantedAt = this.#ports.clock.elapsed();
    this.#look();
  }

  /** A request, or a web socket, is being served until the Disposable is disposed of. */
  enter(): Disposable {
    this.#open += 1;
    this.want();
    let over = false;
    return {
      [Symbol.dispose]: () => {
        if (over) return;
        over = true;
        this.#open -= 1;
        if (this.#isOn()) this.want();
      },
    };
  }

  /** Waits until it is ready, at most so long (ms); false: it is not. */
  ready(patience: number): Promise<boolean> {
    if (this.#power.kind === 'ready') return Promise.resolve(true);
    if (this.#isDown) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(changed);
        alarm[Symbol.dispose]();
        resolve(this.#power.kind === 'ready');
      };
      const changed = () => {
        if (this.#power.kind === 'ready' || this.#isDown) done();
      };
      const alarm = this.#ports.clock.after(patience, done);
      this.#waiting.add(changed);
    });
  }

  /** Its socket took no connection though it was ready. */
  lost(): void {
    if (this.#power.kind !== 'ready') return;
    this.#setPower({ kind: 'starting', since: this.#ports.clock.elapsed(), ran: true });
    void this.#seek();
  }

  async stay(why: string | undefined): Promise<void> {
    if (why === this.#why) return;
    this.#why = why;
    const { log, note } = this.#ports;
    log.info(why === undefined ? 'Node-RED need not stay on any more' : 'Node-RED stays on', {
      why,
    });
    this.#look();
    await note.write(why);
  }

  /** Settings have changed, or time has passed. */
  look(): void {
    this.#look();
  }

  #look(): void {
    if (this.#watching === undefined) return;
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    const { runner, clock } = this.#ports;
    const { state } = runner;
    if (state.kind === 'ended' && this.#isOn()) this.#fail(state.say);
    const step = nextStep(this.#demand(), clock.elapsed());
    if (step.do === 'start') void this.#switchOn();
    else if (step.do === 'stop') this.#ending = this.#switchOff();
    if (step.lookIn !== undefined) {
      this.#alarm = clock.after(Math.max(1, Math.ceil(step.lookIn)), () => this.#look());
    }
  }

  async #switchOn(): Promise<void> {
    const { runner, clock, log } = this.#ports;
    const power: Power = { kind: 'starting', since: clock.elapsed(), ran: false };
    this.#setPower(power);
    log.info(`Node-RED starts, for ${reasons(this.#demand()).start}`);
    const started = await runner.start();
    // Switched off meanwhile: that has stopped it.
    if (this.#power !== power) return;
    if (!started.ok) {
      this.#fail(started.error.say);
      this.#look();
    } else await this.#seek();
  }

  async #switchOff(): Promise<void> {
    const { runner, log } = this.#ports;
    this.#setPower({ kind: 'stopping' });
    this.#glance?.[Symbol.dispose]();
    log.info(`Node-RED is stopped, for ${reasons(this.#demand()).stop}`);
    await runner.stop();
    this.#failures = 0;
    this.#failed = undefined;
    // Whoever came meanwhile waits for the start that this look begins, and is told only without one.
    this.#power = { kind: 'off' };
    this.#look();
    if (this.#power.kind === 'off') this.#setPower(this.#power);
  }

  /** Looks for the socket until it is there. */
  async #seek(): Promise<void> {
    const { reachable, clock, log, runner } = this.#ports;
    const power = this.#power;
    if (power.kind !== 'starting') return;
    await runner.look?.();
    if (runner.state.kind === 'ended') this.#look();
    const found = await reachable();
    if (this.#power !== power || this.#watching === undefined) return;
    const took = clock.elapsed() - power.since;
    if (found) {
      this.#lastStart = Math.max(1_000, took);
      this.#setPower({ kind: 'ready', since: clock.elapsed() });
      log.info('Node-RED is ready', { milliseconds: Math.round(took) });
      this.#look();
    } else if (took > longestStart) {
      this.#fail('It did not get ready in three minutes. The log of the box may say why.');
      this.#ending = runner.stop().then(() => this.#look());
    } else this.#glance = clock.after(glance, () => void this.#seek());
  }

  #fail(say: string): void {
    const { clock, log } = this.#ports;
    const power = this.#power;
    const now = clock.elapsed();
    const ranWell = power.kind === 'ready' && now - power.since > wellAfter;
    this.#failures = ranWell ? 1 : this.#failures + 1;
    const ran = power.kind === 'ready' || (power.kind === 'starting' && power.ran);
    this.#failed = { at: now, say, ran };
    log.warn(`Node-RED is down: ${say}`, { failures: this.#failures });
    this.#setPower({ kind: 'off' });
  }

  /** It is off, and nobody will start it who has not been asked yet. */
  get #isDown(): boolean {
    return this.#power.kind === 'off' && !this.#isReturning;
  }

  /** It ran and ended by itself, once; it is started again when its pause is over. */
  get #isReturning(): boolean {
    if (this.#power.kind !== 'off' || this.#failed?.ran !== true || this.#failures > 1)
      return false;
    const step = nextStep(this.#demand(), this.#ports.clock.elapsed());
    return step.do === 'start' || step.lookIn !== undefined;
  }

  #isOn(): boolean {
    return this.#power.kind === 'starting' || this.#power.kind === 'ready';
  }

  #setPower(power: Power): void {
    this.#power = power;
    if (power.kind === 'ready') this.#failed = undefined;
    for (const changed of [...this.#waiting]) changed();
  }

  #demand(): Demand {
    const { kind } = this.#power;
    const failedAt = this.#failed?.at;
    return {
      ...this.#ports.settings(),
      stay: this.#why !== undefined,
      power: kind === 'off' || kind === 'stopping' ? kind : 'on',
      open: this.#open,
      failures: this.#failures,
      ran: this.#failed?.ran === true,
      ...(this.#wantedAt === undefined ? {} : { wantedAt: this.#wantedAt }),
      ...(failedAt === undefined ? {} : { failedAt }),
    };
  }
}
