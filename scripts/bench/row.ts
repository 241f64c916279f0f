/*
 * What a row of the figures is: a name, a sentence, a goal, and a way to measure the peer and
 * Restante in turns. The number that counts is the ratio of the two medians of one run; machines
 * differ, and so do the hours of one machine.
 */
import type { Rig } from './rig.ts';

/** One thing measured several times, in turns. Undefined where that side has no such figure. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** Which way is good. */
  readonly better: 'more' | 'less';
  readonly peerName: string;
  readonly peer: readonly number[];
  readonly restante: readonly number[];
  readonly goal: Goal;
}

/** `times`: at least (better more) or at most (better less) so many times the peer's figure.
 * `value`: at least or at most this much, whatever the peer does. */
export type Goal = { readonly times: number } | { readonly value: number } | 'shown only';

export interface Row {
  readonly name: string;
  readonly what: string;
  measure(rig: Rig): Promise<readonly Figure[]>;
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined || sorted.length % 2 === 1) return upper;
  return ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Restante's median over the peer's, when both are there. */
export function ratio(figure: Figure): number | undefined {
  const peer = median(figure.peer);
  const ours = median(figure.restante);
  return peer === undefined || ours === undefined || peer === 0 ? undefined : ours / peer;
}

/** Undefined when it cannot be told, because one side is missing. */
export function reached(figure: Figure): boolean | undefined {
  if (figure.goal === 'shown only') return undefined;
  const [have, want] =
    'times' in figure.goal
      ? [ratio(figure), figure.goal.times]
      : [median(figure.restante), figure.goal.value];
  if (have === undefined) return undefined;
  return figure.better === 'more' ? have >= want : have <= want;
}

export const heading = [
  '| row | peer | Restante | ratio | goal | reached |',
  '|---|---|---|---|---|---|',
].join('\n');

/** The figure as a line of a Markdown table. */
export function line(figure: Figure): string {
  const times = ratio(figure);
  const state = reached(figure);
  return `| ${[
    figure.name,
    `${figure.peerName} ${spread(figure.peer)} ${figure.unit}`,
    `${spread(figure.restante)} ${figure.unit}`,
    times === undefined ? '' : `${short(times)}x`,
    goalText(figure),
    state === undefined ? '' : state ? 'yes' : '**no**',
  ].join(' | ')} |`;
}

function goalText({ goal, better, unit }: Figure): string {
  if (goal === 'shown only') return '';
  const sign = better === 'more' ? '>=' : '<=';
  return 'times' in goal ? `${sign} ${goal.times}x` : `${sign} ${goal.value} ${unit}`;
}

/** The median, and the lowest and highest where there are several. */
function spread(values: readonly number[]): string {
  const middle = median(values);
  if (middle === undefined) return '-';
  if (values.length === 1) return short(middle);
  return `${short(middle)} (${short(Math.min(...values))}-${short(Math.max(...values))})`;
}

function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
