/* A POP3 listing kept small: it gives back what was put in, and knows what is there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Listing } from '#collector/listing';
import type { Listed } from '#collector/upstream';

test('what was listed comes back in order, and is found', () => {
  const listing = new Listing();
  const all: Listed[] = Array.from({ length: 5_000 }, (_, index) => ({
    uid: index === 7 ? 'ü'.repeat(120) : `uid${index * 7}`,
    number: index + 1,
    octets: index * 1_000_000_007,
    ...(index === 9 ? { ambiguous: true } : {}),
  }));
  for (const listed of all) listing.add(listed);
  assert.deepEqual([...listing.pages()].flat(), all);
  assert.ok([...listing.pages()].every((page) => page.length <= 1_000));
  for (const listed of [all[0], all[7], all[4_999]]) {
    assert.deepEqual(listing.find(listed?.uid ?? ''), listed);
    assert.ok(listing.has(listed?.uid ?? ''));
    assert.ok(listing.hasDistinct(listed?.uid ?? '', listed?.octets ?? 0));
    assert.ok(!listing.hasDistinct(listed?.uid ?? '', 1));
    assert.ok(!listing.hasIndistinct(listed?.uid ?? ''));
  }
  assert.ok(listing.hasIndistinct('uid63') && !listing.hasDistinct('uid63', all[9]?.octets ?? 0));
  assert.equal(listing.find('uid63'), undefined);
  assert.ok(!listing.has('uid1'));
});

test('the fingerprint tells two listings apart', () => {
  const of = (...listed: readonly [string, number][]) => {
    const listing = new Listing();
    for (const [uid, octets] of listed) listing.add({ uid, number: 1, octets });
    return listing.fingerprint;
  };
  assert.equal(of(['a', 1], ['b', 2]), of(['a', 1], ['b', 2]));
  const all = [of(['a', 1]), of(['a', 2]), of(['a', 1], ['b', 2]), of(['b', 2], ['a', 1]), of()];
  assert.equal(new Set(all).size, all.length);
});
