/*
 * What a finger on the button means: pure. It acts when it lets go; how long it was there says what
 * for. While it is there the lamps show, all together, what letting go would do now.
 *
 * Durations come from the events' own times, so a busy box does not make a press longer. An end
 * without a beginning (the box was started with a finger on the button) means nothing; a second
 * beginning takes the place of the first, for the end of that one was lost.
 */
import type { ButtonEvent, Pattern } from './panel.ts';

export type Stage = 'flush' | 'hold' | 'shut-down' | 'stuck';

export interface StageRow {
  readonly stage: Stage;
  /** Reached after so many milliseconds. */
  readonly after: number;
  /** What all lamps show; undefined: what they show without a finger. */
  readonly shows?: Pattern;
  /** What letting go does. */
  readonly say: string;
}

/** In the order in which a finger reaches them. */
export const stages: readonly StageRow[] = [
  {
    stage: 'flush',
    after: 0,
    shows: 'on',
    say: 'sends everything that waits, and collects from every source, now',
  },
  {
    stage: 'hold',
    after: 3_000,
    shows: 'fast',
    say: 'puts the queue on hold, or releases it; on a box without owner and uplink, opens set-up',
  },
  { stage: 'shut-down', after: 8_000, shows: 'off', say: 'shuts the box down (appliance only)' },
  { stage: 'stuck', after: 30_000, say: 'does nothing: the button seems to be stuck' },
];

/** Where the finger is; `since` in elapsed milliseconds. */
export type Finger = { readonly on: false } | { readonly on: true; readonly since: number };

export const away: Finger = { on: false };

export interface Pressed {
  readonly finger: Finger;
  /** The finger has just let go: what it reached, and after how many milliseconds. */
  readonly released?: { readonly stage: Stage; readonly held: number };
}

/** What an event makes of the finger. */
export function press(finger: Finger, event: ButtonEvent): Pressed {
  if (event.down) return { finger: { on: true, since: event.at } };
  if (!finger.on || event.lost) return { finger: away };
  // Clocks tell parts of a millisecond: 8 s between two such times may come out a little less.
  const held = Math.max(0, Math.round(event.at - finger.since));
  return { finger: away, released: { stage: stageAfter(held).stage, held } };
}

export function stageAfter(held: number): StageRow {
  const reached = stages.filter(({ after }) => after <= held);
  return reached.at(-1) ?? (stages[0] as StageRow);
}

/** Milliseconds until the finger reaches the next stage; undefined: there is none. */
export function nextStageIn(held: number): number | undefined {
  const next = stages.find(({ after }) => after > held);
  return next === undefined ? undefined : next.after - held;
}

/** What all lamps show while the finger is there. A box that cannot be shut down says so by showing
 * what it always shows: letting go will do nothing. */
export function fingerShows(held: number, canShutDown: boolean): Pattern | undefined {
  const { stage, shows } = stageAfter(held);
  return stage === 'shut-down' && !canShutDown ? undefined : shows;
}
