/* When the state of the box for its panel looks into the store, by a clock that is turned by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '#base/result';
import { Watchers } from '#base/watchers';
import { PanelState } from '#box/panel-state';
import { FakeClock } from '../../support/fake-clock.ts';

function bench() {
  const clock = new FakeClock();
  const written = new Watchers();
  const quiet = { watch: () => ({ [Symbol.dispose]: () => {} }) };
  const signIns = { list: () => [], ...quiet };
  let looks = 0;
  const state = new PanelState({
    store: {
      // Ten milliseconds, after which it rests for ninety.
      async unretrieved() {
        looks += 1;
        clock.advance(10);
        return ok(new Map());
      },
      watch: (tell) => written.add(tell),
      health: () => ({ takesMail: true, serves: true, room: 1_000_000 }),
    },
    household: { list: () => [] },
    queue: { last: async () => ok(undefined), unserved: async () => ok(false) },
    times: { held: false, restored: false, ...quiet },
    dispatcher: { conditions: () => [], flushing: false, ...quiet },
    uplinks: signIns,
    sources: signIns,
    collector: { collecting: false, conditions: () => [], ...quiet },
    oauth: { health: () => ({ kind: 'none' }) },
    clockSense: { sane: true, ...quiet },
    storm: { until: undefined },
    backups: { failing: false, ...quiet },
    setUp: { state: 'closed', ...quiet },
    clock,
  });
  return { clock, written, state, looks: () => looks };
}

/** Lets what was begun come to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('it looks once for all that happens while it rests', async () => {
  const { clock, written, state, looks } = bench();
  await state.start();
  for (let count = 0; count < 5; count += 1) written.tell();
  await settled();
  assert.equal(looks(), 2);
  clock.advance(90);
  await settled();
  assert.equal(looks(), 3);
});

test('when the box stops, the store is not looked into any more: it is closed soon', async () => {
  const { clock, written, state, looks } = bench();
  await state.start();
  written.tell();
  written.tell();
  await settled();
  state.stop();
  state.changed();
  clock.advance(1_000);
  await settled();
  assert.equal(looks(), 2);
});
