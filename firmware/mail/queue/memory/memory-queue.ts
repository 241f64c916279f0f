/*
 * The queue's rules without a disk: the readable model that SqliteQueue is compared with. Messages
 * come from MemoryStore, which makes one of these and asks it which messages the queue holds.
 */
import { ok, type Result } from '#base/result';
import type { History } from '../../history/history.ts';
import type { AccountId, MessageId, QueuedId, QueuedRecipientId, UplinkId } from '../../ids.ts';
import type { Along, Stored, StoreTrouble } from '../../store/store.ts';
import { atDomain } from '../at-domain.ts';
import { notBefore } from '../proven-time.ts';
import type {
  BoxTime,
  ItemFilter,
  NewQueued,
  Outcome,
  Queue,
  QueuedRecipient,
  QueueItem,
  QueueState,
  Told,
  Waiting,
} from '../queue.ts';

type Done<T = void> = Promise<Result<T, StoreTrouble>>;

export class MemoryQueue implements Queue {
  readonly #history: Pick<History, 'note'>;
  readonly #left: () => void;
  #items: QueueItem[] = [];
  #state: QueueState = { held: false, box: 0, ageing: 0, wall: 0 };
  #last = 0;

  /** `left` is called when a message has left the queue. */
  constructor(history: Pick<History, 'note'>, left: () => void) {
    this.#history = history;
    this.#left = left;
  }

  /** What is committed with a message's arrival. Called by the store. */
  arrive(stored: Stored, { queued = [], ends = [], delayTold = [] }: Along): void {
    for (const copy of queued) this.#items.push(this.#enter(stored, copy));
    for (const id of delayTold) this.#change(id, () => ({ delayTold: true }));
    this.#remove(ends);
  }

  /** Is the message in the queue? */
  holds(message: MessageId): boolean {
    return this.#items.some((item) => item.message === message);
  }

  async due(
    uplink: UplinkId,
    until: BoxTime,
    count: number,
    except: ReadonlySet<QueuedRecipientId>,
  ): Done<QueueItem[]> {
    const wanted = ({ id, due }: QueuedRecipient) => due <= until && !except.has(id);
    const items = this.#items
      .filter((item) => item.uplink === uplink)
      .map((item) => ({ ...item, recipients: item.recipients.filter(wanted) }))
      .filter(({ recipients }) => recipients.length > 0)
      .sort((one, other) => soonest(one) - soonest(other));
    return ok(items.slice(0, count));
  }

  async list(filter: ItemFilter, count: number): Done<QueueItem[]> {
    const { uplink, account, domain, name, after = 0, upTo = Number.MAX_SAFE_INTEGER } = filter;
    const items = this.#items
      .filter(({ id }) => id > after && id <= upTo)
      .filter((item) => uplink === undefined || item.uplink === uplink)
      .filter((item) => account === undefined || item.account === account)
      .filter((item) => name === undefined || item.name === name)
      .flatMap((item) => (domain === undefined ? [item] : atDomain(item, domain)));
    return ok(items.slice(0, count));
  }

  async waiting(): Done<Waiting[]> {
    const groups = Map.groupBy(this.#items, ({ uplink }) => uplink);
    return ok(
      [...groups].map(([uplink, items]) => ({
        uplink,
        messages: items.length,
        recipients: sum(items.map(({ recipients }) => recipients.length)),
        octets: sum(items.map(({ octets }) => octets)),
        due: Math.min(...items.map(soonest)),
        oldest: Math.min(...items.map(({ queuedAt }) => queuedAt)),
        born: Math.min(...items.map(({ born }) => born)),
      })),
    );
  }

  async unserved(): Done<boolean> {
    return ok(this.#items.some(({ uplink }) => uplink === undefined));
  }

  async last(): Done<QueuedId | undefined> {
    return ok(this.#items.at(-1)?.id);
  }

  async doubt(recipients: readonly QueuedRecipientId[]): Done {
    for (const id of recipients) this.#change(id, () => ({ doubt: true }));
    return ok(undefined);
  }

  async record(outcomes: readonly Outcome[], told: readonly Told[]): Done {
    for (const outcome of outcomes) {
      if (outcome.kind !== 'again') {
        this.#remove([outcome.recipient]);
        continue;
      }
      const { recipient, due, counts, last, doubtStays = false } = outcome;
      this.#change(recipient, ({ attempts, doubt }) => {
        return { due, attempts: attempts + (counts ? 1 : 0), last, doubt: doubt && doubtStays };
      });
    }
    for (const { message, say } of told) this.#history.note([message], say);
    return ok(undefined);
  }

  async assign(vias: readonly string[], uplink: UplinkId | undefined): Done {
    this.#items = this.#items.map((item) => {
      const { uplink: before, ...others } = item;
      if (!vias.includes(item.via)) return item;
      return uplink === undefined ? others : { ...others, uplink };
    });
    return ok(undefined);
  }

  async vias(): Done<{ via: string; account: AccountId; messages: number }[]> {
    const groups = Map.groupBy(this.#items, ({ via, account }) => `${via} ${account}`);
    const found = [...groups.keys()].sort().flatMap((key) => {
      const [first, ...others] = groups.get(key) ?? [];
      if (first === undefined) return [];
      return [{ via: first.via, account: first.account, messages: 1 + others.length }];
    });
    return ok(found);
  }

  async state(): Done<QueueState> {
    const untried = this.#items
      .flatMap(({ recipients }) => recipients)
      .filter(({ attempts, last }) => attempts === 0 && last === '');
    const box = Math.max(0, ...untried.map(({ due }) => due));
    const ageing = Math.max(0, ...this.#items.map(({ born }) => born));
    return ok(notBefore(this.#state, { box, ageing }));
  }

  async saveState({ held, box, ageing, wall }: QueueState): Done {
    this.#state = { held, box, ageing, wall };
    return ok(undefined);
  }

  #enter({ message, shape }: Stored, { due, ...copy }: NewQueued): QueueItem {
    const id = ++this.#last as QueuedId;
    const fresh = { due, attempts: 0, doubt: false, delayTold: false, last: '' };
    const recipients = copy.recipients.map((recipient) => {
      return { ...recipient, ...fresh, id: ++this.#last as QueuedRecipientId };
    });
    const { octets, canonical } = shape;
    return { ...copy, id, message, octets, canonical, recipients };
  }

  #change(
    recipient: QueuedRecipientId,
    change: (now: QueuedRecipient) => Partial<QueuedRecipient>,
  ): void {
    this.#items = this.#items.map((item) => ({
      ...item,
      recipients: item.recipients.map((one) => {
        return one.id === recipient ? { ...one, ...change(one) } : one;
      }),
    }));
  }

  /** The last recipient takes the copy along, and the store looks what became of the message. */
  #remove(leaving: readonly QueuedRecipientId[]): void {
    if (leaving.length === 0) return;
    this.#items = this.#items
      .map((item) => ({
        ...item,
        recipients: item.recipients.filter(({ id }) => !leaving.includes(id)),
      }))
      .filter(({ recipients }) => recipients.length > 0);
    this.#left();
  }
}

function soonest({ recipients }: QueueItem): BoxTime {
  return Math.min(...recipients.map(({ due }) => due));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
