/*
 * Turns patterns into levels, for drivers whose lamps are only lit or dark. Lamps blink in step:
 * all count from the moment at which one of them last began to blink. It wakes only when a level
 * changes, and sleeps for good while nothing blinks.
 */
import type { Clock } from '#base/clock';
import type { LampName, Lamps, Pattern } from '#panel/panel';
import { litAt, nextTurn, rhythms } from '#panel/patterns';

export class Blinker {
  readonly #clock: Clock;
  readonly #light: (lit: ReadonlySet<LampName>) => void;
  #lamps: Lamps = new Map();
  #lit: ReadonlySet<LampName> = new Set();
  #began = 0;
  #alarm: Disposable | undefined;

  /** `light` is told which lamps are lit, whenever that changes; at first none is. */
  constructor(clock: Clock, light: (lit: ReadonlySet<LampName>) => void) {
    this.#clock = clock;
    this.#light = light;
  }

  show(lamps: Lamps): void {
    const begins = [...lamps].some(
      ([lamp, pattern]) => blinks(pattern) && this.#lamps.get(lamp) !== pattern,
    );
    if (begins) this.#began = this.#clock.elapsed();
    this.#lamps = new Map(lamps);
    this.#turn();
  }

  stop(): void {
    this.show(new Map());
  }

  #turn(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    // Timers are exact to a millisecond only: one that rings a little early counts as in time.
    const ms = Math.round(this.#clock.elapsed() - this.#began);
    const lit = new Set([...this.#lamps].filter(([, p]) => litAt(p, ms)).map(([lamp]) => lamp));
    const changes = [...lit].join() !== [...this.#lit].join();
    this.#lit = lit;
    if (changes) this.#light(lit);
    const waits = [...this.#lamps.values()].flatMap((pattern) => nextTurn(pattern, ms) ?? []);
    if (waits.length === 0) return;
    this.#alarm = this.#clock.after(Math.min(...waits), () => this.#turn());
  }
}

function blinks(pattern: Pattern): boolean {
  return rhythms[pattern].lit > 0;
}
