/* The uplinks' contract, kept in memory and in SQLite; and what only the database can promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryUplinkRecords } from '#mail/uplinks/memory/memory-uplink-records';
import { SqliteUplinkRecords } from '#mail/uplinks/sqlite/sqlite-uplink-records';
import { openStore } from '../support/stores.ts';
import { uplink, uplinkContract } from './uplinks.ts';

uplinkContract('MemoryUplinkRecords', async () => ({
  records: new MemoryUplinkRecords(),
  [Symbol.asyncDispose]: async () => {},
}));

uplinkContract('SqliteUplinkRecords', async () => {
  const opened = await openStore();
  return {
    records: new SqliteUplinkRecords(opened.store.database),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});

test('in SQLite a name and an address belong to one uplink, or nothing is written', async () => {
  await using opened = await openStore();
  const records = new SqliteUplinkRecords(opened.store.database);
  await records.add(uplink('one', { isDefault: true, addresses: ['ann@a.example'] }));
  // The rules are checked before; if they ever were not, that would be a bug and is thrown.
  await assert.rejects(records.add(uplink('one', { isDefault: true })));
  const same = uplink('two', { isDefault: true, addresses: ['b@a.example', 'ANN@A.example'] });
  await assert.rejects(records.add(same));
  const kept = await records.load();
  assert.deepEqual(
    kept.map(({ name, isDefault, addresses }) => [name, isDefault, addresses]),
    [['one', true, ['ann@a.example']]],
  );
});
