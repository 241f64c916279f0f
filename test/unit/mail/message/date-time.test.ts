/* Dates of header fields, read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDateTime } from '#mail/message/date-time';
import { dateTime } from '#mail/message/trace';

const rows: readonly [string, string | undefined][] = [
  ['Mon, 23 Nov 2026 09:00:00 +0000', '2026-11-23T09:00:00.000Z'],
  ['23 Nov 2026 09:00 +0100', '2026-11-23T08:00:00.000Z'],
  ['  Mon,23 Nov 2026\r\n\t09:00:00 -0330 (a comment)', '2026-11-23T12:30:00.000Z'],
  ['Monday, 23-Nov-26 09:00:00 GMT', '2026-11-23T09:00:00.000Z'],
  ['Mon, 1 Jan 98 23:59:60 EST', '1998-01-02T04:59:59.000Z'],
  ['1 (a) Jan 1998 (b) 10 : 20 (c) PDT', '1998-01-01T17:20:00.000Z'],
  ['1 January 103 00:00 Z', '2003-01-01T00:00:00.000Z'],
  ['1 Jan 2026 10:20:30', '2026-01-01T10:20:30.000Z'],
  ['31 Feb 2026 10:20:30 +0000', undefined],
  ['1 Foo 2026 10:20:30 +0000', undefined],
  ['1 Jan 2026 24:20:30 +0000', undefined],
  ['1 Jan 2026 10:61:30 +0000', undefined],
  ['2026-01-01T10:20:30Z', undefined],
  ['', undefined],
  [`${'('.repeat(100_000)}`, undefined],
];

for (const [text, date] of rows) {
  test(`"${text.slice(0, 40)}" is ${date ?? 'no date'}`, () => {
    const at = parseDateTime(text);
    assert.equal(at === undefined ? undefined : new Date(at).toISOString(), date);
  });
}

test('what the box writes it reads', () => {
  for (let at = 0; at < 4e12; at += 12_345_678_000) assert.equal(parseDateTime(dateTime(at)), at);
});
