/*
 * Can the wall clock be trusted? A board without a clock starts in 1970, or last week, until the
 * network sets it. It is trusted when the kernel says that something keeps it right, or when it is
 * later than this program's build and than the newest message: time does not run backwards. Looked
 * at once a minute until it is, and then no more.
 *
 * Until then nothing in the queue expires and nobody is told of delays; ages add up from the time
 * that the box has run (box-time.ts).
 */
import type { Clock } from '#base/clock';
import type { Result } from '#base/result';
import { Watchers } from '#base/watchers';
import type { StoreTrouble } from '../store/store.ts';

export interface ClockSensePorts {
  readonly clock: Clock;
  /** Milliseconds since 1970: when this program was built. */
  readonly builtAt: number;
  /** When the newest message came, by the wall clock of that time; 0 when there is none. */
  readonly newest: () => Promise<Result<number, StoreTrouble>>;
  /** Does something keep the kernel's clock right? */
  readonly kernelSynchronised: () => Promise<boolean>;
}

const lookEvery = 60_000;

export class ClockSense {
  readonly #ports: ClockSensePorts;
  readonly #watchers = new Watchers();
  #sane = false;
  #newest: number | undefined;
  #alarm: Disposable | undefined;
  #stopped = false;

  constructor(ports: ClockSensePorts) {
    this.#ports = ports;
  }

  get sane(): boolean {
    return this.#sane;
  }

  /** For `status`. */
  get say(): string {
    if (this.#sane) return 'The clock is right.';
    const shown = new Date(this.#ports.clock.now()).toISOString().slice(0, 16).replace('T', ' ');
    return (
      `The clock shows ${shown} (UTC), which cannot be. Until it is right no waiting mail ` +
      'expires, and certificates may look wrong. It sets itself when the box reaches the internet.'
    );
  }

  /** Looks at the clock, and again each minute until it can be trusted. */
  async start(): Promise<void> {
    await this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#alarm?.[Symbol.dispose]();
  }

  /** Calls `tell` once, when the clock becomes trusted. */
  watch(tell: () => void): Disposable {
    return this.#watchers.add(tell);
  }

  async #look(): Promise<void> {
    if (await this.#trusted()) {
      this.#sane = true;
      this.#watchers.tell();
    } else if (!this.#stopped) {
      this.#alarm = this.#ports.clock.after(lookEvery, () => void this.#look());
    }
  }

  async #trusted(): Promise<boolean> {
    const { clock, builtAt, newest, kernelSynchronised } = this.#ports;
    // Asked until the disk has told once: what comes later is dated by this very clock, and proves nothing.
    if (this.#newest === undefined) {
      const told = await newest();
      if (told.ok) this.#newest = told.value;
    }
    const now = clock.now();
    const isLater = this.#newest !== undefined && now >= this.#newest;
    return (now >= builtAt && isLater) || (await kernelSynchronised());
  }
}
