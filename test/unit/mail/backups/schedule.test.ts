/* When backups are made and told of, and what they are called. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backupName, ownBackups, ownPartials, ownSuspects, suspectName } from '#mail/backups/names';
import { isOverdue, nextStep, type Standing, tellsFailed, tellsWell } from '#mail/backups/schedule';

const [hour, day] = [3_600_000, 86_400_000];
const now = Date.UTC(2026, 10, 26, 15, 30);
const set: Standing = { passphrase: 'set', last: 'well' };
const daily = { to: '/media/usb', every: day };

const rows: readonly [string, typeof daily, Standing, boolean, string | number][] = [
  ['no folder', { ...daily, to: '' }, set, true, 'off'],
  ['never', { ...daily, every: 0 }, set, true, 'off'],
  ['no passphrase', daily, { ...set, passphrase: 'missing' }, true, 'needs-passphrase'],
  ['another device key', daily, { ...set, passphrase: 'unreadable' }, true, 'needs-passphrase'],
  ['a clock in 1970', daily, set, false, 'needs-clock'],
  ['the first', daily, set, true, 'now'],
  ['one was made an hour ago', daily, { ...set, wellAt: now - hour }, true, now - hour + day],
  ['the box was off for a week', daily, { ...set, wellAt: now - 7 * day }, true, 'now'],
  ['the clock was set back', daily, { ...set, wellAt: now + 9 * day }, true, 'now'],
  [
    'a failure half an hour ago',
    daily,
    { ...set, wellAt: now - 2 * day, triedAt: now - hour / 2, last: 'failed' },
    true,
    now + hour / 2,
  ],
  [
    'a failure of a wrong clock',
    daily,
    { ...set, wellAt: now - 2 * day, triedAt: now + day, last: 'failed' },
    true,
    'now',
  ],
  [
    'the disk was missing a minute ago',
    daily,
    { ...set, triedAt: now - 60_000, last: 'missing' },
    true,
    now + 540_000,
  ],
  [
    'the box died of the last one',
    daily,
    { ...set, triedAt: now, last: 'failed' },
    true,
    now + hour,
  ],
];

describe('the next backup', () => {
  for (const [name, terms, standing, sane, expected] of rows) {
    test(name, () => {
      const step = nextStep(terms, standing, now, sane);
      assert.equal(step.kind === 'wait' ? step.until : step.kind, expected);
    });
  }
});

test('all is well is told weekly, and when it was not before', () => {
  assert.ok(tellsWell({}, now));
  assert.ok(!tellsWell({ toldWellAt: now - 6 * day }, now));
  assert.ok(tellsWell({ toldWellAt: now - 7 * day }, now));
  assert.ok(tellsWell({ toldWellAt: now - 2 * day, toldFailedAt: now - day }, now));
  assert.ok(!tellsWell({ toldWellAt: now - day, toldFailedAt: now - 2 * day }, now));
  assert.ok(tellsFailed(undefined, now));
  assert.ok(!tellsFailed(now - hour, now));
  assert.ok(tellsFailed(now - day, now));
  assert.ok(!isOverdue(now - day, undefined, day, now));
  assert.ok(isOverdue(now - 2 * day, undefined, day, now));
  assert.ok(isOverdue(undefined, now - 2 * day, day, now));
});

test('a box knows its own backups, and no other file is its own', () => {
  const own = [
    backupName('7f3a2c', now, 1),
    backupName('7f3a2c', now, 2),
    backupName('7f3a2c', now, 11),
    backupName('7f3a2c', now + day, 1),
  ];
  assert.equal(own[0], 'restante-7f3a2c-2026-11-26-1530.backup');
  const others = [
    backupName('aaaaaa', now, 1),
    'restante-7f3a2c-2026-11-26-1530.backup.txt',
    'my restante-7f3a2c-2026-11-26-1530.backup',
    'restante-7f3a2c-holiday.backup',
    '.restante-aaaaaa-2026-11-26-1530.backup.partial',
    'photo.jpg',
  ];
  const partial = `.${own[0]}.partial`;
  const suspect = suspectName(own[1] ?? '');
  const all = [...others, ...own, partial, suspect];
  assert.deepEqual(ownBackups('7f3a2c', all), [own[3], own[2], own[1], own[0]]);
  assert.deepEqual(ownPartials('7f3a2c', all), [partial]);
  assert.deepEqual(ownSuspects('7f3a2c', all), [suspect]);
});
