/* The accounts' contract, kept in memory and in SQLite; and what only a disk can show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryAccountRecords } from '#mail/accounts/memory/memory-account-records';
import { MemoryFailedSignIns } from '#mail/accounts/memory/memory-failed-sign-ins';
import { SqliteAccountRecords } from '#mail/accounts/sqlite/sqlite-account-records';
import { SqliteFailedSignIns } from '#mail/accounts/sqlite/sqlite-failed-sign-ins';
import { FakeClock } from '../support/fake-clock.ts';
import { openStore } from '../support/stores.ts';
import { accountContract } from './accounts.ts';

accountContract('MemoryAccountRecords', async () => ({
  records: new MemoryAccountRecords(),
  failedSignIns: new MemoryFailedSignIns(),
  [Symbol.asyncDispose]: async () => {},
}));

accountContract('SqliteAccountRecords', async () => {
  const opened = await openStore();
  return {
    records: new SqliteAccountRecords(opened.store.database, new FakeClock()),
    failedSignIns: new SqliteFailedSignIns(opened.store.database),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});

test('an account in SQLite has an inbox that the store knows', async () => {
  await using opened = await openStore();
  const records = new SqliteAccountRecords(opened.store.database, new FakeClock());
  const added = await records.addAccount({
    name: 'ann',
    salt: Buffer.alloc(16),
    rounds: 15_000,
    created: 0,
    sealed: Buffer.alloc(93),
  });
  assert.ok(added.ok);
  const inbox = await opened.store.inbox(added.value.id);
  assert.ok(inbox.ok);
  assert.equal(inbox.value.mailbox, added.value.inbox);
  // The household checks names before; if it ever did not, that would be a bug and is thrown.
  await assert.rejects(records.addAccount({ ...added.value, sealed: Buffer.alloc(93) }));
  assert.equal((await records.load()).accounts.length, 1);
});
