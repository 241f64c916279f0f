/* Box time only grows, ageing time stands still while nothing may be sent; both outlive the box. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log } from '#base/log';
import { QueueTimes } from '#mail/queue/box-time';
import type { SendingWindow } from '#mail/queue/windows';
import { FakeClock } from '../../../support/fake-clock.ts';
import { PlainQueue } from '../../../support/plain-queue.ts';

const minute = 60_000;
const hour = 60 * minute;
const nine = new Date(2026, 10, 23, 9).getTime();
const tenToEleven: readonly SendingWindow[] = [{ from: 600, to: 660 }];

interface House {
  sane: boolean;
  windows: readonly SendingWindow[];
}

async function box(queue: PlainQueue, now: number, house: House) {
  const clock = new FakeClock(now);
  const times = new QueueTimes({
    queue,
    clock,
    clockIsSane: () => house.sane,
    windows: () => house.windows,
    log: new Log(() => {}, clock),
  });
  assert.equal((await times.start()).ok, true);
  return { clock, times };
}

test('what has passed is counted, across a restart and the time off', async () => {
  const queue = new PlainQueue();
  const house = { sane: true, windows: [] };
  const first = await box(queue, nine, house);
  first.clock.advance(hour);
  await first.times.stop();
  assert.deepEqual(queue.saved, { held: false, box: hour, ageing: hour, wall: nine + hour });
  const second = await box(queue, nine + 3 * hour, house);
  assert.equal(second.times.box(), 3 * hour);
  assert.equal(second.times.ageing(), 3 * hour);
});

test('the time off counts when the clock comes right after the start, and only once', async () => {
  const queue = new PlainQueue();
  const house = { sane: true, windows: [] };
  const first = await box(queue, nine, house);
  await first.times.stop();
  house.sane = false;
  const blind = await box(queue, 5_000, house);
  blind.clock.advance(hour);
  assert.equal(blind.times.box(), hour);
  await blind.times.stop();
  assert.equal(queue.saved.wall, nine + hour);
  house.sane = true;
  const third = await box(queue, nine + 8 * hour, house);
  assert.equal(third.times.box(), 8 * hour);
  third.clock.advance(minute);
  assert.equal(third.times.box(), 8 * hour + minute);
});

test('a wall clock that went back takes nothing away', async () => {
  const queue = new PlainQueue();
  const house = { sane: true, windows: [] };
  const first = await box(queue, nine, house);
  first.clock.advance(hour);
  await first.times.stop();
  const second = await box(queue, nine - 9 * hour, house);
  assert.equal(second.times.box(), hour);
});

test('held mail does not age, the hold outlives the box, and a release is on disk', async () => {
  const queue = new PlainQueue();
  const house = { sane: true, windows: [] };
  const first = await box(queue, nine, house);
  first.clock.advance(hour);
  assert.equal((await first.times.hold(true)).ok, true);
  assert.equal(queue.saved.held, true);
  first.clock.advance(hour);
  assert.equal(first.times.ageing(), hour);
  await first.times.stop();
  const second = await box(queue, nine + 9 * hour, house);
  assert.equal(second.times.held, true);
  assert.deepEqual([second.times.box(), second.times.ageing()], [9 * hour, hour]);
  await second.times.hold(false);
  assert.equal(queue.saved.held, false);
  second.clock.advance(hour);
  assert.equal(second.times.ageing(), 2 * hour);
});

test('a hold that cannot be written down is none', async () => {
  const queue = new PlainQueue();
  const { times } = await box(queue, nine, { sane: true, windows: [] });
  queue.refuses = true;
  assert.equal((await times.hold(true)).ok, false);
  assert.equal(times.held, false);
});

test('mail ages only in the windows, while the box is on and while it is off', async () => {
  const queue = new PlainQueue();
  const house = { sane: true, windows: tenToEleven };
  const first = await box(queue, nine, house);
  first.clock.advance(3 * hour);
  assert.equal(first.times.box(), 3 * hour);
  assert.equal(first.times.ageing(), hour);
  await first.times.stop();
  const second = await box(queue, nine + 48 * hour, house);
  assert.equal(second.times.ageing(), 2 * hour);
});

test('a window that opens is announced within a minute', async () => {
  const { clock, times } = await box(new PlainQueue(), nine, { sane: true, windows: tenToEleven });
  let open = false;
  times.watch(() => {
    open ||= times.window().open;
  });
  clock.advance(hour + minute);
  assert.equal(open, true);
});

test('while the clock is wrong the windows count as open', async () => {
  const { times } = await box(new PlainQueue(), nine, { sane: false, windows: tenToEleven });
  assert.deepEqual(times.window(), { open: true });
});

test('the times are saved every ten minutes while something is queued', async () => {
  const queue = new PlainQueue();
  const { clock } = await box(queue, nine, { sane: true, windows: [] });
  const saved: number[] = [];
  for (const put of [false, true]) {
    if (put) queue.put();
    clock.advance(10 * minute);
    await new Promise<void>((resolve) => void setImmediate(resolve));
    saved.push(queue.saved.box);
  }
  assert.deepEqual(saved, [0, 20 * minute]);
});
