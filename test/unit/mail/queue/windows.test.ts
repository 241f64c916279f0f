/* Sending windows against the clock on the wall, summer time included. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBetween, type SendingWindow, windowAt } from '#mail/queue/windows';
import { dayWindows } from '#settings/time-kinds';

process.env['TZ'] = 'Europe/Berlin';

const at = (day: number, hour: number, minute = 0) =>
  new Date(2026, 10, day, hour, minute).getTime();

const rows: readonly [windows: string, now: number, open: boolean, changes: number | undefined][] =
  [
    ['', at(3, 12), true, undefined],
    ['07:00-08:00 and 18:00-19:00', at(3, 6, 59), false, at(3, 7)],
    ['07:00-08:00 and 18:00-19:00', at(3, 7), true, at(3, 8)],
    ['07:00-08:00 and 18:00-19:00', at(3, 8), false, at(3, 18)],
    ['07:00-08:00 and 18:00-19:00', at(3, 19), false, at(4, 7)],
    ['22:00-06:00', at(3, 23), true, at(4, 6)],
    ['22:00-06:00', at(4, 5, 59), true, at(4, 6)],
    ['22:00-06:00', at(4, 6), false, at(4, 22)],
    ['07:00-08:00 and 08:00-09:00', at(3, 7, 30), true, at(3, 9)],
    ['18:00-24:00', at(3, 23, 59), true, at(4, 0)],
    ['00:00-24:00', at(3, 12), true, undefined],
  ];

for (const [text, now, open, changesAt] of rows) {
  test(`${text || 'always'} at ${new Date(now).toTimeString().slice(0, 5)}`, () => {
    const expected = changesAt === undefined ? { open } : { open, changesAt };
    assert.deepEqual(windowAt(read(text), now), expected);
  });
}

test('a window keeps to the clock on the wall when summer time ends', () => {
  // In the night to 25 October 2026 there are 13 hours from 18:00 to 06:00.
  const evening = new Date(2026, 9, 24, 18).getTime();
  const { changesAt } = windowAt(read('06:00-07:00'), evening);
  assert.equal(changesAt, evening + 13 * 3_600_000);
});

test('only open hours are counted between two moments', () => {
  const windows = read('07:00-08:00 and 18:00-19:00');
  const hours = (from: number, to: number) => openBetween(windows, from, to) / 3_600_000;
  assert.equal(hours(at(3, 6), at(3, 7, 30)), 0.5);
  assert.equal(hours(at(3, 7, 30), at(5, 7, 30)), 4);
  assert.equal(hours(at(5, 0), at(3, 0)), 0);
  assert.equal(openBetween([], at(3, 6), at(3, 7)), 3_600_000);
});

function read(text: string): readonly SendingWindow[] {
  const windows = dayWindows.read(text);
  assert.ok(windows !== undefined);
  return windows;
}
