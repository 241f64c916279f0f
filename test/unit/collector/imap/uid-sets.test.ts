/* Unique-ids of IMAP as numbers and as sets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UidSet, uidNumber, uidSets } from '#collector/imap/uid-sets';

const texts: readonly [string, number | undefined][] = [
  ['1', 1],
  ['4294967295', 4_294_967_295],
  ['4294967296', undefined],
  ['99999999999', undefined],
  ['0', undefined],
  ['01', undefined],
  ['', undefined],
  ['-1', undefined],
  ['1:2', undefined],
  ['*', undefined],
  [' 1', undefined],
  ['1e3', undefined],
];

for (const [text, number] of texts) {
  test(`'${text}' is ${number ?? 'no unique-id'}`, () => assert.equal(uidNumber(text), number));
}

const sets: readonly [readonly number[], string][] = [
  [[], ''],
  [[7], '7'],
  [[1, 2, 3], '1:3'],
  [[1, 3, 4, 9], '1,3:4,9'],
  [[4, 3, 2], '4,3,2'],
  [[1, 2, 1, 2], '1:2,1:2'],
];

for (const [uids, text] of sets) {
  test(`${JSON.stringify(uids)} is '${text}'`, () => {
    const set = new UidSet();
    for (const uid of uids) set.add(uid);
    assert.equal(set.text, text);
    assert.deepEqual(set.uids, uids);
    assert.ok(set.octets >= text.length && set.octets <= text.length + 1, `${set.octets}`);
  });
}

test('sets are cut by number and by length, and lose nothing', () => {
  const uids = Array.from({ length: 1000 }, (_, at) => 1_000_000_000 + 3 * at + (at % 2));
  for (const [count, octets] of [
    [10, 900],
    [1000, 900],
    [1000, 50],
  ] as const) {
    const cut = [...uidSets(uids, count, octets)];
    assert.deepEqual(
      cut.flatMap((set) => set.uids),
      uids,
    );
    for (const set of cut) {
      assert.ok(set.uids.length <= count);
      assert.ok(set.text.length <= octets + 22, `${set.text.length}`);
    }
  }
  assert.deepEqual([...uidSets([], 5, 900)], []);
});
