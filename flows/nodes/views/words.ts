/* Numbers and times as a household reads them, in the time zone of the box. */

import { inBrowser, type Place } from './browser-words.ts';

/** 1 -> '1 message', 2 -> '2 messages'. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** 1536 -> '1.5 KB'. Thousands, as disks are sold. */
export function size(octets: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let rest = octets;
  let unit = 0;
  while (rest >= 999.5 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  const text = rest.toFixed(unit === 0 || rest >= 99.5 ? 0 : 1).replace('.0', '');
  return `${text} ${units[unit]}`;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** 'today 14:05', 'yesterday 09:30', 'Monday 09:30' within a week, else '23 Nov 2026 09:30'. */
export function when(at: number, now: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const apart = midnight(now) - midnight(at);
  if (apart === 0) return `today ${clock}`;
  if (apart === 1) return `yesterday ${clock}`;
  if (apart === -1) return `tomorrow ${clock}`;
  if (Math.abs(apart) < 7) return `${days[date.getDay()]} ${clock}`;
  return `${date.getDate()} ${months[date.getMonth()]} ${date.getFullYear()} ${clock}`;
}

/** 'less than a minute', '5 minutes', '3 hours', '2 days'. */
export function span(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 60) return counted(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.floor(hours / 24), 'day');
}

/** 'ann, bob and cleo' */
export function joined(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** 'ann' -> 'Ann', for headings. */
export function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** A sentence of the box, for a browser and with a full stop. */
export function full(say: string, place?: Place): string {
  const said = inBrowser(say, place);
  return said === '' || /[.!?:]$/.test(said) ? said : `${said}.`;
}

/** Days since 1970 on the box's own calendar. */
function midnight(at: number): number {
  const date = new Date(at);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}
