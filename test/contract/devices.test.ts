/* The devices' contract, kept in memory and in SQLite; and what only the database can promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDeviceRecords } from '#mail/devices/memory/memory-device-records';
import { SqliteDeviceRecords } from '#mail/devices/sqlite/sqlite-device-records';
import type { AccountId } from '#mail/ids';
import { openStore } from '../support/stores.ts';
import { device, deviceContract } from './devices.ts';

deviceContract('MemoryDeviceRecords', async () => ({
  records: new MemoryDeviceRecords(),
  accounts: [1 as AccountId, 2 as AccountId],
  [Symbol.asyncDispose]: async () => {},
}));

deviceContract('SqliteDeviceRecords', async () => {
  const opened = await openStore();
  const [one, other] = [await opened.account(), await opened.account()];
  return {
    records: new SqliteDeviceRecords(opened.store.database),
    accounts: [one.account, other.account],
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});

test('in SQLite a device goes with its account, and an address is never two devices', async () => {
  await using opened = await openStore();
  const { account } = await opened.account();
  const records = new SqliteDeviceRecords(opened.store.database);
  await records.add(device('scanner', '192.168.1.40', account));
  // The rules are checked before; if they ever were not, that would be a bug and is thrown.
  await assert.rejects(records.add(device('printer', '192.168.1.40', account)));
  await opened.store.database.write((sql) =>
    sql.run('DELETE FROM account WHERE id = ?', [account]),
  );
  assert.deepEqual(await records.load(), []);
});
