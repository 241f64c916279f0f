/*
 * What lamps can do, and what each of it means: the one table of patterns and the one table of
 * meanings. README.md prints both (readme.ts), lamps.ts chooses a meaning, drivers that have no
 * patterns of their own ask `litAt`. Nothing here knows a pin, a clock or a colour.
 */
import type { Pattern } from './panel.ts';

/** Milliseconds lit, then dark, and so on; 0 of both: no change, ever. */
export interface Rhythm {
  readonly lit: number;
  readonly dark: number;
  readonly words: string;
}

export const rhythms: Readonly<Record<Pattern, Rhythm>> = {
  off: { lit: 0, dark: 0, words: 'dark' },
  on: { lit: 0, dark: 0, words: 'lit' },
  slow: { lit: 1_000, dark: 1_000, words: 'slow blink: one second lit, one dark' },
  fast: { lit: 125, dark: 125, words: 'fast blink: four times a second' },
  pulse: { lit: 100, dark: 1_900, words: 'pulse: a short flash every two seconds' },
};

/** Is a lamp with this pattern lit so many milliseconds after it was shown? */
export function litAt(pattern: Pattern, elapsed: number): boolean {
  const { lit, dark } = rhythms[pattern];
  return lit === 0 ? pattern === 'on' : elapsed % (lit + dark) < lit;
}

/** Milliseconds until `litAt` changes; undefined: never, so that nobody wakes for a steady lamp. */
export function nextTurn(pattern: Pattern, elapsed: number): number | undefined {
  const { lit, dark } = rhythms[pattern];
  if (lit === 0) return undefined;
  const phase = elapsed % (lit + dark);
  return phase < lit ? lit - phase : lit + dark - phase;
}

export interface Meaning {
  readonly pattern: Pattern;
  /** A sentence for the owner. */
  readonly say: string;
}

/** What each lamp can say. Where several hold, lamps.ts takes the first in the order of its
 * rules. */
export const meanings = {
  mail: {
    none: { pattern: 'off', say: 'All mail has been retrieved.' },
    waiting: { pattern: 'on', say: 'There is mail that its owner has not retrieved.' },
    nobody: {
      pattern: 'pulse',
      say: 'There is no such account: mend the setting panel.lamps or panel.pins.',
    },
    setUp: { pattern: 'slow', say: 'Set-up is open: go on in a browser, at the page of the box.' },
  },
  queue: {
    none: { pattern: 'off', say: 'No mail waits to go out.' },
    waiting: { pattern: 'on', say: 'Mail waits to go out.' },
    busy: { pattern: 'slow', say: 'Mail is being sent, or collected because somebody asked.' },
    held: { pattern: 'pulse', say: 'On hold: mail waits until hold is released.' },
    urgent: {
      pattern: 'fast',
      say:
        'An uplink refuses the sign-in, or a sign-in is about to end: the page Home, or ' +
        '"restante status", says which.',
    },
  },
  status: {
    starting: { pattern: 'slow', say: 'The box is starting.' },
    well: { pattern: 'on', say: 'All is well.' },
    degraded: { pattern: 'pulse', say: 'The box works, though something is wrong.' },
    needy: {
      pattern: 'fast',
      say: 'The box needs a person: the page Home, or "restante status", says why.',
    },
    off: { pattern: 'off', say: 'The box is off, or the panel has lost it.' },
  },
} as const satisfies Record<string, Record<string, Meaning>>;

export type Subject = keyof typeof meanings;
