/* Passwords kept for a second try: once, for ten minutes, and for nobody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemRandom } from '#base/random';
import { keptFor, TypedPasswords } from '#box/typed-passwords';
import { FakeClock } from '../../support/fake-clock.ts';

const ann = { account: 'ann', user: 'ann@example.org' };

function bench() {
  const clock = new FakeClock();
  return { clock, typed: new TypedPasswords(clock, new SystemRandom()) };
}

function taken(typed: TypedPasswords, key: string, by = ann): string | undefined {
  const found = typed.take(key, by);
  return found.ok ? found.value : undefined;
}

test('is taken once', () => {
  const { clock, typed } = bench();
  const key = typed.keep(ann, 'tuna');
  assert.match(key, /^[\w-]{32}$/);
  assert.equal(taken(typed, key), 'tuna');
  assert.equal(taken(typed, key), undefined);
  assert.equal(clock.waiting, 0);
});

test('is gone after ten minutes, and says what to do', () => {
  const { clock, typed } = bench();
  const key = typed.keep(ann, 'tuna');
  clock.advance(keptFor - 1);
  assert.equal(taken(typed, typed.keep(ann, 'later')), 'later');
  clock.advance(1);
  const late = typed.take(key, ann);
  assert.ok(!late.ok && /type it once more/.test(late.error.say));
});

test('is for nobody else, and lost when somebody else asks', () => {
  const { typed } = bench();
  for (const other of [
    { ...ann, account: 'bob' },
    { ...ann, user: 'eve@example.com' },
  ]) {
    const key = typed.keep(ann, 'tuna');
    assert.equal(taken(typed, key, other), undefined);
    assert.equal(taken(typed, key), undefined);
  }
});

test('of many, the last eight are kept', () => {
  const { clock, typed } = bench();
  const keys = Array.from({ length: 100 }, (_, index) => typed.keep(ann, `${index}`));
  assert.equal(clock.waiting, 8);
  const kept = keys.map((key) => taken(typed, key)).filter((one) => one !== undefined);
  assert.deepEqual(kept, ['92', '93', '94', '95', '96', '97', '98', '99']);
});
