/*
 * The kinds of setting that speak of time: how long something takes, and when in the day something
 * may happen. Durations are seconds, times of day are minutes since midnight, as the clock on the
 * wall shows them.
 */
import type { Kind } from './kinds.ts';

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
type Unit = keyof typeof seconds;

/** A duration in seconds, written as 90s, 15m, 4h or 5d. 0 is taken when `zero` says what it
 * does. */
export function duration(least: number, most: number, zero?: string): Kind<number> {
  const none = zero === undefined ? '' : `, or 0 ${zero}`;
  return {
    allowed: `a duration from ${shortest(least)} to ${shortest(most)}, such as 15m, 4h or 5d${none}`,
    form: { type: 'duration', min: least, max: most, ...(zero === undefined ? {} : { zero }) },
    unit: '',
    read: (written) => {
      if (zero !== undefined && String(written).trim() === '0') return 0;
      const value = readDuration(written);
      return value !== undefined && value >= least && value <= most ? value : undefined;
    },
    write: shortest,
  };
}

/** Durations in order, written with blanks or commas between them. */
export function durations(least: number, most: number, count: number): Kind<readonly number[]> {
  return {
    allowed:
      `up to ${count} durations from ${shortest(least)} to ${shortest(most)}, ` +
      'such as "1m 5m 15m 4h"',
    form: { type: 'list' },
    unit: '',
    read: (written) => {
      const parts = typeof written === 'string' ? written.split(/[\s,]+/) : written;
      if (!Array.isArray(parts)) return undefined;
      const values = parts.filter((part: unknown) => part !== '').map(readDuration);
      const good = values.filter((value) => value !== undefined);
      const fits = good.every((value) => value >= least && value <= most);
      if (!fits || good.length < values.length || good.length === 0) return undefined;
      return good.length > count ? undefined : Object.freeze(good);
    },
    write: (value) => value.map(shortest).join(' '),
  };
}

/** A part of each day, in minutes since midnight; it spans midnight when `to` is not after `from`.
 * `to` may be 1440, the end of the day. */
export interface DayWindow {
  readonly from: number;
  readonly to: number;
}

const mostWindows = 12;

/** Parts of the day, written as "07:00-08:00 and 18:00-19:00"; none means always. */
export const dayWindows: Kind<readonly DayWindow[]> = {
  allowed: 'times such as "07:00-08:00 and 18:00-19:00", or nothing (always)',
  form: { type: 'list' },
  unit: '',
  read: (written) => {
    if (typeof written !== 'string') return undefined;
    if (written.trim() === '') return Object.freeze([]);
    const windows = written.split(/\s+and\s+|\s*,\s*/i).map(readWindow);
    const good = windows.filter((window) => window !== undefined);
    if (good.length < windows.length || good.length > mostWindows) return undefined;
    return Object.freeze(good);
  },
  write: (value) => value.map(({ from, to }) => `${clock(from)}-${clock(to)}`).join(' and '),
};

function readDuration(written: unknown): number | undefined {
  const match = /^(\d{1,9})\s*([smhd])$/i.exec(String(written).trim());
  if (match === null) return undefined;
  return Number(match[1]) * seconds[(match[2] ?? 's').toLowerCase() as Unit];
}

function readWindow(text: string): DayWindow | undefined {
  const match = /^(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)$/.exec(text.trim());
  if (match === null) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = match.slice(1).map(Number);
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  if (fromMinute > 59 || toMinute > 59 || from >= 1440 || to > 1440 || from === to)
    return undefined;
  return { from, to };
}

/** In the largest unit that needs no fraction. */
function shortest(value: number): string {
  if (value === 0) return '0';
  const unit = (['d', 'h', 'm'] as const).find((one) => value % seconds[one] === 0) ?? 's';
  return `${value / seconds[unit]}${unit}`;
}

function clock(minutes: number): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
