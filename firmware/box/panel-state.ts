/*
 * The state of the box for its front panel, put together from the parts whenever one of them says
 * that something changed. What must be read from the store is read once at a time, and then it
 * rests: nine times as long as that took, up to a tenth of a second. So a lamp is quick and mail
 * is not slowed.
 */
import type { Clock } from '#base/clock';
import { Watchers } from '#base/watchers';
import type { Collector } from '#collector/collector';
import type { SourceReport } from '#collector/condition';
import type { Household } from '#mail/accounts/household';
import type { Backups } from '#mail/backups/backups';
import type { QueueTimes } from '#mail/queue/box-time';
import type { ClockSense } from '#mail/queue/clock-sense';
import type { Queue } from '#mail/queue/queue';
import { type SignInKey, sourceKey, uplinkKey } from '#mail/sign-ins/sign-in-key';
import type { Sources } from '#mail/sources/sources';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { Uplinks } from '#mail/uplinks/uplinks';
import type { BoxState, Health, QueueState, StateSource } from '#panel/box-state';
import type { Storm } from '#panel/storm';
import type { SharedSignIns } from '#provider/oauth/shared-sign-ins';
import type { Dispatcher } from '#uplink/dispatcher';
import type { SetUpWindow } from '#web/set-up-window';

export interface PanelStateParts {
  readonly store: Pick<SqliteStore, 'unretrieved' | 'watch' | 'health'>;
  readonly household: Pick<Household, 'list'>;
  readonly queue: Pick<Queue, 'last' | 'unserved'>;
  readonly times: Pick<QueueTimes, 'held' | 'restored' | 'watch'>;
  readonly dispatcher: Pick<Dispatcher, 'conditions' | 'flushing' | 'watch'>;
  readonly uplinks: Pick<Uplinks, 'list'>;
  readonly sources: Pick<Sources, 'list' | 'watch'>;
  readonly collector: Pick<Collector, 'collecting' | 'conditions' | 'watch'>;
  readonly oauth: Pick<SharedSignIns, 'health'>;
  readonly clockSense: Pick<ClockSense, 'sane' | 'watch'>;
  readonly storm: Pick<Storm, 'until'>;
  readonly backups: Pick<Backups, 'failing' | 'watch'>;
  readonly setUp: Pick<SetUpWindow, 'state' | 'watch'>;
  readonly clock: Clock;
}

/** Milliseconds of rest for each that a look into the store took, and the most in all. */
const restFor = 9;
const longestRest = 100;

export class PanelState implements StateSource {
  readonly #parts: PanelStateParts;
  readonly #watchers = new Watchers();
  #ready = false;
  #unretrieved: ReadonlyMap<string, number> = new Map();
  #waiting = 0;
  /** Mail waits that no uplink serves. */
  #unserved = false;
  #looking = false;
  #again = false;
  #stopped = false;
  #watching: Disposable[] = [];

  constructor(parts: PanelStateParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { store, times, dispatcher, sources, collector, backups } = this.#parts;
    const { clockSense, setUp } = this.#parts;
    const tell = () => this.#tell();
    this.#watching = [
      store.watch(() => this.#look()),
      times.watch(tell),
      dispatcher.watch(tell),
      sources.watch(tell),
      collector.watch(tell),
      clockSense.watch(tell),
      setUp.watch(tell),
      backups.watch(tell),
    ];
    await this.#read();
  }

  /** The store is not looked into any more: it is closed soon. */
  stop(): void {
    this.#stopped = true;
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
      ...(this.#parts.setUp.state === 'open' ? { setUp: true } : {}),
    };
  }

  watch(changed: () => void): Disposable {
    return this.#watchers.add(changed);
  }

  #health(): Health {
    const { store, dispatcher, times, sources, collector, clockSense, backups } = this.#parts;
    if (!this.#ready) return 'starting';
    const health = store.health();
    const conditions = dispatcher.conditions().map(({ condition }) => condition.kind);
    if (!health.serves || times.restored || conditions.includes('sign-in')) return 'needy';
    if (this.#signIns().includes('refused') || this.#unserved) return 'needy';
    // A source that stopped waits for a person, unless a person said to let it be.
    const isNeedy = sources.list().some(({ stopped, paused }) => stopped !== undefined && !paused);
    if (isNeedy || collector.conditions().some(needsSomebody)) return 'needy';
    if (!health.takesMail || !clockSense.sane || conditions.includes('paused')) return 'degraded';
    if (backups.failing) return 'degraded';
    // A source that cannot be reached is a matter of minutes; room does not come by itself.
    return collector.conditions().some(lacksRoom) ? 'degraded' : 'well';
  }

  #queue(): QueueState {
    const { dispatcher, times, uplinks, collector, clock } = this.#parts;
    const lanes = dispatcher.conditions();
    const outwards = uplinks.list().map(({ id }) => this.#signIn(uplinkKey(id)));
    return {
      waiting: this.#waiting,
      busy: dispatcher.flushing || collector.collecting || lanes.some(({ sending }) => sending > 0),
      held: times.held,
      refused:
        lanes.some(({ condition }) => condition.kind === 'sign-in') || outwards.includes('refused'),
      ...(this.#signIns().includes('dying') ? { urgentFrom: clock.now() } : {}),
    };
  }

  /** How everybody's sign-in is. */
  #signIns(): string[] {
    const { uplinks, sources } = this.#parts;
    return [
      ...uplinks.list().map(({ id }) => this.#signIn(uplinkKey(id))),
      ...sources.list().map(({ id }) => this.#signIn(sourceKey(id))),
    ];
  }

  #signIn(key: SignInKey): string {
    return this.#parts.oauth.health(key).kind;
  }

  /** Looks into the store, now or when it has rested. */
  #look(): void {
    if (this.#stopped) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    const { clock } = this.#parts;
    const began = clock.elapsed();
    void this.#read().finally(() => {
      const rest = Math.min((clock.elapsed() - began) * restFor, longestRest);
      clock.after(rest, () => {
        this.#looking = false;
        if (!this.#again) return;
        this.#again = false;
        this.#look();
      });
    });
  }

  async #read(): Promise<void> {
    const { store, queue, household } = this.#parts;
    const [counts, last, unserved] = await Promise.all([
      store.unretrieved(),
      queue.last(),
      queue.unserved(),
    ]);
    if (counts.ok) {
      const named = household
        .list()
        .map(({ id, name }) => [name, counts.value.get(id) ?? 0] as const);
      this.#unretrieved = new Map(named);
    }
    if (last.ok) this.#waiting = last.value === undefined ? 0 : 1;
    if (unserved.ok) this.#unserved = unserved.value;
    this.#tell();
  }

  #tell(): void {
    this.#watchers.tell();
  }
}

/** A port, a host or a certificate is not as it was said to be: it is tried again, mostly in vain. */
function needsSomebody({ condition }: SourceReport): boolean {
  return condition.kind === 'waiting' && condition.because === 'settings';
}

function lacksRoom({ condition }: SourceReport): boolean {
  return condition.kind === 'waiting' && condition.because === 'no-room';
}
