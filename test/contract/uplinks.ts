/* What every keeper of uplinks does, whatever it keeps them in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '#base/result';
import type { UplinkId } from '#mail/ids';
import type { UplinkRecord, UplinkRecords } from '#mail/uplinks/records';

export interface UplinksUnderTest extends AsyncDisposable {
  readonly records: UplinkRecords;
}

export function uplinkContract(name: string, open: () => Promise<UplinksUnderTest>): void {
  test(`${name}: uplinks come back as they were kept, by id`, async () => {
    await using kept = await open();
    const full = uplink('gmail', {
      provider: 'gmail',
      user: 'ann@gmail.com',
      secret: Buffer.from([0, 1, 255]),
      secretKind: 'password',
      ca: '-----BEGIN CERTIFICATE-----',
      addresses: ['Ann@gmail.com', 'zoe@gmail.com'],
      quota: { until: 1_800_000_000_000, say: 'enough' },
    });
    const one = good(await kept.records.add(full));
    const other = good(await kept.records.add(uplink('box', { security: 'none', port: 25 })));
    assert.deepEqual(one, { ...full, id: one.id });
    assert.ok(other.id > one.id);
    assert.deepEqual(await kept.records.load(), [one, other]);
  });

  test(`${name}: what is put takes the place of what was there`, async () => {
    await using kept = await open();
    const one = good(await kept.records.add(uplink('gmail', { addresses: ['a@a.example'] })));
    const other = good(await kept.records.add(uplink('gmx', { addresses: ['b@a.example'] })));
    const { quota: _none, ...rest } = one;
    const changed: UplinkRecord = {
      ...rest,
      user: 'ann',
      secret: Buffer.from('tokens'),
      secretKind: 'oauth',
      addresses: ['c@a.example', 'd@a.example'],
      quota: { until: 5, say: 'full' },
    };
    good(await kept.records.put(changed));
    assert.deepEqual(await kept.records.load(), [changed, other]);
    good(await kept.records.put(one));
    assert.deepEqual(await kept.records.load(), [one, other]);
  });

  test(`${name}: at most one is the default`, async () => {
    await using kept = await open();
    const one = good(await kept.records.add(uplink('one', { isDefault: true })));
    const two = good(await kept.records.add(uplink('two', { isDefault: true })));
    const defaults = async () =>
      (await kept.records.load()).flatMap((record) => (record.isDefault ? record.name : []));
    assert.deepEqual(await defaults(), ['two']);
    good(await kept.records.put({ ...one, isDefault: true }));
    assert.deepEqual(await defaults(), ['one']);
    good(await kept.records.put({ ...two, isDefault: false }));
    assert.deepEqual(await defaults(), ['one']);
  });

  test(`${name}: a removed uplink is gone with its id, and its addresses are free`, async () => {
    await using kept = await open();
    const one = good(await kept.records.add(uplink('one', { addresses: ['a@a.example'] })));
    good(await kept.records.remove(one.id));
    good(await kept.records.remove(99 as UplinkId));
    good(await kept.records.put(one));
    assert.deepEqual(await kept.records.load(), []);
    const next = good(await kept.records.add(uplink('one', { addresses: ['a@a.example'] })));
    assert.ok(next.id > one.id, 'an id is never given twice: mail may still wait for it');
  });
}

export function uplink(
  name: string,
  more: Partial<Omit<UplinkRecord, 'id'>> = {},
): Omit<UplinkRecord, 'id'> {
  const host = 'smtp.a.example';
  return {
    ...{ name, provider: '', host, port: 465, security: 'tls', connections: 2 },
    ...{ isDefault: false, addresses: [] },
    ...more,
  };
}

function good<T>(result: Result<T, unknown>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}
