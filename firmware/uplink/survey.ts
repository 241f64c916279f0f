/*
 * When is something due at the uplinks that have nothing to do? One question to the queue answers
 * for all of them; it is asked at most once a second, so that a trickle of mail does not ask it for
 * each message.
 */
import type { Clock } from '#base/clock';
import type { BoxTime, Queue } from '#mail/queue/queue';
import type { Lane } from './lane.ts';

export interface SurveyPorts {
  readonly queue: Pick<Queue, 'waiting'>;
  readonly clock: Clock;
  /** Outcomes are on their way to disk: what the queue says is a little late. */
  readonly isBusy: () => boolean;
}

const pause = 1_000;

export class Survey {
  readonly #ports: SurveyPorts;
  #running = false;
  #rest: Disposable | undefined;

  constructor(ports: SurveyPorts) {
    this.#ports = ports;
  }

  /** Tells these lanes when their next message is due, and then `told`. */
  look(lanes: readonly Lane[], now: BoxTime, told: () => void): void {
    if (this.#running || this.#rest !== undefined) return;
    this.#running = true;
    void this.#ask(lanes, now, told);
  }

  stop(): void {
    this.#rest?.[Symbol.dispose]();
  }

  async #ask(lanes: readonly Lane[], now: BoxTime, told: () => void): Promise<void> {
    const late = this.#ports.isBusy();
    const waiting = await this.#ports.queue.waiting();
    this.#running = false;
    this.#rest = this.#ports.clock.after(pause, () => {
      this.#rest = undefined;
      told();
    });
    if (!waiting.ok || late) return;
    for (const lane of lanes) {
      const row = waiting.value.find(({ uplink }) => uplink === lane.uplink);
      if (!lane.idle) continue;
      if (row === undefined) lane.knowDue(Number.POSITIVE_INFINITY);
      else if (row.due <= now) lane.stir();
      else lane.knowDue(row.due);
    }
    told();
  }
}
