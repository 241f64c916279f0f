/* When it is tried again: tables over attempts and ages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTry, type ScheduleTerms } from '#mail/queue/schedule';
import { table } from '#settings/table';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const terms: ScheduleTerms = {
  retries: table['queue.retries'].preset.appliance.map((seconds) => seconds * 1000),
  delayNotice: table['queue.delayNotice'].preset.appliance * 1000,
  giveUp: table['queue.giveUp'].preset.appliance * 1000,
};
const young = { age: 0, delayTold: false };

test('the waits are 1, 5, 15, 30 minutes, 1 and 2 hours, then every 4 hours', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((attempts) => {
    const next = nextTry(terms, { ...young, attempts }, 0.5);
    return next.kind === 'again' ? next.wait / minute : undefined;
  });
  assert.deepEqual(waits, [1, 5, 15, 30, 60, 120, 240, 240, 240]);
});

test('a wait is spread by a tenth to both sides', () => {
  const waits = [0, 0.25, 1].map((chance) => nextTry(terms, { ...young, attempts: 5 }, chance));
  const again = { kind: 'again', tellDelay: false };
  assert.deepEqual(waits, [
    { ...again, wait: 54 * minute },
    { ...again, wait: 57 * minute },
    { ...again, wait: 66 * minute },
  ]);
});

const ages: readonly [what: string, number | undefined, boolean, ScheduleTerms, string][] = [
  ['a new message', 0, false, terms, 'again'],
  ['just before the notice', 4 * hour - 1, false, terms, 'again'],
  ['the sender is told', 4 * hour, false, terms, 'tell'],
  ['the sender has been told', 30 * hour, true, terms, 'again'],
  ['a notice that came too late is made up for', 4 * day, false, terms, 'tell'],
  ['just before giving up', 5 * day - 1, true, terms, 'again'],
  ['given up', 5 * day, true, terms, 'give-up'],
  ['given up untold', 9 * day, false, terms, 'give-up'],
  ['the clock is not to be trusted', undefined, false, terms, 'again'],
  ['delay notices are turned off', 4 * day, false, { ...terms, delayNotice: 0 }, 'again'],
  ['given up sooner by a setting', hour, false, { ...terms, giveUp: hour }, 'give-up'],
];

for (const [what, age, delayTold, rules, expected] of ages) {
  test(`${what}: ${expected}`, () => {
    const next = nextTry(rules, { attempts: 9, age, delayTold }, 0.5);
    const came = next.kind === 'again' && next.tellDelay ? 'tell' : next.kind;
    assert.equal(came, expected);
  });
}
