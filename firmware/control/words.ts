/* Numbers and times as a person reads them. */
import { SystemClock } from '#base/clock';

/** 1536 -> '1.5 KB'. Thousands, as disks are sold. */
export function sizeInWords(octets: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let size = octets;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.5 ? 0 : 1;
  return `${size.toFixed(digits)} ${units[unit]}`;
}

/** 3700 -> '1 hour 1 minute': the two greatest units that say something. */
export function durationInWords(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ] as const;
  let rest = Math.floor(seconds);
  const words: string[] = [];
  for (const [name, length] of units) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) words.push(counted(count, name));
  }
  return words.slice(0, 2).join(' ') || '0 seconds';
}

/** 1 -> '1 message', 2 -> '2 messages'. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** '2026-11-23 09:30', in the time zone of whoever prints it. */
export function timeInWords(at: number): string {
  const date = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** '09:30' today, else with the date; in the time zone of whoever prints it. */
export function momentInWords(at: number, now = new SystemClock().now()): string {
  const text = timeInWords(at);
  return text.slice(0, 10) === timeInWords(now).slice(0, 10) ? text.slice(11) : text;
}

/** With a full stop, as a person expects it; what peers hear has none. */
export function sentence(say: string): string {
  return /[.!?:]$/.test(say) ? say : `${say}.`;
}

/** Rows as aligned columns. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  const lines = rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
      .join('  '),
  );
  return lines.map((line) => line.trimEnd()).join('\n');
}
