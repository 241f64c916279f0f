/* Patterns become levels, on a clock turned by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Blinker } from '#hardware/drivers/blinker';
import type { LampName, Pattern } from '#panel/panel';
import { FakeClock } from '../../../support/fake-clock.ts';

function room() {
  const clock = new FakeClock();
  const told: string[] = [];
  const blinker = new Blinker(clock, (lit: ReadonlySet<LampName>) => {
    told.push(`${clock.elapsed()}: ${[...lit].join(' ') || 'dark'}`);
  });
  const show = (...lamps: [LampName, Pattern][]) => blinker.show(new Map(lamps));
  return { clock, told, blinker, show };
}

test('steady lamps: told once, and nothing wakes up for them', () => {
  const { clock, told, show } = room();
  show(['mail', 'on'], ['queue', 'off']);
  assert.equal(clock.waiting, 0);
  clock.advance(3_600_000);
  show(['mail', 'on'], ['queue', 'off']);
  show(['mail', 'off'], ['queue', 'on']);
  assert.deepEqual(told, ['0: mail', '3600000: queue']);
});

test('each pattern begins lit and keeps its time', () => {
  for (const [pattern, times] of [
    ['slow', ['0: l', '1000: dark', '2000: l', '3000: dark', '4000: l']],
    ['pulse', ['0: l', '100: dark', '2000: l', '2100: dark', '4000: l']],
  ] as const) {
    const { clock, told, show } = room();
    show(['l', pattern]);
    clock.advance(4000);
    assert.deepEqual(told, times);
  }
});

test('fast: four times a second, and one timer at a time', () => {
  const { clock, told, show } = room();
  show(['l', 'fast'], ['m', 'fast']);
  clock.advance(999);
  assert.equal(clock.waiting, 1);
  assert.equal(told.length, 8);
  assert.equal(told[1], '125: dark');
});

test('lamps blink in step, from the moment the last of them began', () => {
  const { clock, told, show } = room();
  show(['mail', 'slow']);
  clock.advance(1500);
  show(['mail', 'slow'], ['queue', 'slow']);
  clock.advance(1000);
  assert.deepEqual(told, ['0: mail', '1000: dark', '1500: mail queue', '2500: dark']);
});

test('a change of another lamp does not disturb the rhythm', () => {
  const { clock, told, show } = room();
  show(['mail', 'slow']);
  clock.advance(400);
  show(['mail', 'slow'], ['status', 'on']);
  clock.advance(600);
  assert.deepEqual(told, ['0: mail', '400: mail status', '1000: status']);
});

test('a timer that rings a little early does not ring again and again', () => {
  const clock = new FakeClock();
  const early = {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    after: (ms: number, task: () => void) => clock.after(ms - 0.4, task),
  };
  let told = 0;
  const blinker = new Blinker(early, () => {
    told += 1;
  });
  blinker.show(new Map([['l', 'slow']]));
  clock.advance(10_500);
  assert.equal(told, 11);
});

test('when it stops, all is dark and no timer is left', () => {
  const { clock, told, blinker, show } = room();
  show(['mail', 'fast'], ['status', 'on']);
  blinker.stop();
  clock.advance(1000);
  assert.deepEqual(told, ['0: mail status', '0: dark']);
  assert.equal(clock.waiting, 0);
});
