/* Which sources are looked into now, as a table. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plan, type Situation, type SourceView } from '#collector/plan';
import type { SourceId } from '#mail/ids';

const calm = {
  activity: 'rest',
  barred: false,
  asked: false,
  due: 0,
  earliest: 0,
  since: 0,
} as const;
const now: Situation = { now: 100, connections: 2, room: true };

const rows: readonly [string, Partial<SourceView>[], Partial<Situation>, string][] = [
  ['nobody', [], {}, 'wait'],
  ['due ones, as many as there are connections', [{}, {}, {}], {}, 'visit 1, visit 2, wait'],
  [
    'who has waited longest first',
    [{ due: 9 }, { due: 5 }, { due: 7 }],
    {},
    'visit 2, visit 3, wait',
  ],
  [
    'who is asked for before all',
    [{}, {}, { asked: true, due: 999 }],
    {},
    'visit 3, visit 1, wait',
  ],
  ['not before it is due', [{ due: 150 }, { due: 120 }], {}, 'wait 120'],
  ['not before its server wants it', [{ asked: true, earliest: 130 }], {}, 'wait 130'],
  ['barred ones never', [{ barred: true, asked: true }], {}, 'wait'],
  ['busy ones count', [{ activity: 'busy' }, {}, {}], {}, 'visit 2, wait'],
  ['one that stays counts', [{ activity: 'stays' }, {}], {}, 'visit 2, wait'],
  [
    'who stays gives way, who has stayed longest first',
    [{ activity: 'stays', since: 9 }, { activity: 'stays', since: 5 }, {}],
    {},
    'release 2, wait',
  ],
  ['busy ones do not give way', [{ activity: 'busy' }, { activity: 'busy' }, {}], {}, 'wait'],
  ['a barred one that stays goes', [{ activity: 'stays', barred: true }], {}, 'release 1, wait'],
  ['without room nobody', [{}, { activity: 'stays' }], { room: false }, 'release 2, wait'],
  ['fewer connections than before', [{ activity: 'busy' }, {}], { connections: 1 }, 'wait'],
];

for (const [what, sources, situation, steps] of rows) {
  test(what, () => {
    const views = sources.map((one, index) => ({ ...calm, id: (index + 1) as SourceId, ...one }));
    const told = plan(views, { ...now, ...situation }).map((step) => {
      const more = step.kind === 'wait' ? step.until : step.source;
      return more === undefined ? step.kind : `${step.kind} ${more}`;
    });
    assert.equal(told.join(', '), steps);
  });
}
