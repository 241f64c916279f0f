/*
 * How long somebody waits for a server: a limit for its silence, and one for the whole, so that
 * neither a server that hangs nor one that trickles keeps a connection for ever. One timer that is
 * set again only when it rings; noting a sign of life costs a number.
 */
import type { Clock } from '#base/clock';

export class Patience {
  readonly #clock: Clock;
  readonly #over: (waited: number) => void;
  #alarm: Disposable | undefined;
  #ringsAt = 0;
  #quiet = 0;
  #life = 0;
  #end = Number.POSITIVE_INFINITY;
  #waiting = false;

  /** `over` is told how long (ms) was waited. */
  constructor(clock: Clock, over: (waited: number) => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** Begins to wait: `quiet` ms after the last sign of life it is over, and after `most` ms
   * anyhow. */
  begin(quiet: number, most = quiet): void {
    this.#life = this.#clock.elapsed();
    this.#quiet = quiet;
    this.#end = this.#life + most;
    this.#waiting = true;
    if (this.#alarm !== undefined && this.#ringsAt <= this.#due()) return;
    this.#set();
  }

  /** A sign of life. */
  alive(): void {
    this.#life = this.#clock.elapsed();
  }

  /** Nothing is waited for; an alarm that is set rings in vain. */
  rest(): void {
    this.#waiting = false;
  }

  stop(): void {
    this.rest();
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #due(): number {
    return Math.min(this.#life + this.#quiet, this.#end);
  }

  #set(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#ringsAt = this.#due();
    const ms = Math.max(this.#ringsAt - this.#clock.elapsed(), 0);
    this.#alarm = this.#clock.after(ms, () => this.#rings());
  }

  #rings(): void {
    this.#alarm = undefined;
    if (!this.#waiting) return;
    // A timer may ring a little early.
    if (this.#clock.elapsed() + 1 < this.#due()) {
      this.#set();
      return;
    }
    this.rest();
    this.#over(this.#quiet);
  }
}
