/* Which state shows which pattern, as a table; and the storm that makes a box degraded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log } from '#base/log';
import type { BoxState, QueueState } from '#panel/box-state';
import { lamps, sameLamps, subjectOf } from '#panel/lamps';
import { litAt, meanings, nextTurn, rhythms } from '#panel/patterns';
import { Storm } from '#panel/storm';
import { FakeClock } from '../../support/fake-clock.ts';

const now = Date.UTC(2026, 10, 23);

const calm: QueueState = { waiting: 0, busy: false, held: false, refused: false };

function state(queue: Partial<QueueState> = {}, rest: Partial<BoxState> = {}): BoxState {
  return { health: 'well', unretrieved: new Map(), queue: { ...calm, ...queue }, ...rest };
}

const queueRows: readonly [string, Partial<QueueState>, string][] = [
  ['nothing waits', {}, 'off'],
  ['one waits', { waiting: 1 }, 'on'],
  ['sending', { waiting: 1, busy: true }, 'slow'],
  ['a flush of nothing', { busy: true }, 'slow'],
  ['on hold with mail', { waiting: 3, held: true }, 'pulse'],
  ['on hold without', { held: true }, 'pulse'],
  ['a flush while on hold', { held: true, busy: true }, 'slow'],
  ['an uplink refuses', { waiting: 1, refused: true }, 'fast'],
  ['an uplink refuses, nothing waits', { refused: true }, 'fast'],
  ['refused beats hold', { refused: true, held: true }, 'fast'],
  ['busy beats refused: the press was seen', { refused: true, busy: true }, 'slow'],
  ['a sign-in ends some day', { urgentFrom: now + 1 }, 'off'],
  ['a sign-in ends soon', { urgentFrom: now }, 'fast'],
];

for (const [name, queue, pattern] of queueRows) {
  test(`queue, ${name}: ${pattern}`, () => {
    assert.equal(lamps(state(queue), [], now).lamps.get('queue'), pattern);
  });
}

const statusRows: readonly [string, Partial<BoxState>, string][] = [
  ['starting', { health: 'starting' }, 'slow'],
  ['well', {}, 'on'],
  ['degraded', { health: 'degraded' }, 'pulse'],
  ['needs a person', { health: 'needy' }, 'fast'],
  ['a storm', { stormUntil: now + 1 }, 'pulse'],
  ['after the storm', { stormUntil: now }, 'on'],
  ['a storm hides no need', { health: 'needy', stormUntil: now + 1 }, 'fast'],
  ['a storm while starting', { health: 'starting', stormUntil: now + 1 }, 'slow'],
];

for (const [name, rest, pattern] of statusRows) {
  test(`status, ${name}: ${pattern}`, () => {
    assert.equal(lamps(state({}, rest), [], now).lamps.get('status'), pattern);
  });
}

test('mail is lit for all, and for each account that has a lamp', () => {
  const unretrieved = new Map([
    ['ann', 2],
    ['bob', 0],
  ]);
  const shown = lamps(state({}, { unretrieved }), ['ann', 'bob'], now).lamps;
  assert.deepEqual(Object.fromEntries(shown), {
    mail: 'on',
    'mail.ann': 'on',
    'mail.bob': 'off',
    queue: 'off',
    status: 'on',
  });
  const none = lamps(state({}, { unretrieved: new Map([['bob', 0]]) }), [], now);
  assert.equal(none.lamps.get('mail'), 'off');
  assert.equal(none.because.get('mail'), meanings.mail.none);
});

test('a lamp finds its account however its name is written', () => {
  const unretrieved = new Map([['ann', 1]]);
  assert.equal(lamps(state({}, { unretrieved }), ['Ann'], now).lamps.get('mail.Ann'), 'on');
});

test('a lamp of an account that does not exist says so', () => {
  const shown = lamps(state({}, { unretrieved: new Map([['ann', 1]]) }), ['zoe'], now);
  assert.equal(shown.because.get('mail.zoe'), meanings.mail.nobody);
  assert.equal(shown.lamps.get('mail.zoe'), 'pulse');
});

test('it says when to look again, and only when time alone changes something', () => {
  assert.equal(lamps(state(), [], now).until, undefined);
  assert.equal(lamps(state({ urgentFrom: now }), [], now).until, undefined);
  const later = state({ urgentFrom: now + 50 }, { stormUntil: now + 20 });
  assert.equal(lamps(later, [], now).until, now + 20);
  assert.equal(lamps(later, [], now + 20).until, now + 50);
});

test('names of lamps', () => {
  assert.deepEqual(
    ['mail', 'mail.ann', 'mail.', 'queue', 'status', 'flush', 'queue.x'].map(subjectOf),
    ['mail', 'mail', undefined, 'queue', 'status', undefined, undefined],
  );
});

test('two panels that look the same', () => {
  const one = new Map([['mail', 'on']] as const);
  assert.ok(sameLamps(one, new Map([['mail', 'on']])));
  assert.ok(!sameLamps(one, new Map([['mail', 'off']])));
  assert.ok(!sameLamps(one, new Map([['queue', 'on']])));
  assert.ok(!sameLamps(one, new Map()));
});

test('a rhythm turns exactly when it says so', () => {
  for (const pattern of Object.keys(rhythms) as (keyof typeof rhythms)[]) {
    let at = 0;
    for (let turns = 0; turns < 10; turns += 1) {
      const wait = nextTurn(pattern, at);
      if (wait === undefined) {
        assert.ok(pattern === 'on' || pattern === 'off');
        assert.equal(litAt(pattern, 1e6), pattern === 'on');
        break;
      }
      assert.equal(litAt(pattern, at + wait - 1), litAt(pattern, at), `${pattern} at ${at}`);
      assert.notEqual(litAt(pattern, at + wait), litAt(pattern, at), `${pattern} at ${at}`);
      at += wait;
    }
  }
});

test('the patterns of one lamp can be told apart', () => {
  for (const row of Object.values(meanings)) {
    const patterns = Object.values(row).map(({ pattern }) => pattern);
    assert.equal(new Set(patterns).size, patterns.length);
  }
});

test('a storm: twenty troubles in a minute, over five minutes after the last', () => {
  const clock = new FakeClock(now);
  let began = 0;
  const storm = new Storm(clock, () => {
    began += 1;
  });
  const log = new Log(storm.sink, clock);
  for (let count = 0; count < 100; count += 1) log.info('All is well');
  for (let count = 0; count < 100; count += 1) log.of('panel').warn('It blinks');
  for (let count = 0; count < 40; count += 1) {
    log.warn('A trouble now and then');
    clock.advance(4_000);
  }
  assert.equal(storm.until, undefined);
  for (let count = 0; count < 25; count += 1) log.error('Trouble');
  assert.equal(began, 1);
  assert.equal(storm.until, clock.now() + 300_000);
  clock.advance(299_999);
  assert.notEqual(storm.until, undefined);
  clock.advance(1);
  assert.equal(storm.until, undefined);
});

test('while set-up is open the mail lamp says so, whatever mail there is', () => {
  const shown = lamps(state({}, { setUp: true, unretrieved: new Map([['ann', 1]]) }), ['ann'], now);
  assert.equal(shown.lamps.get('mail'), 'slow');
  assert.equal(shown.lamps.get('mail.ann'), 'on');
  assert.match(shown.because.get('mail')?.say ?? '', /^Set-up is open/);
});
