/* The random part of unique-ids. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generationName } from '#mail/store/sqlite/database';

const drawn = (first: number) => ({ octets: (count: number) => Buffer.alloc(count, first) });

test('no unique-id begins as an option of a command does: restante mail message -kBz.1', () => {
  const names = Array.from({ length: 256 }, (_, octet) => generationName(drawn(octet)));
  assert.deepEqual(
    names.filter((name) => !/^[A-Za-z0-9_][A-Za-z0-9_-]{7}$/.test(name)),
    [],
  );
});
