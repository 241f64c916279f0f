/* When Node-RED is started and stopped: the whole table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Demand, nextStep, pauseLeft } from '#web/flows/demand';

const now = 10_000_000;
const usual: Demand = {
  ...{ run: 'demand', idle: 600_000, stay: false, power: 'off', open: 0, failures: 0 },
  ran: false,
};
const ago = (ms: number) => now - ms;

const rows: readonly [string, Partial<Demand>, string][] = [
  ['nobody ever wanted a page', {}, 'nothing'],
  ['somebody wants one', { wantedAt: now }, 'start'],
  ['somebody wanted one long ago', { wantedAt: ago(600_000) }, 'nothing'],
  ['it runs and is looked at', { power: 'on', wantedAt: ago(1_000) }, 'nothing, look in 599000'],
  ['it runs and rested', { power: 'on', wantedAt: ago(600_000) }, 'stop'],
  ['it rested, a web socket is open', { power: 'on', wantedAt: ago(900_000), open: 1 }, 'nothing'],
  ['it is being stopped, somebody wants a page', { power: 'stopping', wantedAt: now }, 'nothing'],

  ['always', { run: 'always' }, 'start'],
  ['always, it runs', { run: 'always', power: 'on' }, 'nothing'],
  ['a flow waits for events', { stay: true }, 'start'],
  ['a flow waits for events, it runs', { stay: true, power: 'on', wantedAt: 0 }, 'nothing'],

  ['off', { run: 'off', wantedAt: now }, 'nothing'],
  ['off, though it runs', { run: 'off', power: 'on', open: 1 }, 'stop'],
  ['off, though a flow waits', { run: 'off', power: 'on', stay: true }, 'stop'],

  [
    'failed, nobody asked since',
    { failures: 1, failedAt: ago(9_000), wantedAt: ago(9_500) },
    'nothing',
  ],
  [
    'failed, asked at once',
    { failures: 1, failedAt: ago(500), wantedAt: now },
    'nothing, look in 1500',
  ],
  [
    'crashed under somebody who still waits',
    { failures: 1, failedAt: now, wantedAt: ago(100), ran: true, open: 1 },
    'nothing, look in 2000',
  ],
  ['failed, asked later', { failures: 1, failedAt: ago(2_000), wantedAt: now }, 'start'],
  [
    'failed five times',
    { failures: 5, failedAt: ago(200_000), wantedAt: now },
    'nothing, look in 100000',
  ],
  ['failed nine times', { failures: 9, failedAt: ago(300_000), wantedAt: now }, 'start'],
  ['always, failed', { run: 'always', failures: 1, failedAt: ago(500) }, 'nothing, look in 1500'],
  ['always, failed, rested', { run: 'always', failures: 1, failedAt: ago(2_000) }, 'start'],
];

for (const [name, rest, expected] of rows) {
  test(`${name}: ${expected}`, () => {
    const step = nextStep({ ...usual, ...rest }, now);
    const later = step.lookIn === undefined ? '' : `, look in ${step.lookIn}`;
    assert.equal(`${step.do}${later}`, expected);
  });
}

test('each failure makes the pause longer, up to five minutes', () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6].map((failures) =>
    pauseLeft({ ...usual, failures, failedAt: now }, now),
  );
  assert.deepEqual(pauses, [0, 2_000, 10_000, 30_000, 120_000, 300_000, 300_000]);
});
