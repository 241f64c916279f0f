/* Cursors of readers, through restores that go back in time. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { advanced, formatCursor, parseCursor, resume } from '#mail/arrivals/cursor';

const a = { id: 1, name: 'AA-_' };
const b = { id: 2, name: 'BBBB' };
const c = { id: 2, name: 'CCCC' };

/** What the reader's cursor says, which generations the store has, and where it goes on. */
const rows: readonly [string, string, (typeof a)[], number, number][] = [
  ['a new reader begins at the beginning', '', [a], 0, 0],
  ['goes on behind what was seen', 'AA-_.8w', [a], 1, 320],
  ['after a restore: all of the new time', 'AA-_.dw', [a, b], 1, 500],
  ['further in the new time', 'AA-_.dw~BBBB.8m', [a, b], 2, 310],
  ['restored again, to before that time', 'AA-_.dw~BBBB.8m', [a, c], 1, 500],
  ['and back to the time that was left', 'AA-_.dw~BBBB.8m~CCCC.1', [a, b], 2, 310],
  ['a cursor of another box', 'ZZZZ.zz', [a], 0, 0],
];

describe('a reader', () => {
  for (const [name, text, generations, generation, entry] of rows) {
    test(name, () => {
      const cursor = parseCursor(text);
      assert.ok(cursor);
      assert.equal(formatCursor(cursor), text);
      assert.deepEqual(resume(cursor, generations), { generation, entry });
    });
  }

  test('remembers the last sixteen restores', () => {
    let cursor = parseCursor('') ?? [];
    for (let number = 1; number <= 40; number += 1) {
      cursor = advanced(cursor, { generation: `g${number}`, entry: number });
      cursor = advanced(cursor, { generation: `g${number}`, entry: number + 1 });
    }
    assert.equal(cursor.length, 16);
    assert.deepEqual(cursor.at(-1), { generation: 'g40', entry: 41 });
    assert.deepEqual(parseCursor(formatCursor(cursor)), cursor);
  });

  for (const bad of ['x', '.1', 'a.', 'a.1~', 'a.1 ', "a.1'--", 'a.1~b', `${'a'.repeat(99)}.1`]) {
    test(`is refused with ${bad}`, () => assert.equal(parseCursor(bad), undefined));
  }
});
