/* When people are told that waiting mail is tried next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTryOf } from '#box/next-try';
import type { UplinkId } from '#mail/ids';
import type { BoxTime } from '#mail/queue/queue';
import type { WindowState } from '#mail/queue/windows';
import type { UplinkCondition } from '#uplink/state';
import { FakeClock } from '../../support/fake-clock.ts';

const gmail = 1 as UplinkId;
const now = new FakeClock().now();
const box = 50_000;
const well: UplinkCondition = { kind: 'well' };
const say = '';
const open: WindowState = { open: true };

const rows: readonly [
  name: string,
  due: number,
  condition: UplinkCondition,
  held: boolean,
  window: WindowState,
  wanted: number | undefined,
][] = [
  ['its own time', box + 900, well, false, open, now + 900],
  ['in whole milliseconds', box + 900.4, well, false, open, now + 900],
  ['overdue is now', box - 900, well, false, open, now],
  ['held: not by itself', box, well, true, open, undefined],
  ['outside its window', box, well, false, { open: false, changesAt: now + 7 }, now + 7],
  ['no window at all', box, well, false, { open: false }, undefined],
  [
    'its provider has had enough',
    box,
    { kind: 'quota', until: now + 8, say },
    false,
    open,
    now + 8,
  ],
  [
    'its uplink is paused',
    box,
    { kind: 'paused', until: box + 30, failures: 1, say },
    false,
    open,
    now + 30,
  ],
  ['a person is needed', box + 1, { kind: 'sign-in', until: box + 9, say }, false, open, now + 9],
];

for (const [name, due, condition, held, window, wanted] of rows) {
  test(name, () => {
    const times = { box: () => box, held, window: () => window };
    const dispatcher = { conditions: () => [{ uplink: gmail, condition, sending: 0 }] };
    const parts = { times, dispatcher, clock: new FakeClock() };
    assert.equal(nextTryOf(due as BoxTime, gmail, parts), wanted);
    assert.equal(nextTryOf(due as BoxTime, undefined, parts), undefined, 'no uplink serves it');
  });
}
