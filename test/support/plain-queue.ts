/*
 * A queue on a sheet of paper: the port's rules in a few lines, with `put` to lay messages into it
 * and `refuses` to make the disk fail. For tests of what empties the queue; the adapters have their
 * own suite (test/contract/queue.ts).
 */
import { failed, ok, type Result, trouble } from '#base/result';
import type { AccountId, MessageId, QueuedId, QueuedRecipientId, UplinkId } from '#mail/ids';
import type {
  ItemFilter,
  Outcome,
  Queue,
  QueuedRecipient,
  QueueItem,
  QueueState,
  Told,
  Waiting,
} from '#mail/queue/queue';
import type { StoreTrouble } from '#mail/store/store';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

export interface Put {
  readonly uplink?: number | undefined;
  readonly via?: string;
  readonly to?: readonly (string | Partial<QueuedRecipient>)[];
  readonly due?: number;
  readonly born?: number;
}

export class PlainQueue implements Queue {
  /** How often each call was made. */
  readonly calls = new Map<string, number>();
  readonly told: Told[] = [];
  readonly outcomes: Outcome[] = [];
  refuses = false;
  #state: QueueState = { held: false, box: 0, ageing: 0, wall: 0 };
  #items: QueueItem[] = [];
  #last = 0;

  put({
    uplink = 1,
    via = 'ann@example.org',
    to = ['bob@example.net'],
    due = 0,
    born = 0,
  }: Put = {}) {
    const id = ++this.#last as QueuedId;
    const recipients = to.map((one): QueuedRecipient => {
      const usual = { attempts: 0, doubt: false, delayTold: false, last: '' };
      const own = typeof one === 'string' ? { address: one } : one;
      const recipient = { id: ++this.#last as QueuedRecipientId, due, address: '', ...usual };
      return { ...recipient, ...own };
    });
    const item: QueueItem = {
      id,
      message: (id + 1_000_000) as MessageId,
      name: `m${id}`,
      sender: via,
      account: 7 as AccountId,
      via,
      ...(uplink === 0 ? {} : { uplink: uplink as UplinkId }),
      queuedAt: 0,
      born,
      octets: 10,
      canonical: true,
      recipients,
    };
    this.#items.push(item);
    return item;
  }

  get items(): readonly QueueItem[] {
    return this.#items;
  }

  get recipients(): QueuedRecipient[] {
    return this.#items.flatMap(({ recipients }) => recipients);
  }

  /** They leave, told in a report. */
  end(ids: readonly QueuedRecipientId[]): void {
    this.#change((one) => (ids.includes(one.id) ? undefined : one));
  }

  /** Their sender has been told that it takes long. */
  markDelayTold(ids: readonly QueuedRecipientId[]): void {
    this.#change((one) => (ids.includes(one.id) ? { ...one, delayTold: true } : one));
  }

  async due(
    uplink: UplinkId,
    until: number,
    count: number,
    except: ReadonlySet<QueuedRecipientId>,
  ): Promise<Result<QueueItem[], StoreTrouble>> {
    this.#note('due');
    const found = this.#items
      .filter((item) => item.uplink === uplink)
      .map((item) => ({
        ...item,
        recipients: item.recipients.filter(({ id, due }) => due <= until && !except.has(id)),
      }))
      .filter(({ recipients }) => recipients.length > 0);
    found.sort((one, other) => (one.recipients[0]?.due ?? 0) - (other.recipients[0]?.due ?? 0));
    return ok(found.slice(0, count));
  }

  async list(filter: ItemFilter, count: number): Promise<Result<QueueItem[], StoreTrouble>> {
    this.#note('list');
    const { uplink, domain, after = 0, upTo = Number.POSITIVE_INFINITY } = filter;
    const found = this.#items
      .filter(({ id }) => id > after && id <= upTo)
      .filter((item) => uplink === undefined || item.uplink === uplink)
      .map((item) => ({
        ...item,
        recipients: item.recipients.filter(
          ({ address }) => domain === undefined || address.endsWith(`@${domain}`),
        ),
      }))
      .filter(({ recipients }) => recipients.length > 0);
    return ok(found.slice(0, count));
  }

  async waiting(): Promise<Result<Waiting[], StoreTrouble>> {
    this.#note('waiting');
    const groups = Map.groupBy(this.#items, ({ uplink }) => uplink);
    const rows = [...groups].map(([uplink, items]): Waiting => {
      const recipients = items.flatMap((item) => item.recipients);
      return {
        uplink,
        messages: items.length,
        recipients: recipients.length,
        octets: 0,
        due: Math.min(...recipients.map(({ due }) => due)),
        oldest: 0,
        born: Math.min(...items.map(({ born }) => born)),
      };
    });
    return ok(rows);
  }

  async unserved(): Promise<Result<boolean, StoreTrouble>> {
    return ok(this.#items.some(({ uplink }) => uplink === undefined));
  }

  async last(): Promise<Result<QueuedId | undefined, StoreTrouble>> {
    return ok(this.#items.at(-1)?.id);
  }

  async doubt(ids: readonly QueuedRecipientId[]): Promise<Result<void, StoreTrouble>> {
    this.#note('doubt');
    if (this.refuses) return failed(full);
    this.#change((one) => (ids.includes(one.id) ? { ...one, doubt: true } : one));
    return ok(undefined);
  }

  async record(
    outcomes: readonly Outcome[],
    told: readonly Told[],
  ): Promise<Result<void, StoreTrouble>> {
    this.#note('record');
    if (this.refuses) return failed(full);
    this.told.push(...told);
    this.outcomes.push(...outcomes);
    for (const outcome of outcomes) {
      this.#change((one) => (one.id === outcome.recipient ? after(one, outcome) : one));
    }
    return ok(undefined);
  }

  async assign(
    vias: readonly string[],
    uplink: UplinkId | undefined,
  ): Promise<Result<void, StoreTrouble>> {
    this.#items = this.#items.map((item) => {
      if (!vias.includes(item.via)) return item;
      const { uplink: _, ...rest } = item;
      return uplink === undefined ? rest : { ...rest, uplink };
    });
    return ok(undefined);
  }

  async vias() {
    const groups = Map.groupBy(this.#items, ({ via }) => via);
    return ok(
      [...groups].map(([via, items]) => {
        return { via, account: 7 as AccountId, messages: items.length };
      }),
    );
  }

  async state(): Promise<Result<QueueState, StoreTrouble>> {
    return ok(this.#state);
  }

  async saveState(state: QueueState): Promise<Result<void, StoreTrouble>> {
    if (this.refuses) return failed(full);
    this.#state = state;
    return ok(undefined);
  }

  /** What was saved, for a test to look at. */
  get saved(): QueueState {
    return this.#state;
  }

  #note(call: string): void {
    this.calls.set(call, (this.calls.get(call) ?? 0) + 1);
  }

  #change(of: (one: QueuedRecipient) => QueuedRecipient | undefined): void {
    this.#items = this.#items
      .map((item) => {
        return { ...item, recipients: item.recipients.flatMap((one) => of(one) ?? []) };
      })
      .filter(({ recipients }) => recipients.length > 0);
  }
}

const full: StoreTrouble = trouble('full', 'The disk is full', 'a test says so');

function after(one: QueuedRecipient, outcome: Outcome): QueuedRecipient | undefined {
  if (outcome.kind !== 'again') return undefined;
  const next: Changing<QueuedRecipient> = { ...one, due: outcome.due, last: outcome.last };
  if (outcome.counts) next.attempts += 1;
  if (outcome.doubtStays !== true) next.doubt = false;
  return next;
}
