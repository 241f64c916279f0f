/*
 * Dates in header fields, read (RFC 5322 §3.3, and the obsolete forms of §4.3). trace.ts writes
 * them. What is not understood is undefined; nothing is guessed but the zone, which is UTC when it
 * is missing or one of those that mean nothing (§4.3).
 */

/** Characters of a date that are looked at; comments included. */
const longest = 200;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** RFC 5322 §4.3: obs-zone, in hours. */
const zones: Readonly<Record<string, number>> = {
  ...{ EDT: -4, EST: -5, CDT: -5, CST: -6, MDT: -6, MST: -7, PDT: -7, PST: -8 },
};

/**
 * date-time = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone
 *
 * One blank stands for white space here.
 */
const dateTimePattern =
  /^(?:[a-z]{3,9} ?,? ?)?(\d{1,2})[ -]([a-z]{3})[a-z]{0,6}[ -](\d{2,4}) (\d{1,2}) ?: ?(\d{2})(?: ?: ?(\d{2}))?(?: ([+-]\d{4}|[a-z]{1,5}))?/i;

/** Milliseconds since 1970. */
export function parseDateTime(text: string): number | undefined {
  const plain = text
    .slice(0, longest)
    .replace(/\([^()]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const found = dateTimePattern.exec(plain);
  if (found === null) return undefined;
  const [, day = '', month = '', year = '', hour = '', minute = '', second = '0', zone = ''] =
    found;
  const at = Date.UTC(
    fullYear(Number(year), year.length),
    months.indexOf(month.toLowerCase()),
    Number(day),
    Number(hour),
    Number(minute),
    // A leap second is the one before it.
    Math.min(59, Number(second)),
  );
  const real =
    months.includes(month.toLowerCase()) &&
    new Date(at).getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) <= 60;
  return real ? at - zoneMinutes(zone) * 60_000 : undefined;
}

/** RFC 5322 §4.3: obs-year. */
function fullYear(year: number, digits: number): number {
  if (digits === 2) return year < 50 ? 2000 + year : 1900 + year;
  return digits === 3 ? 1900 + year : year;
}

function zoneMinutes(zone: string): number {
  const offset = /^([+-])(\d\d)(\d\d)$/.exec(zone);
  if (offset === null) return (zones[zone.toUpperCase()] ?? 0) * 60;
  const [, sign, hours, minutes] = offset;
  const ahead = Number(hours) * 60 + Number(minutes);
  return sign === '-' ? -ahead : ahead;
}
