/*
 * JSON objects from a stranger: whatever is not one reads as an empty one, and no member is
 * trusted.
 */

/** The members of a JSON object; none when the text is anything else. */
export function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A text of printable ASCII (RFC 6749 §A: VSCHAR), not empty and not longer than `most`. */
export function visible(value: unknown, most: number): string | undefined {
  if (typeof value !== 'string' || value.length > most) return undefined;
  return /^[\x20-\x7e]+$/.test(value) ? value : undefined;
}

/** Seconds as milliseconds. Some servers write the number as a text. */
export function secondsAsMs(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || seconds < 0) return undefined;
  return Math.min(seconds, longestSeconds) * 1000;
}

/** Ten years; more is nonsense, and would leave the range of dates. */
const longestSeconds = 10 * 365 * 86_400;

/** What a server said, fit to be shown: one line, without control characters, not long. */
export function shown(value: unknown): string {
  if (typeof value !== 'string') return '';
  const line = value.slice(0, 2000).split(/[\r\n]/)[0] ?? '';
  const clean = line.replace(/[\p{C}\s]+/gu, ' ').trim();
  return clean.length > 200 ? `${clean.slice(0, 200)}...` : clean;
}
