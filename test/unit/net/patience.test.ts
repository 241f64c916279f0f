/* Waiting for a server, on a clock turned by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from '#net/patience';
import { FakeClock } from '../../support/fake-clock.ts';

function waiting() {
  const clock = new FakeClock();
  const over: number[] = [];
  return { clock, over, patience: new Patience(clock, (waited) => over.push(waited)) };
}

test('silence is waited out once', () => {
  const { clock, over, patience } = waiting();
  patience.begin(1000);
  clock.advance(990);
  assert.deepEqual(over, []);
  clock.advance(10);
  assert.deepEqual(over, [1000]);
  clock.advance(10_000);
  assert.deepEqual(over, [1000]);
});

test('a sign of life begins it anew, up to the limit for the whole', () => {
  const { clock, over, patience } = waiting();
  patience.begin(1000, 3500);
  for (let i = 0; i < 4; i++) {
    clock.advance(800);
    patience.alive();
  }
  assert.deepEqual(over, []);
  clock.advance(300);
  assert.deepEqual(over, [1000]);
});

test('nothing is over while nobody waits', () => {
  const { clock, over, patience } = waiting();
  patience.begin(1000);
  patience.rest();
  clock.advance(5000);
  assert.deepEqual(over, []);
  patience.begin(2000);
  clock.advance(1999);
  assert.deepEqual(over, []);
  clock.advance(1);
  assert.deepEqual(over, [2000]);
});

test('a shorter wait is not kept waiting by a longer one before', () => {
  const { clock, over, patience } = waiting();
  patience.begin(10_000);
  patience.begin(100);
  clock.advance(100);
  assert.deepEqual(over, [100]);
});

test('a thousand waits set few alarms, and none stays', () => {
  const { clock, over, patience } = waiting();
  for (let i = 0; i < 1000; i++) {
    patience.begin(1000);
    clock.advance(1);
    patience.rest();
  }
  assert.ok(clock.waiting <= 1);
  patience.stop();
  assert.equal(clock.waiting, 0);
  assert.deepEqual(over, []);
});
