/* The sources' contract, kept in memory and in SQLite; and what only the database can promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqliteCollected } from '#mail/collected/sqlite/sqlite-collected';
import type { AccountId } from '#mail/ids';
import { MemorySourceRecords } from '#mail/sources/memory/memory-source-records';
import type { SourceRecord } from '#mail/sources/records';
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

test('in SQLite another --since, and being added again, have everything sorted once more', async () => {
  await using opened = await openStore();
  const { account } = await opened.account();
  const records = new SqliteSourceRecords(opened.store.database);
  const collected = new SqliteCollected(opened.store.database);
  const one = take(await records.add(source('gmail', account)));
  const other = take(await records.add(source('gmx', account)));
  const settled = async ({ id }: SourceRecord) =>
    take(await collected.folders(id)).map((folder) => folder.settled);
  for (const { id } of [one, other]) {
    const folder = take(await collected.folder(id, 'INBOX', '17'));
    take(await collected.settle(folder.id, { settled: 9, modseq: '5' }));
  }
  take(await records.put({ ...one, paused: true, keep: { kind: 'days', days: 3 } }));
  assert.deepEqual(await settled(one), [9]);
  take(await records.put({ ...one, since: { kind: 'now' } }));
  assert.deepEqual(await settled(one), [undefined]);
  assert.deepEqual(await settled(other), [9]);
  take(await records.put({ ...other, removed: true }));
  assert.deepEqual(await settled(other), [9]);
  take(await records.put(other));
  assert.deepEqual(await settled(other), [undefined]);
});
