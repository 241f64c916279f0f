/* Receipt ids that the box knows again, and only those. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedForwardMark } from '#mail/forward-mark';
import { SeededRandom } from '../../support/seeded-random.ts';

const key = Buffer.alloc(32, 1);

test('an id is known again after a restart, and on no other box', () => {
  const id = new KeyedForwardMark(key, new SeededRandom('a')).make();
  assert.match(id, /^[0-9a-f]{16}$/);
  const again = new KeyedForwardMark(key, new SeededRandom('b'));
  assert.ok(again.isOurs(id));
  assert.ok(again.isOurs(id.toUpperCase()), 'a host on the way may change the case');
  const other = new KeyedForwardMark(Buffer.alloc(32, 2), new SeededRandom('a'));
  assert.ok(!other.isOurs(id));
});

test('what was not made here is not ours', () => {
  const mark = new KeyedForwardMark(key, new SeededRandom('a'));
  const id = mark.make();
  const changed = `${id.startsWith('0') ? '1' : '0'}${id.slice(1)}`;
  for (const text of ['', id.slice(0, 15), `${id}0`, changed, '0123456789abcdef', 'x']) {
    assert.ok(!mark.isOurs(text), text);
  }
});
