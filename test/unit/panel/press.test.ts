/* What a finger on the button means, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { away, type Finger, fingerShows, nextStageIn, press, stageAfter } from '#panel/press';

const rows: readonly [held: number, stage: string, next: number | undefined][] = [
  [0, 'flush', 3_000],
  [150, 'flush', 2_850],
  [2_999, 'flush', 1],
  [3_000, 'hold', 5_000],
  [7_999, 'hold', 1],
  [8_000, 'shut-down', 22_000],
  [29_999, 'shut-down', 1],
  [30_000, 'stuck', undefined],
  [1e9, 'stuck', undefined],
];

for (const [held, stage, next] of rows) {
  test(`after ${held} ms: ${stage}`, () => {
    assert.equal(stageAfter(held).stage, stage);
    assert.equal(nextStageIn(held), next);
    const down = press(away, { button: 'flush', down: true, at: 1_000 });
    assert.equal(down.released, undefined);
    const up = press(down.finger, { button: 'flush', down: false, at: 1_000 + held });
    assert.deepEqual(up, { finger: away, released: { stage, held } });
  });
}

test('what is shown can be told apart, and a box that stays on shows no end', () => {
  assert.deepEqual(
    [0, 3_000, 8_000, 30_000].map((held) => fingerShows(held, true)),
    ['on', 'fast', 'off', undefined],
  );
  assert.equal(fingerShows(8_000, false), undefined);
});

test('eight seconds are eight at whatever part of a millisecond they began', () => {
  const since = 192.2123;
  assert.ok(since + 8_000 - since < 8_000, 'as numbers of a computer have it');
  const down = press(away, { button: 'flush', down: true, at: since });
  const up = press(down.finger, { button: 'flush', down: false, at: since + 8_000 });
  assert.deepEqual(up.released, { stage: 'shut-down', held: 8_000 });
});

const on = (since: number): Finger => ({ on: true, since });

test('an end without a beginning means nothing', () => {
  const up = press(away, { button: 'flush', down: false, at: 5 });
  assert.deepEqual(up, { finger: away });
});

test('a finger that was lost sight of means nothing', () => {
  const lost = press(on(0), { button: 'flush', down: false, at: 3_500, lost: true });
  assert.deepEqual(lost, { finger: away });
});

test('a second beginning: the end of the first was lost', () => {
  const again = press(on(0), { button: 'flush', down: true, at: 60_000 });
  assert.deepEqual(again, { finger: on(60_000) });
});

test('an end that claims to lie before its beginning is a short press', () => {
  const up = press(on(100), { button: 'flush', down: false, at: 50 });
  assert.deepEqual(up.released, { stage: 'flush', held: 0 });
});
