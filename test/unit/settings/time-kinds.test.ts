/* Durations and times of day as settings, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kind } from '#settings/kinds';
import { dayWindows, duration, durations } from '#settings/time-kinds';

const one = duration(60, 86_400, 'for never');
const many = durations(1, 86_400, 3);

const rows: readonly [kind: Kind<unknown>, written: unknown, value: unknown][] = [
  [one, '1m', 60],
  [one, '4h', 14_400],
  [one, ' 1 D ', 86_400],
  [one, '0', 0],
  [one, 0, 0],
  [one, '59s', undefined],
  [one, '2d', undefined],
  [one, '90', undefined],
  [one, '1h30m', undefined],
  [one, '', undefined],
  [duration(60, 3600), '0', undefined],
  [many, '1m 5m 1h', [60, 300, 3600]],
  [many, '1m,5m', [60, 300]],
  [many, ['1m', '5m'], [60, 300]],
  [many, '1m 5m 1h 2h', undefined],
  [many, '1m soon', undefined],
  [many, '', undefined],
  [many, 7, undefined],
  [dayWindows, '', []],
  [dayWindows, '07:00-08:00 and 18:00-19:30', [window(420, 480), window(1080, 1170)]],
  [dayWindows, '7:00-8:00', [window(420, 480)]],
  [dayWindows, '22:00-06:00, 12:00-13:00', [window(1320, 360), window(720, 780)]],
  [dayWindows, '18:00-24:00', [window(1080, 1440)]],
  [dayWindows, '07:00-07:00', undefined],
  [dayWindows, '24:00-07:00', undefined],
  [dayWindows, '07:60-08:00', undefined],
  [dayWindows, '07:00-08:00 and', undefined],
  [dayWindows, 'mornings', undefined],
  [dayWindows, 7, undefined],
];

for (const [index, [kind, written, value]] of rows.entries()) {
  test(`row ${index}: ${JSON.stringify(written)}`, () => {
    assert.deepEqual(kind.read(written), value);
    if (value !== undefined) assert.deepEqual(kind.read(kind.write(kind.read(written))), value);
  });
}

function window(from: number, to: number) {
  return { from, to };
}
