/*
 * One source while the box runs: when it is due, what its last rounds came to, the visit that is
 * under way, and who waits for it. All of it is memory only; what must last is with the registry
 * (stopped, paused) and with the store (what was collected).
 */
import type { SourceId } from '#mail/ids';
import type { Explanation } from '#provider/connection-words';
import type { Collection } from './condition.ts';
import type { Counts, Course } from './course.ts';
import type { Past } from './manners.ts';
import type { SourceView } from './plan.ts';
import type { SourceMemory } from './ports.ts';
import type { Visit } from './visit.ts';

export interface Trouble extends Pick<Explanation, 'say' | 'advice'> {
  /** Undefined: it may pass. */
  readonly kind?: Explanation['kind'] | 'no-room';
  /** It is the sign-in's, which others may share. */
  readonly shared?: true;
}

interface Waiter {
  readonly progress: (counts: Readonly<Counts>) => void;
  readonly done: (collection: Pick<Collection, 'counts' | 'remarks' | 'trouble'>) => void;
}

const none: Counts = { delivered: 0, known: 0, twins: 0, skipped: 0, tooLarge: 0, removed: 0 };

export class AttendedSource {
  readonly id: SourceId;
  activity: SourceView['activity'] = 'rest';
  visit: Visit | undefined;
  /** The visit, or a test, to its very end. */
  ended: Promise<void> = Promise.resolve();
  /** So many wait to do something between two visits: none begins. */
  held = 0;
  due = 0;
  earliest = 0;
  since = 0;
  loginDelay = 0;
  failures = 0;
  refusals = 0;
  /** It has let us in, with what we have now. */
  worked = false;
  /** Counts how often somebody has changed something about it. */
  generation = 0;
  /** Its owner was told of the trouble. */
  told = false;
  trouble: Trouble | undefined;
  collectedAt: number | undefined;
  counts: Readonly<Counts> | undefined;
  remarks: readonly string[] = [];
  #memory = new Map<string, SourceMemory>();
  #waiters: Waiter[] = [];

  constructor(id: SourceId) {
    this.id = id;
  }

  get past(): Past {
    const { failures, refusals, worked } = this;
    return { failures, refusals, worked };
  }

  get asked(): boolean {
    return this.#waiters.length > 0;
  }

  view(barred: boolean): SourceView {
    const { id, activity, asked, due, earliest, since } = this;
    return { id, activity, barred: barred || this.held > 0, asked, due, earliest, since };
  }

  memory(folder: string): SourceMemory {
    const there = this.#memory.get(folder) ?? {};
    this.#memory.set(folder, there);
    return there;
  }

  /** A person did something about it: nothing of before counts. */
  renew(): void {
    Object.assign(this, { due: 0, failures: 0, refusals: 0, worked: false, told: false });
    this.trouble = undefined;
    this.generation++;
    this.#memory.clear();
  }

  wait(waiter: Waiter): void {
    for (const { breaking } of this.#memory.values()) breaking?.forgive();
    this.#waiters.push(waiter);
  }

  progress({ counts }: Course): void {
    this.counts = counts;
    for (const { progress } of this.#waiters) progress(counts);
  }

  /** Whoever waits hears what came of it. */
  answer(trouble?: string): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    const said = trouble === undefined ? {} : { trouble };
    const counts = { ...(this.counts ?? none) };
    for (const { done } of waiters) done({ counts, remarks: this.remarks, ...said });
  }
}
