/*
 * Which of the messages that lie in a folder already are collected (`--since`). It is asked until
 * everything there was judged once; what comes after that always comes. Where `--since` was changed,
 * or a former source was added again, the registry's own commit unsettles the folders, and everything
 * is judged once more (migrations/0006-sources.ts).
 */
import type { SourceFolder } from '#mail/collected/collected';
import type { SourceRecord } from '#mail/sources/records';
import type { Sorting } from './judgement.ts';

const day = 86_400_000;
/** This firmware is no older: a source that was added before was added by a clock that was wrong. */
const noSourceBefore = Date.UTC(2026, 0, 1);

export interface FolderPast {
  readonly settled: SourceFolder['settled'];
  /** The folder was looked into before, under this identity or a former one. */
  readonly met: boolean;
}

export interface Time {
  readonly now: number;
  readonly clockIsSane: boolean;
}

/** 'clock': it depends on what day it is, and the box does not know. */
export function sortingOf(
  source: Pick<SourceRecord, 'since' | 'addedAt'>,
  { settled, met }: FolderPast,
  time: Time,
): Sorting | 'clock' {
  if (settled !== undefined) return { kind: 'over' };
  if (source.since.kind === 'now' && !met) return { kind: 'none' };
  return byDate(source, time);
}

/** By the date alone, as where ids have changed. */
export function byDate(
  { since, addedAt }: Pick<SourceRecord, 'since' | 'addedAt'>,
  { now, clockIsSane }: Time,
): Sorting | 'clock' {
  if (since.kind === 'all') return { kind: 'all' };
  if (!clockIsSane) return 'clock';
  const added = addedAt >= noSourceBefore && addedAt <= now ? addedAt : now;
  // `now`: a day more, as servers' clocks and zones are what they are.
  const days = since.kind === 'now' ? 1 : since.days;
  return { kind: 'from', moment: added - days * day };
}
