import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from '#base/turns';

test('a job begins when the one before it has ended', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const one = turns.take(async () => {
    seen.push('one begins');
    await first.promise;
    seen.push('one ends');
    return 1;
  });
  const two = turns.take(async () => {
    seen.push('two begins');
    return 2;
  });
  await Promise.resolve();
  assert.deepEqual(seen, ['one begins']);
  first.resolve();
  assert.deepEqual(await Promise.all([one, two]), [1, 2]);
  assert.deepEqual(seen, ['one begins', 'one ends', 'two begins']);
});

test('a job that fails is told so, and the next has its turn', async () => {
  const turns = new Turns();
  const bad = turns.take(() => Promise.reject(new Error('no')));
  const good = turns.take(async () => 'yes');
  await assert.rejects(bad, /no/);
  assert.equal(await good, 'yes');
});
