/* The kernel's randomness, in pieces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemRandom } from '#base/random';

test('every piece has its length, and none comes twice', () => {
  const random = new SystemRandom();
  const seen = new Set<string>();
  for (let count = 0; count < 3_000; count += 1) {
    const octets = random.octets(12);
    assert.equal(octets.length, 12);
    seen.add(octets.toString('hex'));
  }
  assert.equal(seen.size, 3_000);
});

test('pieces of any size are filled', () => {
  const random = new SystemRandom();
  for (const count of [0, 1, 511, 512, 513, 4_095, 4_096, 10_000]) {
    const octets = random.octets(count);
    assert.equal(octets.length, count);
    // 64 octets of zero in a row do not happen.
    assert.ok(!octets.includes(Buffer.alloc(64)));
  }
});
