/*
 * Mail whose uplink cannot be used, or that no uplink serves, is not tried message by message;
 * still it ages. After a failed probe this walks through what waits there, oldest first: who has
 * waited long is told so, and what has waited too long goes back.
 */
import type { QueuedId, QueuedRecipientId, UplinkId } from '#mail/ids';
import type { AgeingTime, Queue, QueuedRecipient, QueueItem } from '#mail/queue/queue';
import type { QueueTime } from '#mail/queue/queue-time';
import { judgeAge, type ScheduleTerms } from '#mail/queue/schedule';
import type { Settlement } from './settlement.ts';

export interface OverduePorts {
  readonly queue: Pick<Queue, 'list'>;
  readonly settlement: Settlement;
  readonly time: QueueTime;
  readonly clockIsSane: () => boolean;
  readonly schedule: () => ScheduleTerms;
  /** It is being sent, or its outcome is being written down. */
  readonly isTaken: (recipient: QueuedRecipientId) => boolean;
}

/** What keeps mail from going out. */
export interface Standstill {
  /** Undefined: no uplink serves it. */
  readonly uplink: UplinkId | undefined;
  readonly name: string;
  readonly why: string;
  /** False: its time is not over, however old it is (a provider's quota). */
  readonly givesUp: boolean;
  /** What has not had its turn yet is left alone: nothing keeps it but the length of the queue. */
  readonly onlyTried?: true;
}

const page = 32;

export class Overdue {
  readonly #ports: OverduePorts;
  /** By uplink: up to which message everybody has been told of the delay. */
  readonly #toldUpTo = new Map<UplinkId | undefined, QueuedId>();
  readonly #running = new Set<UplinkId | undefined>();

  constructor(ports: OverduePorts) {
    this.#ports = ports;
  }

  /** Mail has changed uplinks: where everybody had been told, somebody new may wait. */
  forget(): void {
    this.#toldUpTo.clear();
  }

  async look(standstill: Standstill): Promise<void> {
    const { uplink, givesUp } = standstill;
    if (!this.#ports.clockIsSane() || this.#running.has(uplink)) return;
    this.#running.add(uplink);
    try {
      const { delayNotice, giveUp } = this.#ports.schedule();
      if (givesUp) await this.#walk(standstill, undefined, giveUp);
      if (delayNotice === 0) return;
      const told = await this.#walk(standstill, this.#toldUpTo.get(uplink), delayNotice);
      if (told !== undefined) this.#toldUpTo.set(uplink, told);
    } finally {
      this.#running.delete(uplink);
    }
  }

  /** From the oldest on while they are at least so old; the id of the last one that was. Ids grow
   * as ages fall, because ageing time never goes back. */
  async #walk(
    standstill: Standstill,
    from: QueuedId | undefined,
    age: AgeingTime,
  ): Promise<QueuedId | undefined> {
    const { queue, time } = this.#ports;
    const { uplink } = standstill;
    let after = from;
    for (;;) {
      const filter = {
        ...(uplink === undefined ? {} : { uplink }),
        ...(after === undefined ? {} : { after }),
      };
      const found = await queue.list(filter, page);
      if (!found.ok) return after;
      for (const item of found.value) {
        if (time.ageing() - item.born < age) return after;
        if (item.uplink === uplink && !(await this.#judge(item, standstill))) return after;
        after = item.id;
      }
      if (found.value.length < page) return after;
    }
  }

  /** False: that could not be written. */
  async #judge(item: QueueItem, { name, why, givesUp, onlyTried }: Standstill): Promise<boolean> {
    const { settlement, schedule, time, isTaken } = this.#ports;
    const age = time.ageing() - item.born;
    const reason = { why, status: '4.4.1' }; // RFC 3463 §3.5: no answer from host
    const free = item.recipients.filter(
      ({ id, last }) => !isTaken(id) && (onlyTried === undefined || last !== ''),
    );
    const pairs = (of: readonly QueuedRecipient[]) => of.map((one) => [one, reason] as const);
    const verdicts = Map.groupBy(free, ({ delayTold }) => judgeAge(schedule(), { age, delayTold }));
    const over = verdicts.get('give-up') ?? [];
    if (over.length > 0 && givesUp) await settlement.expired(item, { name }, pairs(over));
    const late = verdicts.get('tell-delay') ?? [];
    return late.length === 0 || settlement.delayed(item, pairs(late));
  }
}
