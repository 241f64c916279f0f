/*
 * The way in: looks into the household's sources, each in its turn, and lets those that tell of new
 * mail stay connected. It asks the plan what to do and performs it; it is woken by people, by the
 * clock, and by what its visits meet. Whatever happens at one source, a defect of ours included, ends
 * that visit and nothing else.
 */
import type { Result } from '#base/result';
import { Watchers } from '#base/watchers';
import type { SourceId } from '#mail/ids';
import type { Source, Sources } from '#mail/sources/sources';
import type { Store } from '#mail/store/store';
import { AttendedSource, type Trouble } from './attended-source.ts';
import type { Collection, CollectProgress, SourceReport, SourceTest } from './condition.ts';
import type { Course } from './course.ts';
import { Misfortune } from './misfortune.ts';
import { mayStay, plan, type Situation, type SourceView } from './plan.ts';
import { testSource, worksNow } from './source-test.ts';
import type { UpstreamConnector } from './upstream.ts';
import { Visit, type VisitEnd, type VisitPorts } from './visit.ts';

/** What a provider wants of who collects. */
export interface ProviderManners {
  /** Milliseconds that must lie between two sign-ins. */
  readonly leastEvery?: number;
  /** What a person has to do there before a password works, in a sentence. */
  readonly first?: string;
}

export interface CollectorPorts extends VisitPorts {
  /** For `source test`, which a person watches. */
  readonly briskConnector: UpstreamConnector;
  readonly store: Pick<Store, 'incoming' | 'health'>;
  readonly sources: Pick<Sources, 'list' | 'byId' | 'stop' | 'clearStop'>;
  readonly mannersOf: (source: Source) => ProviderManners;
  /** The sign-in of the source is at its end: tells all who go by it, once. */
  readonly tellOfSignIn: (source: SourceId, say: string) => Promise<Result<void, unknown>>;
  /** To all sources together, at the same time. */
  readonly connections: () => number;
}

/** How long a visit may take to end when it is to stop: LOGOUT, and its answer. */
const graceToEnd = 5_000;
/** Room may have been made meanwhile, and settings changed. */
const longestSleep = 60_000;

export class Collector {
  readonly #ports: CollectorPorts;
  readonly #attended = new Map<SourceId, AttendedSource>();
  readonly #watchers = new Watchers();
  readonly #visitPorts: VisitPorts;
  readonly #stopping = new AbortController();
  readonly #misfortune: Misfortune;
  #alarm: Disposable | undefined;
  #running = false;
  #turnIsDue = false;
  #asked = 0;
  #hadRoom = true;

  constructor(ports: CollectorPorts) {
    this.#ports = ports;
    this.#misfortune = new Misfortune(ports);
    this.#visitPorts = { ...ports, hasRoom: (octets) => this.#hasRoom(octets) };
  }

  start(): void {
    this.#running = true;
    this.#turnSoon();
  }

  /** Lets every visit save what came and sign off, for some seconds; then cuts it. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopping.abort();
    this.#alarm?.[Symbol.dispose]();
    const attended = [...this.#attended.values()];
    for (const { visit } of attended) visit?.stop();
    using _grace = this.#ports.clock.after(graceToEnd, () => {
      for (const { visit } of attended) visit?.cut();
    });
    await Promise.all(attended.map(({ ended }) => ended));
    for (const one of attended) one.answer('The box is being switched off');
  }

  /** A person asks: now. Joins a round that is under way. */
  async collect(
    which: SourceId | 'all',
    progress: (so: CollectProgress) => void = () => {},
  ): Promise<Collection[]> {
    const { sources } = this.#ports;
    const wanted = sources.list().filter(({ id, paused }) => {
      return which === 'all' ? !paused : id === which;
    });
    this.#asked++;
    this.#tell();
    try {
      return await Promise.all(wanted.map((source) => this.#collectNow(source, progress)));
    } finally {
      this.#asked--;
      this.#tell();
    }
  }

  /** A collection that a person asked for is under way. */
  get collecting(): boolean {
    return this.#asked > 0;
  }

  /** Connects, signs in, looks at the folders, and signs off; in words. */
  async test(id: SourceId): Promise<SourceTest | undefined> {
    const source = this.#ports.sources.byId(id);
    if (source === undefined) return undefined;
    const attended = this.#of(id);
    const facts = attended.activity === 'busy' ? attended.visit?.facts : undefined;
    if (facts !== undefined) return worksNow(facts);
    // One connection for each source: the one that stays gives way.
    return this.#alone(attended, 'release', async () => {
      const tested = await testSource(this.#ports, source, this.#stopping.signal);
      if (tested.ok && source.stopped !== undefined) await this.#ports.sources.clearStop(id);
      if (tested.ok) attended.renew();
      attended.earliest = this.#ports.clock.elapsed() + attended.loginDelay;
      return tested;
    });
  }

  /** Does the job between two visits: none that began before it outlasts it. */
  between<T>(id: SourceId, job: () => Promise<T>): Promise<T> {
    return this.#alone(this.#of(id), 'stop', job);
  }

  condition(id: SourceId): SourceReport | undefined {
    const source = this.#ports.sources.byId(id);
    return source === undefined ? undefined : this.#report(source);
  }

  conditions(): SourceReport[] {
    return this.#ports.sources.list().map((source) => this.#report(source));
  }

  /** Calls `tell` when something was begun, has ended, or goes another way than before. */
  watch(tell: () => void): Disposable {
    return this.#watchers.add(tell);
  }

  /** Somebody does something about a source: what is met there from now on is about what was. It is
   * `changed` when that is done. */
  touched(id: SourceId): void {
    this.#of(id).generation++;
  }

  /** A source was added, changed, paused, resumed, stopped or removed, or has another sign-in. */
  changed(id: SourceId): void {
    const attended = this.#of(id);
    attended.renew();
    attended.visit?.stop();
    this.#turnSoon();
  }

  async #alone<T>(
    attended: AttendedSource,
    leave: 'release' | 'stop',
    job: () => Promise<T>,
  ): Promise<T> {
    attended.held++;
    await this.#leaves(attended, leave);
    attended.activity = 'busy';
    const { promise, resolve } = Promise.withResolvers<void>();
    attended.ended = promise;
    try {
      return await job();
    } finally {
      attended.held--;
      attended.activity = 'rest';
      resolve();
      this.#turnSoon();
    }
  }

  /** Who only gives way may end what it does; who is to stop does so soon. */
  async #leaves(attended: AttendedSource, leave: 'release' | 'stop'): Promise<void> {
    using _grace = this.#ports.clock.after(graceToEnd, () => {
      if (leave === 'stop') attended.visit?.cut();
    });
    for (; attended.activity !== 'rest'; await attended.ended) attended.visit?.[leave]();
  }

  async #collectNow(source: Source, progress: (so: CollectProgress) => void): Promise<Collection> {
    const { id, name } = source;
    const attended = this.#of(id);
    const { promise, resolve } = Promise.withResolvers<Collection>();
    attended.wait({
      progress: (counts) => progress({ source: id, name, counts }),
      done: (came) => resolve({ source: id, name, ...came }),
    });
    const obstacle = attended.activity === 'busy' ? undefined : this.#obstacle(source, attended);
    if (obstacle !== undefined) {
      attended.counts = undefined;
      attended.answer(obstacle);
    } else if (attended.activity === 'stays') attended.visit?.poke();
    this.#turnSoon();
    return promise;
  }

  /** Why it cannot be collected at once, though a person asks. */
  #obstacle(source: Source, attended: AttendedSource): string | undefined {
    if (!this.#running) return 'The box is being switched off';
    if (source.stopped !== undefined) return stillStopped(source.name, source.stopped.say);
    if (source.paused) return `It is paused: restante source resume ${source.name}`;
    if (!this.#hasRoom()) return this.#noRoom();
    const wait = attended.earliest - this.#ports.clock.elapsed();
    if (wait <= 0 || attended.activity === 'stays') return undefined;
    const minutes = Math.ceil(wait / 60_000);
    return `Its server wants more time between two sign-ins: it is collected in ${minutes} min`;
  }

  #report(source: Source): SourceReport {
    const { id, name } = source;
    const attended = this.#of(id);
    const { collectedAt, counts, remarks } = attended;
    return {
      ...{ source: id, name, remarks, condition: this.#conditionOf(source, attended) },
      ...(collectedAt === undefined ? {} : { collectedAt }),
      ...(counts === undefined ? {} : { counts }),
      ...this.#nextIn(source, attended),
    };
  }

  #nextIn({ paused, stopped }: Source, { activity, due }: AttendedSource): { nextIn?: number } {
    const rests = activity === 'rest' && !paused && stopped === undefined;
    return rests ? { nextIn: Math.max(0, due - this.#ports.clock.elapsed()) } : {};
  }

  #conditionOf(source: Source, attended: AttendedSource): SourceReport['condition'] {
    const { activity, trouble, due } = attended;
    if (source.stopped !== undefined) return { kind: 'stopped', ...source.stopped };
    if (source.paused) return { kind: 'paused' };
    if (activity === 'busy') return { kind: 'collecting' };
    const again = Math.max(0, due - this.#ports.clock.elapsed());
    if (trouble !== undefined) {
      const { say, advice } = trouble;
      return { kind: 'waiting', because: becauseOf(trouble), say, advice, again };
    }
    if (this.#hasRoom()) return { kind: 'well', stays: activity === 'stays' };
    const say = this.#noRoom();
    const advice = 'It goes on by itself when there is room';
    return { kind: 'waiting', because: 'no-room', say, advice, again };
  }

  #of(id: SourceId): AttendedSource {
    const there = this.#attended.get(id) ?? new AttendedSource(id);
    this.#attended.set(id, there);
    return there;
  }

  #turnSoon(): void {
    if (this.#turnIsDue || !this.#running) return;
    this.#turnIsDue = true;
    queueMicrotask(() => {
      this.#turnIsDue = false;
      if (this.#running) this.#turn();
    });
  }

  /** Asks the plan, does what it says, and sleeps until it may say something new. */
  #turn(): void {
    this.#forgetRemoved();
    const now = this.#situation();
    if (now.room !== this.#hadRoom) {
      const { log } = this.#ports;
      this.#hadRoom = now.room;
      if (now.room) log.info('There is room again: mail is collected');
      else log.warn('There is too little room in the box: collecting rests, mail waits there');
    }
    let sleep = longestSleep;
    for (const step of plan(this.#views(), now)) {
      if (step.kind === 'wait') sleep = Math.min(sleep, (step.until ?? Infinity) - now.now);
      else if (step.kind === 'release') this.#of(step.source).visit?.release();
      else this.#begin(step.source);
    }
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = this.#ports.clock.after(Math.max(0, sleep), () => this.#turnSoon());
    this.#tell();
  }

  #views(): SourceView[] {
    return this.#ports.sources.list().map((source) => {
      return this.#of(source.id).view(source.paused || source.stopped !== undefined);
    });
  }

  #situation(): Situation {
    const { clock, connections } = this.#ports;
    return { now: clock.elapsed(), connections: connections(), room: this.#hasRoom() };
  }

  #hasRoom(octets = 0): boolean {
    const { takesMail } = this.#ports.store.health();
    return takesMail && this.#ports.hasRoom(octets);
  }

  #noRoom(): string {
    const { say } = this.#ports.store.health();
    return say ?? 'There is too little room in the box to collect mail';
  }

  #forgetRemoved(): void {
    for (const [id, attended] of this.#attended) {
      if (this.#ports.sources.byId(id) !== undefined) continue;
      attended.visit?.stop();
      if (attended.activity !== 'rest') continue;
      attended.answer('It was removed');
      this.#attended.delete(id);
    }
  }

  #begin(id: SourceId): void {
    const source = this.#ports.sources.byId(id);
    if (source === undefined) return;
    const attended = this.#of(id);
    attended.activity = 'busy';
    attended.counts = undefined;
    const visit = new Visit(this.#visitPorts, source, (folder) => attended.memory(folder), {
      connected: ({ loginDelay = 0 }) => {
        attended.loginDelay = loginDelay;
        Object.assign(attended, { worked: true, refusals: 0 });
      },
      progress: (course) => attended.progress(course),
      round: (course) => this.#roundEnded(source, attended, course),
      stays: (stays) => this.#staying(attended, stays),
    });
    attended.visit = visit;
    attended.ended = this.#attend(source, attended, visit);
  }

  async #attend(source: Source, attended: AttendedSource, visit: Visit): Promise<void> {
    const { clock, log } = this.#ports;
    const { generation } = attended;
    let end: VisitEnd | { readonly kind: 'bug' };
    try {
      end = await visit.run();
    } catch (bug) {
      const detail = bug instanceof Error ? (bug.stack ?? bug.message) : String(bug);
      log.error(`${source.name} could not be collected: the box itself failed`, { detail });
      end = { kind: 'bug' };
    }
    attended.visit = undefined;
    attended.earliest = clock.elapsed() + attended.loginDelay;
    // What it met while somebody changed it is no news any more.
    const isStillSo = () => attended.generation === generation;
    const meeting = { source, attended, isStillSo };
    const trouble = isStillSo() ? await this.#misfortune.meet(meeting, end) : undefined;
    attended.activity = 'rest';
    const now = this.#ports.sources.byId(source.id);
    const obstacle = now === undefined ? 'It was removed' : this.#obstacle(now, attended);
    // Who asked while it was ending waits for the next visit.
    if (trouble !== undefined || obstacle !== undefined) attended.answer(trouble ?? obstacle);
    this.#turnSoon();
  }

  /** True: it may stay, if it tells of new mail by itself. */
  #roundEnded(source: Source, attended: AttendedSource, course: Course): boolean {
    const { clock, mannersOf, log } = this.#ports;
    attended.progress(course);
    attended.remarks = course.remarks;
    if (course.trouble !== undefined) return false;
    const { leastEvery = 0 } = mannersOf(source);
    const every = Math.max(source.every, leastEvery, attended.loginDelay);
    Object.assign(attended, { failures: 0, told: false, due: clock.elapsed() + every });
    attended.trouble = undefined;
    attended.collectedAt = clock.now();
    const { delivered } = course.counts;
    const messages = delivered === 1 ? '1 message' : `${delivered} messages`;
    if (delivered > 0) log.info(`${messages} collected from ${source.name}`);
    attended.answer();
    this.#tell();
    return this.#running && mayStay(this.#views(), this.#situation());
  }

  #staying(attended: AttendedSource, stays: boolean): void {
    attended.activity = stays ? 'stays' : 'busy';
    if (stays) attended.since = this.#ports.clock.elapsed();
    // Somebody asked between the round and now.
    if (stays && attended.asked) attended.visit?.poke();
    this.#turnSoon();
  }

  #tell(): void {
    this.#watchers.tell();
  }
}

/** Asking again with the same password is what gets accounts locked, so that is asked for by name. */
function stillStopped(name: string, say: string): string {
  return `${say}. If it was put right at the provider: restante source test ${name}`;
}

function becauseOf({ kind }: Trouble): 'unreachable' | 'sign-in' | 'settings' | 'no-room' {
  if (kind === 'sign-in' || kind === 'no-room') return kind;
  return kind === 'certificate' || kind === 'settings' ? 'settings' : 'unreachable';
}
