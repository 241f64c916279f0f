/* Which driver `auto` settles on, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log } from '#base/log';
import { failed, ok, trouble } from '#base/result';
import { AutoPanel } from '#hardware/drivers/auto-panel';
import type { PanelDriver, PanelTrouble } from '#panel/panel';
import { FakeClock } from '../../../support/fake-clock.ts';

type Outcome = 'works' | PanelTrouble['code'];

function driver(name: string, outcome: Outcome, calls: string[]): PanelDriver {
  return {
    name,
    start: async () => {
      calls.push(`${name} starts`);
      return outcome === 'works' ? ok(undefined) : failed(trouble(outcome, `${name}!`, ''));
    },
    show: () => calls.push(`${name} shows`),
    stop: async () => {
      calls.push(`${name} stops`);
    },
  };
}

const rows: readonly [outcomes: readonly [Outcome, Outcome, Outcome], chosen: string][] = [
  [['works', 'works', 'works'], 'a'],
  [['no-chip', 'works', 'works'], 'b'],
  [['no-chip', 'no-chip', 'works'], 'c'],
  [['no-chip', 'no-chip', 'no-chip'], 'trouble: c!'],
  [['busy', 'works', 'works'], 'trouble: a!'],
  [['no-permission', 'works', 'works'], 'trouble: a!'],
  [['no-chip', 'wrong-pin', 'works'], 'trouble: b!'],
];

for (const [outcomes, chosen] of rows) {
  test(`${outcomes.join(', ')}: ${chosen}`, async () => {
    const calls: string[] = [];
    const drivers = outcomes.map((outcome, index) => driver('abc'[index] ?? '', outcome, calls));
    const auto = new AutoPanel(drivers, new Log(() => {}, new FakeClock()));
    const started = await auto.start(() => {});
    assert.equal(started.ok ? auto.name : `trouble: ${started.error.say}`, chosen);
    calls.length = 0;
    auto.show(new Map());
    await auto.stop();
    assert.deepEqual(calls, started.ok ? [`${chosen} shows`, `${chosen} stops`] : []);
  });
}
