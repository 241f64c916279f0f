/* The sources' contract, kept in memory and in SQLite; and what only the database can promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#mail/ids';
import { MemorySourceRecords } from '#mail/sources/memory/memory-source-records';
import { SqliteSourceRecords } from '#mail/sources/sqlite/sqlite-source-records';
import { openStore } from '../support/stores.ts';
import { source, sourceContract } from './sources.ts';
import { take } from './store.ts';

sourceContract('MemorySourceRecords', async () => ({
  records: new MemorySourceRecords(),
  account: 1 as AccountId,
  [Symbol.asyncDispose]: async () => {},
}));

sourceContract('SqliteSourceRecords', async () => {
  const opened = await openStore();
  return {
    records: new SqliteSourceRecords(opened.store.database),
    account: (await opened.account()).account,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});

test('in SQLite sources go with their account, and an id is never given twice', async () => {
  await using opened = await openStore();
  const [ann, bob] = [await opened.account(), await opened.account()];
  const records = new SqliteSourceRecords(opened.store.database);
  const hers = take(await records.add(source('hers', ann.account)));
  await opened.store.database.write((sql) =>
    sql.run('DELETE FROM account WHERE id = ?', [ann.account]),
  );
  assert.deepEqual(await records.load(), []);
  const his = take(await records.add(source('hers', bob.account)));
  assert.ok(his.id > hers.id);
});
