/* When a clock is believed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok, trouble } from '#base/result';
import { ClockSense } from '#mail/queue/clock-sense';
import { FakeClock } from '../../../support/fake-clock.ts';

const built = Date.UTC(2026, 5, 1);
const newest = Date.UTC(2026, 9, 1);

const rows: readonly [what: string, now: number, kernel: boolean, sane: boolean][] = [
  ['1970', 5_000, false, false],
  ['before the build', built - 1, false, false],
  ['after the build, before the newest message', newest - 1, false, false],
  ['after both', newest, false, true],
  ['1970, and the kernel says that it is right', 5_000, true, true],
];

for (const [what, now, kernel, sane] of rows) {
  test(`${what}: ${sane ? 'believed' : 'not believed'}`, async () => {
    const sense = new ClockSense({
      clock: new FakeClock(now),
      builtAt: built,
      newest: async () => ok(newest),
      kernelSynchronised: async () => kernel,
    });
    await sense.start();
    assert.equal(sense.sane, sane);
    assert.equal(/cannot be/.test(sense.say), !sane);
    sense.stop();
  });
}

test('it is looked at each minute until it can be believed, and whoever waits is told', async () => {
  const clock = new FakeClock(5_000);
  let asked = 0;
  let right = false;
  const sense = new ClockSense({
    clock,
    builtAt: built,
    newest: async () => ok(0),
    kernelSynchronised: async () => {
      asked += 1;
      return right;
    },
  });
  await sense.start();
  const told = new Promise<void>((resolve) => void sense.watch(resolve));
  clock.advance(59_999);
  assert.equal(asked, 1);
  right = true;
  clock.advance(1);
  await told;
  assert.equal(sense.sane, true);
  assert.equal(clock.waiting, 0);
});

test('a disk that does not say when the newest message came is asked again', async () => {
  const clock = new FakeClock(newest);
  const answers = [failed(trouble('failing', 'The disk fails.', 'EIO', true)), ok(newest)];
  const sense = new ClockSense({
    clock,
    builtAt: built,
    newest: async () => answers.shift() ?? ok(0),
    kernelSynchronised: async () => false,
  });
  await sense.start();
  assert.equal(sense.sane, false);
  const told = new Promise<void>((resolve) => void sense.watch(resolve));
  clock.advance(60_000);
  await told;
});
