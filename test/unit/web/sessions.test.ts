/* Sessions end in time, are few, and take what hangs on them with them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestRest, longestSession, Sessions } from '#web/sessions';
import { FakeClock } from '../../support/fake-clock.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

function bench() {
  const clock = new FakeClock();
  return { clock, sessions: new Sessions(clock, new SeededRandom()) };
}

test('a key of 256 bits opens, another does not', () => {
  const { sessions } = bench();
  const key = sessions.open();
  assert.equal(Buffer.from(key, 'base64url').length, 32);
  assert.ok(sessions.see(key));
  assert.ok(!sessions.see(`${key.slice(1)}A`));
  assert.ok(!sessions.see(''));
});

test('half an hour of rest ends it, and being seen puts that off', () => {
  const { clock, sessions } = bench();
  const key = sessions.open();
  clock.advance(longestRest - 1);
  assert.ok(sessions.see(key));
  clock.advance(longestRest - 1);
  assert.ok(sessions.see(key));
  clock.advance(longestRest);
  assert.ok(!sessions.see(key));
});

test('twelve hours end it, however often it is seen', () => {
  const { clock, sessions } = bench();
  const key = sessions.open();
  let seen = 0;
  for (; sessions.see(key); seen += 1) clock.advance(60_000);
  assert.equal(seen * 60_000, longestSession);
});

test('what hangs on a session ends with it, though nobody asks', () => {
  const { clock, sessions } = bench();
  const [rests, leaves, stays] = [sessions.open(), sessions.open(), sessions.open()];
  const ended: string[] = [];
  sessions.whenEnded(rests, () => ended.push('rests'));
  sessions.whenEnded(leaves, () => ended.push('leaves'));
  sessions.whenEnded(stays, () => ended.push('stays'))[Symbol.dispose]();
  sessions.end(leaves);
  assert.deepEqual(ended, ['leaves']);
  clock.advance(longestRest);
  assert.deepEqual(ended, ['leaves', 'rests']);
  sessions.whenEnded(rests, () => ended.push('late'));
  assert.deepEqual(ended, ['leaves', 'rests', 'late']);
});

test('an open web socket keeps it from resting, and no longer than twelve hours', () => {
  const { clock, sessions } = bench();
  const [works, leaves] = [sessions.open(), sessions.open()];
  const [first, second] = [sessions.hold(works), sessions.hold(leaves)];
  clock.advance(longestRest * 3);
  second[Symbol.dispose]();
  clock.advance(longestRest - 1);
  assert.equal(sessions.size, 2);
  clock.advance(1);
  assert.equal(sessions.size, 1);
  clock.advance(longestSession - longestRest * 4);
  assert.equal(sessions.size, 0);
  first[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});

test('10,000 sessions are 32, and the last one is among them', () => {
  const { clock, sessions } = bench();
  let [first, last] = ['', ''];
  let ended = 0;
  for (let count = 0; count < 10_000; count += 1) {
    last = sessions.open();
    if (count === 0) first = last;
    sessions.whenEnded(last, () => {
      ended += 1;
    });
  }
  assert.equal(sessions.size, 32);
  assert.equal(ended, 10_000 - 32);
  assert.ok(sessions.see(last));
  assert.ok(!sessions.see(first));
  assert.equal(clock.waiting, 1);
  sessions.endAll();
  assert.equal(sessions.size, 0);
  assert.equal(clock.waiting, 0);
});
