/*
 * A storm of troubles: one warning in the log is life, twenty in a minute are a box that is not
 * well, whatever its parts say of themselves. Counts warnings and errors as they are logged; the
 * lamps show it, and go on showing it for some minutes after the last.
 */
import type { Clock } from '#base/clock';
import type { Sink } from '#base/log';

const many = 20;
const within = 60_000;
const lasts = 300_000;

export class Storm {
  readonly #clock: Clock;
  readonly #began: () => void;
  /** When the last `many` troubles came (elapsed time), oldest first. */
  readonly #times: number[] = [];
  #until: number | undefined;

  /** `began` is called when a storm begins, and not again while it lasts. */
  constructor(clock: Clock, began: () => void) {
    this.#clock = clock;
    this.#began = began;
  }

  /** For the log, beside its other sinks. */
  readonly sink: Sink = ({ level, part }) => {
    if ((level !== 'warn' && level !== 'error') || part === 'panel') return;
    const now = this.#clock.elapsed();
    this.#times.push(now);
    if (this.#times.length > many) this.#times.shift();
    if (this.#times.length < many || now - (this.#times[0] ?? now) > within) return;
    const calm = this.until === undefined;
    this.#until = now + lasts;
    if (calm) this.#began();
  };

  /** Until when the box counts as degraded, by the wall clock; undefined: no storm. */
  get until(): number | undefined {
    const left = (this.#until ?? 0) - this.#clock.elapsed();
    return left > 0 ? this.#clock.now() + left : undefined;
  }
}
