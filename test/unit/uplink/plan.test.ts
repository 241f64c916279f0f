/* What to do next at an uplink, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overQuota, paused, well } from '#uplink/condition';
import {
  type LaneView,
  longestQuota,
  mayGoOn,
  planLane,
  type Situation,
  type Step,
} from '#uplink/plan';
import type { UplinkCondition } from '#uplink/state';

const now: Situation = {
  held: false,
  window: { open: true },
  halted: false,
  box: 1000,
  wall: 5000,
};
const lane: LaneView = {
  condition: well,
  limit: 4,
  busy: 0,
  proven: true,
  hand: 0,
  more: false,
  nextDue: undefined,
  flush: undefined,
};
const resting: UplinkCondition = { kind: 'paused', until: 9000, failures: 1, say: 'away' };
const quota: UplinkCondition = { kind: 'quota', until: 9000, say: 'enough' };
const signIn: UplinkCondition = { kind: 'sign-in', until: 9000, say: 'no' };
const flush = { force: false, probed: false };
const wait = { kind: 'wait' } as const;

const rows: readonly [string, Partial<LaneView>, Partial<Situation>, Step][] = [
  ['nothing waits', {}, {}, wait],
  ['something may wait', { more: true }, {}, { kind: 'look' }],
  ['nothing due before', { nextDue: 1500 }, {}, { kind: 'wait', box: 1500 }],
  ['one in hand', { hand: 1 }, {}, { kind: 'send', count: 1 }],
  ['many in hand', { hand: 30 }, {}, { kind: 'send', count: 4 }],
  ['many in hand, some under way', { hand: 30, busy: 3 }, {}, { kind: 'send', count: 1 }],
  ['all connections busy', { hand: 30, busy: 4 }, {}, wait],
  ['not proven: one connection', { hand: 30, proven: false }, {}, { kind: 'send', count: 1 }],
  ['not proven, one is being opened', { hand: 30, proven: false, busy: 1 }, {}, wait],
  ['the uplink is gone', { hand: 30, limit: 0 }, {}, wait],
  ['stopping', { hand: 30 }, { halted: true }, wait],
  ['stopping, in a flush', { hand: 30, flush }, { halted: true }, wait],
  ['held', { hand: 30, more: true }, { held: true }, wait],
  ['held, in a flush', { hand: 1, flush }, { held: true }, { kind: 'send', count: 1 }],
  ['window closed', { more: true }, closed(7000), { kind: 'wait', wall: 7000 }],
  ['window closed, in a flush', { more: true, flush }, closed(7000), { kind: 'look' }],
  ['paused', { condition: resting, more: true }, {}, { kind: 'wait', box: 9000 }],
  ['pause over', { condition: resting, hand: 9 }, { box: 9000 }, { kind: 'probe' }],
  [
    'pause over, nothing in hand',
    { condition: resting, more: true },
    { box: 9000 },
    { kind: 'look' },
  ],
  ['probing', { condition: resting, hand: 9, busy: 1 }, { box: 9000 }, wait],
  ['pause over, held', { condition: resting, hand: 9 }, { box: 9000, held: true }, wait],
  ['paused, flushed', { condition: resting, hand: 9, flush }, {}, { kind: 'probe' }],
  [
    'paused, flushed, probed',
    { condition: resting, hand: 9, flush: { ...flush, probed: true } },
    {},
    { kind: 'end-flush' },
  ],
  ['sign-in refused', { condition: signIn, hand: 9 }, {}, { kind: 'wait', box: 9000 }],
  ['sign-in refused, flushed', { condition: signIn, hand: 9, flush }, {}, { kind: 'probe' }],
  ['quota', { condition: quota, hand: 9 }, {}, { kind: 'wait', wall: 9000 }],
  ['quota over', { condition: quota, hand: 9 }, { wall: 9000 }, { kind: 'probe' }],
  ['quota, flushed', { condition: quota, hand: 9, flush }, {}, { kind: 'end-flush' }],
  [
    'quota, flushed by force',
    { condition: quota, hand: 9, flush: { ...flush, force: true } },
    {},
    { kind: 'probe' },
  ],
  [
    'quota, forced and probed',
    { condition: quota, hand: 9, flush: { force: true, probed: true } },
    {},
    { kind: 'end-flush' },
  ],
  [
    'a quota that a wrong clock made',
    { condition: { ...quota, until: 5001 + longestQuota }, hand: 9 },
    {},
    { kind: 'probe' },
  ],
];

for (const [what, view, situation, step] of rows) {
  test(`${what}: ${step.kind}`, () => {
    assert.deepEqual(planLane({ ...lane, ...view }, { ...now, ...situation }), step);
  });
}

test('a connection goes on only while mail may go out and the uplink is well', () => {
  assert.equal(mayGoOn(lane, now), true);
  assert.equal(mayGoOn(lane, { ...now, held: true }), false);
  assert.equal(mayGoOn({ ...lane, flush }, { ...now, held: true }), true);
  assert.equal(mayGoOn(lane, { ...now, ...closed(1) }), false);
  assert.equal(mayGoOn({ ...lane, flush }, { ...now, halted: true }), false);
  assert.equal(mayGoOn({ ...lane, condition: resting, flush }, now), false);
});

test('pauses grow, and begin anew once the uplink was well', () => {
  let condition: UplinkCondition = well;
  const waits = Array.from({ length: 8 }, () => {
    condition = paused(condition, 'away', 1000);
    return condition.kind === 'paused' ? (condition.until - 1000) / 1000 : undefined;
  });
  assert.deepEqual(waits, [30, 60, 120, 300, 600, 900, 900, 900]);
  assert.deepEqual(paused(well, 'away', 0), {
    kind: 'paused',
    until: 30_000,
    failures: 1,
    say: 'away',
  });
});

test('a quota is over after its time, or at the next such time of day', () => {
  const nine = new Date(2026, 10, 23, 9).getTime();
  const until = (resumes: Parameters<typeof overQuota>[1]) => {
    const condition = overQuota('enough', resumes, nine);
    return condition.kind === 'quota' ? (condition.until - nine) / 3_600_000 : undefined;
  };
  assert.equal(until({ afterMs: 7_200_000 }), 2);
  assert.equal(until({ at: '10:30' }), 1.5);
  assert.equal(until({ at: '08:00' }), 23);
  assert.equal(until({ at: '09:00' }), 24);
});

function closed(changesAt: number): Partial<Situation> {
  return { window: { open: false, changesAt } };
}
