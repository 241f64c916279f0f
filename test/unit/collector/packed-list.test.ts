/* A long list kept as pages of JSON, and the set of ids beside it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdSet } from '#collector/id-set';
import { PackedList } from '#collector/packed-list';

for (const length of [0, 1, 499, 500, 501, 1_000, 1_234]) {
  test(`${length} rows come back in order, as often as they are asked for`, () => {
    const rows = Array.from({ length }, (_, index) => {
      const text = index === 3 ? null : `"\\ \u0000 \u00ff ${'ü'.repeat(index % 80)}`;
      return [index * 9_007_199, text] as const;
    });
    const list = new PackedList<(typeof rows)[number]>();
    for (const row of rows) list.add(row);
    assert.deepEqual([...list], rows);
    assert.deepEqual([...list.pages()].flat(), rows);
    assert.ok([...list.pages()].every((page) => page.length > 0 && page.length <= 500));
  });
}

test('ids that were added more than once are told from those that were added once', () => {
  const ids = new IdSet();
  assert.ok(!ids.has('id0') && !ids.repeated().has('id0'));
  for (let number = 0; number < 5_000; number += 1) ids.add(`id${number}`);
  assert.ok(!ids.repeated().has('id7'));
  for (const id of ['id7', 'id4999', 'id7']) ids.add(id);
  const repeated = ids.repeated();
  assert.ok(repeated.has('id7') && repeated.has('id4999'));
  assert.ok(!repeated.has('id8') && !repeated.has('id5000'));
  assert.ok(ids.has('id7') && ids.has('id8') && !ids.has('id5000'));
});
