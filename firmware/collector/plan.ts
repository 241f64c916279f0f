/*
 * Which sources are looked into now: a pure decision over how each of them is, how many connections
 * there may be, and whether there is room. The collector performs the steps and asks again when
 * something has changed; nothing here remembers anything.
 *
 * A source has at most one connection. One that tells of new mail by itself keeps it, as long as no
 * other source waits for a connection; then the one that has stayed longest gives way.
 */
import type { SourceId } from '#mail/ids';

/** Times are of the clock that only ever grows. */
export interface SourceView {
  readonly id: SourceId;
  /** `rest`: no connection. `busy`: it is collected. `stays`: it waits to be told. */
  readonly activity: 'rest' | 'busy' | 'stays';
  /** Paused, stopped, or removed. */
  readonly barred: boolean;
  /** A person asked for it. */
  readonly asked: boolean;
  readonly due: number;
  /** No sign-in before that, whoever asks (LOGIN-DELAY, RFC 2449 §6.5). */
  readonly earliest: number;
  /** When it began to stay. */
  readonly since: number;
}

export interface Situation {
  readonly now: number;
  /** Connections at the same time. */
  readonly connections: number;
  /** Enough for what may come. */
  readonly room: boolean;
}

export type Step =
  | { readonly kind: 'visit' | 'release'; readonly source: SourceId }
  /** Until something changes, or until then. */
  | { readonly kind: 'wait'; readonly until?: number };

export function plan(sources: readonly SourceView[], now: Situation): Step[] {
  const staying = sources.filter(({ activity }) => activity === 'stays');
  if (!now.room) return [...staying.map(release), { kind: 'wait' }];
  const barred = staying.filter((source) => source.barred);
  const resting = sources.filter((source) => source.activity === 'rest' && !source.barred);
  const ready = resting.filter((source) => readyAt(source) <= now.now).sort(before);
  const taken = sources.filter(({ activity }) => activity !== 'rest').length;
  const free = Math.max(0, now.connections - taken);
  const visits = ready.slice(0, free);
  const mayGive = staying
    .filter((source) => !source.barred)
    .sort((one, other) => one.since - other.since);
  const giving = mayGive.slice(0, Math.max(0, ready.length - free - barred.length));
  const later = resting.filter((source) => !ready.includes(source)).map(readyAt);
  const wait = later.length === 0 ? {} : { until: Math.min(...later) };
  return [
    ...visits.map(({ id }) => ({ kind: 'visit', source: id }) as const),
    ...[...barred, ...giving].map(release),
    { kind: 'wait', ...wait },
  ];
}

/** May one that could be told stay connected? Not while another waits for a connection. */
export function mayStay(sources: readonly SourceView[], now: Situation): boolean {
  const taken = sources.filter(({ activity }) => activity !== 'rest').length;
  const waits = sources.some(
    (source) => source.activity === 'rest' && !source.barred && readyAt(source) <= now.now,
  );
  return now.room && taken <= now.connections && !(waits && taken >= now.connections);
}

function readyAt({ asked, due, earliest }: SourceView): number {
  return Math.max(asked ? 0 : due, earliest);
}

/** Whoever a person waits for comes first, then who waits longest. */
function before(one: SourceView, other: SourceView): number {
  return Number(other.asked) - Number(one.asked) || one.due - other.due;
}

function release({ id }: SourceView): Step {
  return { kind: 'release', source: id };
}
