/* What every keeper of the owner's password does, in memory and in SQLite. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryOwnerRecords } from '#mail/owner/memory/memory-owner-records';
import type { OwnerRecord, OwnerRecords } from '#mail/owner/records';
import { SqliteOwnerRecords } from '#mail/owner/sqlite/sqlite-owner-records';
import { openStore } from '../support/stores.ts';

interface Kept extends AsyncDisposable {
  readonly records: OwnerRecords;
}

const adapters: Readonly<Record<string, () => Promise<Kept>>> = {
  MemoryOwnerRecords: async () => ({
    records: new MemoryOwnerRecords(),
    [Symbol.asyncDispose]: async () => {},
  }),
  SqliteOwnerRecords: async () => {
    const opened = await openStore();
    return {
      records: new SqliteOwnerRecords(opened.store.database),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  },
};

const record = (salt: string, changed: number): OwnerRecord => ({
  salt: Buffer.from(salt),
  rounds: 100_000,
  sealed: Buffer.from('sealed'),
  changed,
});

for (const [name, open] of Object.entries(adapters)) {
  test(`${name}: a new box has no owner`, async () => {
    await using kept = await open();
    assert.equal(await kept.records.load(), undefined);
  });

  test(`${name}: the last password is the one`, async () => {
    await using kept = await open();
    assert.ok((await kept.records.put(record('one', 1))).ok);
    assert.ok((await kept.records.put(record('two', 2))).ok);
    assert.deepEqual({ ...(await kept.records.load()) }, record('two', 2));
  });
}
