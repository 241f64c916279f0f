/*
 * The three spans of a source as its owner writes them, and back: from when on it is collected
 * (`--since 30d`, `all`, `now`), how long the copy there stays (`--keep forever`, `7d`, `delete`),
 * and how often it is looked into (`--every 5m`). Pure.
 */
import type { KeepAtSource, Since } from './records.ts';

/** Ten years; who means more means all. */
export const mostDays = 3_660;

const minute = 60_000;
const units: Readonly<Record<string, number>> = {
  s: 1_000,
  m: minute,
  h: 60 * minute,
  d: 1_440 * minute,
};

/** How seldom and how often a source can be looked into. */
export const shortestEvery = minute;
export const longestEvery = 1_440 * minute;

export function parseSince(text: string): Since | undefined {
  if (text === 'all' || text === 'now') return { kind: text };
  const days = parseDays(text);
  return days === undefined ? undefined : { kind: 'days', days };
}

export function parseKeep(text: string): KeepAtSource | undefined {
  if (text === 'forever') return { kind: 'forever' };
  if (text === 'delete') return { kind: 'days', days: 0 };
  const days = parseDays(text);
  return days === undefined ? undefined : { kind: 'days', days };
}

/** Milliseconds. */
export function parseEvery(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 0);
}

export function formatSince(since: Since): string {
  return since.kind === 'days' ? `${since.days}d` : since.kind;
}

export function formatKeep(keep: KeepAtSource): string {
  if (keep.kind === 'forever') return 'forever';
  return keep.days === 0 ? 'delete' : `${keep.days}d`;
}

function parseDays(text: string): number | undefined {
  const [, count] = /^(\d{1,4})d$/.exec(text) ?? [];
  const days = Number(count);
  return days >= 1 && days <= mostDays ? days : undefined;
}
