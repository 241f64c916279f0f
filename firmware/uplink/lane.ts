/*
 * One uplink at work: the messages claimed for it, the connections that carry them, and how the
 * uplink is. It performs the steps of plan.ts and reports what it met; the dispatcher asks the plan
 * and looks after everything that is not one uplink's.
 *
 * Only a few messages are claimed at a time, however many wait; what is claimed is nothing but a
 * note in memory, so that letting go of it costs nothing.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { History } from '#mail/history/history';
import type { QueuedId, QueuedRecipientId, UplinkId } from '#mail/ids';
import type { BoxTime, Queue, QueueItem } from '#mail/queue/queue';
import type { QueueTime } from '#mail/queue/queue-time';
import type { StoreTrouble } from '#mail/store/store';
import { type Worsening, well, worse } from './condition.ts';
import type { Connector, UplinkConnection } from './connection.ts';
import type { Flush } from './flush.ts';
import { LaneFlush } from './lane-flush.ts';
import type { Ledger } from './ledger.ts';
import { type LaneView, mayGoOn, type Situation } from './plan.ts';
import { Pool } from './pool.ts';
import type { Sender, Upshot } from './sender.ts';
import type { Settled, Settlement } from './settlement.ts';
import type { UplinkCondition } from './state.ts';
import { meaningOfTrouble, type Unreachable } from './trouble-meaning.ts';
import type { Sense, Way, Ways } from './ways.ts';
import { resumption } from './words.ts';

export interface LanePorts {
  readonly queue: Pick<Queue, 'due' | 'list'>;
  readonly ways: Ways;
  readonly connector: Connector;
  readonly sense: Sense;
  readonly sender: Sender;
  readonly settlement: Settlement;
  readonly ledger: Ledger;
  readonly history: Pick<History, 'note'>;
  readonly time: QueueTime;
  readonly clock: Clock;
  readonly log: Log;
  readonly situation: () => Situation;
  /** Something has changed: ask the plan again. */
  readonly changed: () => void;
  /** The uplink is in trouble, or out of it again. */
  readonly turned: (lane: Lane, before: UplinkCondition) => void;
  /** The store refuses; sending rests for a while. */
  readonly storeFails: (trouble: StoreTrouble) => void;
}

const batch = 32;
/** Below this the next batch is claimed while the last one is still being sent. */
const fewInHand = 12;
/** So many connections that break in a row are the uplink's fault, not their messages'. */
const mostBreaks = 3;
/** How long a message that met a trouble of the uplink stands behind the others. */
const behindOthers = 60_000;

export class Lane {
  readonly uplink: UplinkId;
  readonly #ports: LanePorts;
  readonly #pool: Pool;
  #condition: UplinkCondition;
  #proven = false;
  #hand: QueueItem[] = [];
  readonly #sending = new Map<QueueItem, UplinkConnection | undefined>();
  #busy = 0;
  #breaks = 0;
  #more = true;
  #looking: Promise<void> | undefined;
  #flush: LaneFlush | undefined;
  #cut = false;
  /** When the next message is due, when that is known. */
  #nextDue: BoxTime | undefined;

  constructor(way: Way, ports: LanePorts) {
    this.uplink = way.id;
    this.#ports = ports;
    this.#pool = new Pool(ports.clock);
    this.#condition = way.quota === undefined ? well : { kind: 'quota', ...way.quota };
  }

  get condition(): UplinkCondition {
    return this.#condition;
  }

  get name(): string {
    return this.#ports.ways.nameOf(this.uplink) ?? 'an uplink that was removed';
  }

  /** Messages being sent. */
  get sending(): number {
    return this.#sending.size;
  }

  get flushing(): LaneFlush | undefined {
    return this.#flush;
  }

  /** Nothing is going on, and whether something waits is not known. */
  get idle(): boolean {
    const resting = this.#busy === 0 && this.#hand.length === 0 && this.#looking === undefined;
    return resting && !this.#more && this.#nextDue === undefined;
  }

  /** Nothing is left to do for its flush. */
  get flushDone(): boolean {
    const resting = this.#busy === 0 && this.#hand.length === 0 && this.#looking === undefined;
    return resting && this.#flush?.exhausted === true;
  }

  view(): LaneView {
    const more = this.#flush === undefined ? this.#more : !this.#flush.exhausted;
    return {
      condition: this.#condition,
      limit: this.#ports.ways.way(this.uplink)?.connections ?? 0,
      busy: this.#busy,
      proven: this.#proven,
      hand: this.#hand.length,
      more: more && this.#looking === undefined,
      nextDue: this.#nextDue,
      flush: this.#flush,
    };
  }

  /** There may be something new. */
  stir(): void {
    this.#more = true;
  }

  /** The soonest of what waits falls due then; Infinity: nothing waits. */
  knowDue(due: BoxTime): void {
    this.#nextDue = due;
  }

  /** What became of some recipients of a message of this uplink. */
  settled(what: Settled): void {
    this.#flush?.flush.settled(what);
    // While it is not known when the others are due, this one alone says nothing.
    if (what.due === undefined || this.#nextDue === undefined) return;
    this.#nextDue = Math.min(this.#nextDue, what.due);
  }

  /** Lets go of what is claimed and not begun. */
  letGo(): void {
    if (this.#hand.length === 0) return;
    this.#hand = [];
    this.#more = true;
  }

  /** Lets go of one message; false when it is being sent. */
  withdraw(queued: QueuedId): boolean {
    this.#hand = this.#hand.filter(({ id }) => id !== queued);
    return ![...this.#sending.keys()].some(({ id }) => id === queued);
  }

  beginFlush(flush: Flush): void {
    this.letGo();
    this.#flush = new LaneFlush(flush, this.uplink, this.#sendingRecipients());
  }

  endFlush(): void {
    this.letGo();
    this.#flush = undefined;
    this.#more = true;
  }

  /** Its settings or its sign-in were changed: it is tried afresh. */
  refresh(): void {
    this.#pool.closeAll();
    this.#become(well);
    this.stir();
  }

  /** Claims messages. */
  look(): Promise<void> {
    this.#looking ??= this.#claim().finally(() => {
      this.#looking = undefined;
      this.#ports.changed();
    });
    return this.#looking;
  }

  /** Sends what is in hand over one connection more. */
  begin(): void {
    const item = this.#hand.shift();
    if (item === undefined) return;
    this.#busy += 1;
    void this.#work(item).finally(() => {
      this.#busy -= 1;
      this.#ports.changed();
    });
  }

  /** Nothing that is under way comes to its end any more. */
  async stop(cut: boolean): Promise<void> {
    this.#cut ||= cut;
    this.letGo();
    if (cut) for (const open of this.#sending.values()) if (open) this.#pool.close(open);
    await this.#pool.stop();
  }

  async #claim(): Promise<void> {
    const flush = this.#flush;
    const { queue, ledger, time } = this.#ports;
    if (flush !== undefined) {
      const found = await flush.next(queue, batch, ledger.unwritten);
      if (!found.ok) this.#ports.storeFails(found.error);
      else if (this.#flush === flush) this.#takeInHand(found.value);
      return;
    }
    const except = new Set([...ledger.unwritten, ...this.#sendingRecipients()]);
    for (const { recipients } of this.#hand) for (const { id } of recipients) except.add(id);
    this.#more = false;
    this.#nextDue = undefined;
    const found = await queue.due(this.uplink, time.box(), batch, except);
    if (!found.ok) {
      this.#more = true;
      this.#ports.storeFails(found.error);
    } else if (this.#flush === undefined) {
      this.#takeInHand(found.value);
      this.#more ||= found.value.length === batch;
    }
  }

  /** But not what somebody began to drop while the queue was asked. */
  #takeInHand(items: readonly QueueItem[]): void {
    const { unwritten } = this.#ports.ledger;
    const free = items.filter(({ recipients }) => !recipients.some(({ id }) => unwritten.has(id)));
    this.#hand.push(...free);
  }

  /** One connection, one message after the other, as long as it may go on. */
  async #work(first: QueueItem): Promise<void> {
    const way = this.#ports.ways.way(this.uplink);
    let item: QueueItem | undefined = first;
    let connection: UplinkConnection | undefined;
    while (item !== undefined && way !== undefined) {
      this.#sending.set(item, connection);
      const seen = this.#condition;
      const idle = connection === undefined ? this.#pool.take() : undefined;
      connection ??= idle ?? (await this.#connect(item, way));
      if (connection !== undefined && this.#cut) break;
      if (connection !== undefined) {
        this.#sending.set(item, connection);
        const upshot = await this.#send(item, connection, way);
        const stale = upshot.kind === 'broke' && !upshot.broken.doubt && idle !== undefined;
        if (!connection.usable || upshot.kind === 'broke' || upshot.kind === 'defect') {
          this.#pool.close(connection);
          connection = undefined;
        }
        // A server may hang up on a connection that rested: nobody's fault, and no attempt.
        if (stale && !this.#cut) continue;
        await this.#draw(item, way, upshot, seen);
        this.#flush?.flush.messageDone(item);
      }
      this.#sending.delete(item);
      item = this.#next();
    }
    if (item !== undefined) this.#sending.delete(item);
    if (connection === undefined) return;
    if (this.#cut) this.#pool.close(connection);
    else this.#pool.park(connection);
  }

  #send(item: QueueItem, connection: UplinkConnection, way: Way): Promise<Upshot> {
    if (item.recipients.some(({ doubt }) => doubt)) {
      const say = 'it may have arrived already; sent again to be sure';
      this.#ports.history.note([item.message], say);
    }
    return this.#ports.sender.send(item, connection, way, () => this.#cut);
  }

  #next(): QueueItem | undefined {
    if (!mayGoOn(this.view(), this.#ports.situation())) return undefined;
    if (this.#hand.length < fewInHand && this.view().more) void this.look();
    return this.#hand.shift();
  }

  async #connect(item: QueueItem, way: Way): Promise<UplinkConnection | undefined> {
    const { ways, connector, sense } = this.#ports;
    const seen = this.#condition;
    const target = await ways.target(way.id);
    if (!target.ok) {
      this.#fails(item, seen, target.error);
      return undefined;
    }
    const connected = await connector.connect(target.value);
    if (!connected.ok) {
      this.#fails(item, seen, meaningOfTrouble(connected.error, way, sense));
      return undefined;
    }
    if (seen.kind === 'well') this.#prove();
    return connected.value;
  }

  /** Draws the consequences of a message for the uplink. */
  async #draw(item: QueueItem, way: Way, upshot: Upshot, seen: UplinkCondition): Promise<void> {
    const { settlement, storeFails } = this.#ports;
    switch (upshot.kind) {
      case 'dealt':
        if (seen !== this.#condition) return;
        this.#breaks = 0;
        this.#become(well);
        this.#prove();
        return;
      case 'uplink': {
        const next = this.#worsened(seen, upshot.meaning);
        const say = `${upshot.meaning.say}; ${this.#resumes(next)}`;
        settlement.putOff(item, upshot.recipients, behindOthers, say);
        this.stir();
        this.#worsen(seen, upshot.meaning);
        return;
      }
      case 'broke': {
        if (this.#cut && !upshot.broken.doubt) return;
        await settlement.broke(item, way, upshot.recipients, upshot.broken);
        this.stir();
        // Our own disk could not read it: an attempt of that message, and no fault of the uplink.
        if (upshot.broken.unread === true) return;
        this.#breaks += 1;
        const say = `${way.name} breaks connections off (${upshot.broken.detail})`;
        if (this.#breaks >= mostBreaks || seen.kind !== 'well') {
          this.#worsen(seen, { kind: 'pause', say });
        }
        return;
      }
      case 'defect':
        this.stir();
        return;
      case 'store':
        storeFails(upshot.trouble);
        this.stir();
    }
  }

  #fails(item: QueueItem, seen: UplinkCondition, meaning: Worsening | Unreachable): void {
    this.stir();
    if (this.#cut || seen !== this.#condition) return;
    const whole = meaning.kind === 'unreachable' ? { ...meaning, kind: 'pause' as const } : meaning;
    this.#worsen(seen, whole);
    // Once, when the trouble begins: a message that probes for days has a short history all the same.
    if (seen.kind === this.#condition.kind) return;
    this.#ports.history.note([item.message], `${meaning.say}; ${this.#resumes()}`);
  }

  /** What one connection met is the uplink's condition, unless another has met it before. */
  #worsen(seen: UplinkCondition, meaning: Worsening): void {
    if (seen !== this.#condition) return;
    const next = this.#worsened(seen, meaning);
    this.#proven = false;
    this.#breaks = 0;
    if (this.#flush !== undefined) this.#flush.probed = true;
    this.letGo();
    this.#pool.closeAll();
    this.#become(next);
  }

  #worsened(seen: UplinkCondition, meaning: Worsening): UplinkCondition {
    const { time, clock } = this.#ports;
    return seen === this.#condition
      ? worse(seen, meaning, time.box(), clock.now())
      : this.#condition;
  }

  #become(next: UplinkCondition): void {
    const before = this.#condition;
    if (next === before) return;
    this.#condition = next;
    this.#ports.turned(this, before);
    this.#ports.changed();
  }

  #prove(): void {
    if (this.#proven) return;
    this.#proven = true;
    this.#ports.changed();
  }

  #resumes(condition = this.#condition): string {
    const { time, clock } = this.#ports;
    return resumption(condition, clock.now() - time.box());
  }

  #sendingRecipients(): Set<QueuedRecipientId> {
    const items = [...this.#sending.keys()];
    return new Set(items.flatMap(({ recipients }) => recipients.map(({ id }) => id)));
  }
}
