/* What every keeper of devices does, whatever it keeps them in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '#base/result';
import type { DeviceRecord, DeviceRecords } from '#mail/devices/records';
import type { AccountId } from '#mail/ids';

export interface DevicesUnderTest extends AsyncDisposable {
  readonly records: DeviceRecords;
  /** Two accounts that exist. */
  readonly accounts: readonly [AccountId, AccountId];
}

export function deviceContract(name: string, open: () => Promise<DevicesUnderTest>): void {
  test(`${name}: devices come back as they were kept, by name`, async () => {
    await using kept = await open();
    const [ann, bob] = kept.accounts;
    const scanner = device('scanner', '192.168.1.40', ann, { from: 'scan@a.example' });
    const camera = device('camera', 'fd00::1', bob, { oldTls: true, perHour: 7 });
    good(await kept.records.add(scanner));
    good(await kept.records.add(camera));
    assert.deepEqual(await kept.records.load(), [camera, scanner]);
  });

  test(`${name}: a removed device is gone, the others stay`, async () => {
    await using kept = await open();
    const [ann] = kept.accounts;
    const [scanner, printer] = [
      device('scanner', '192.168.1.40', ann),
      device('printer', '192.168.1.41', ann),
    ];
    good(await kept.records.add(scanner));
    good(await kept.records.add(printer));
    good(await kept.records.remove('scanner'));
    good(await kept.records.remove('never there'));
    assert.deepEqual(await kept.records.load(), [printer]);
    good(await kept.records.add({ ...scanner, oldTls: true }));
    assert.equal((await kept.records.load()).length, 2);
  });
}

export function device(
  name: string,
  address: string,
  account: AccountId,
  more: Partial<DeviceRecord> = {},
): DeviceRecord {
  return { name, address, account, oldTls: false, perHour: 100, ...more };
}

function good(result: Result<unknown, unknown>): void {
  assert.ok(result.ok, JSON.stringify(result));
}
