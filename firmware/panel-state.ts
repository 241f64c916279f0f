/*
 * The state of the box for its front panel, put together from the parts whenever one of them says
 * that something changed. What must be read from the store is read once at a time: at once after a
 * quiet moment, then at most four times a second, so that a lamp is quick and mail is not slowed.
 */
import type { Clock } from '#base/clock';
import type { Household } from '#mail/accounts/household';
import type { UplinkId } from '#mail/ids';
import type { QueueTimes } from '#mail/queue/box-time';
import type { ClockSense } from '#mail/queue/clock-sense';
import type { Queue } from '#mail/queue/queue';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { Uplinks } from '#mail/uplinks/uplinks';
import type { BoxState, Health, QueueState, StateSource } from '#panel/box-state';
import type { Storm } from '#panel/storm';
import type { AccessTokens } from '#provider/oauth/access-tokens';
import type { Dispatcher } from '#uplink/dispatcher';
import type { SetUpWindow } from '#web/set-up-window';

export interface PanelStateParts {
  readonly store: Pick<SqliteStore, 'unretrieved' | 'watch' | 'health'>;
  readonly household: Pick<Household, 'list'>;
  readonly queue: Pick<Queue, 'last'>;
  readonly times: Pick<QueueTimes, 'held' | 'restored' | 'watch'>;
  readonly dispatcher: Pick<Dispatcher, 'conditions' | 'flushing' | 'watch'>;
  readonly uplinks: Pick<Uplinks, 'list'>;
  readonly tokens: Pick<AccessTokens<UplinkId>, 'health'>;
  readonly clockSense: Pick<ClockSense, 'sane' | 'watch'>;
  readonly storm: Pick<Storm, 'until'>;
  readonly setUp: Pick<SetUpWindow, 'until' | 'watch'>;
  readonly clock: Clock;
}

/** Between two looks into the store, in milliseconds. */
const rest = 250;

export class PanelState implements StateSource {
  readonly #parts: PanelStateParts;
  readonly #watchers = new Set<() => void>();
  #ready = false;
  #unretrieved: ReadonlyMap<string, number> = new Map();
  #waiting = 0;
  #looking = false;
  #again = false;
  #watching: Disposable[] = [];

  constructor(parts: PanelStateParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { store, times, dispatcher, clockSense, setUp } = this.#parts;
    const tell = () => this.#tell();
    this.#watching = [
      store.watch(() => this.#look()),
      times.watch(tell),
      dispatcher.watch(tell),
      clockSense.watch(tell),
      setUp.watch(tell),
    ];
    await this.#read();
  }

  stop(): void {
    for (const one of this.#watching.splice(0)) one[Symbol.dispose]();
  }

  /** The box has started. */
  ready(): void {
    this.#ready = true;
    this.#tell();
  }

  /** Something changed that none of the parts tells (a storm of troubles, an account). */
  changed(): void {
    this.#look();
  }

  current(): BoxState {
    const { until } = this.#parts.storm;
    return {
      health: this.#health(),
      ...(until === undefined ? {} : { stormUntil: until }),
      unretrieved: this.#unretrieved,
      queue: this.#queue(),
      ...(this.#parts.setUp.until === undefined ? {} : { setUp: true }),
    };
  }

  watch(changed: () => void): Disposable {
    this.#watchers.add(changed);
    return { [Symbol.dispose]: () => void this.#watchers.delete(changed) };
  }

  #health(): Health {
    const { store, dispatcher, times, clockSense } = this.#parts;
    if (!this.#ready) return 'starting';
    const health = store.health();
    const conditions = dispatcher.conditions().map(({ condition }) => condition.kind);
    if (!health.serves || times.restored || conditions.includes('sign-in')) return 'needy';
    if (this.#parts.uplinks.list().some(({ id }) => this.#signIn(id) === 'refused')) return 'needy';
    if (!health.takesMail || !clockSense.sane || conditions.includes('paused')) return 'degraded';
    return 'well';
  }

  #queue(): QueueState {
    const { dispatcher, times, uplinks, tokens, clock } = this.#parts;
    const lanes = dispatcher.conditions();
    const dying = uplinks.list().some(({ id }) => tokens.health(id).kind === 'dying');
    return {
      waiting: this.#waiting,
      busy: dispatcher.flushing || lanes.some(({ sending }) => sending > 0),
      held: times.held,
      refused:
        lanes.some(({ condition }) => condition.kind === 'sign-in') ||
        uplinks.list().some(({ id }) => this.#signIn(id) === 'refused'),
      ...(dying ? { urgentFrom: clock.now() } : {}),
    };
  }

  #signIn(id: UplinkId): string {
    return this.#parts.tokens.health(id).kind;
  }

  /** Looks into the store, now or when it has rested. */
  #look(): void {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    void this.#read().finally(() => {
      this.#parts.clock.after(rest, () => {
        this.#looking = false;
        if (!this.#again) return;
        this.#again = false;
        this.#look();
      });
    });
  }

  async #read(): Promise<void> {
    const { store, queue, household } = this.#parts;
    const [counts, last] = await Promise.all([store.unretrieved(), queue.last()]);
    if (counts.ok) {
      const named = household
        .list()
        .map(({ id, name }) => [name, counts.value.get(id) ?? 0] as const);
      this.#unretrieved = new Map(named);
    }
    if (last.ok) this.#waiting = last.value === undefined ? 0 : 1;
    this.#tell();
  }

  #tell(): void {
    for (const changed of this.#watchers) changed();
  }
}
