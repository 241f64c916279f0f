/* What every keeper of sources does, whatever it keeps them in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, SourceId } from '#mail/ids';
import type { SourceRecord, SourceRecords } from '#mail/sources/records';
import { take } from './store.ts';

export interface SourcesUnderTest extends AsyncDisposable {
  readonly records: SourceRecords;
  readonly account: AccountId;
}

export function sourceContract(name: string, open: () => Promise<SourcesUnderTest>): void {
  test(`${name}: sources come back as they were kept, by id`, async () => {
    await using kept = await open();
    const full = source('gmail', kept.account, {
      provider: 'gmail',
      secret: Buffer.from([0, 1, 255]),
      secretKind: 'password',
      ca: '-----BEGIN CERTIFICATE-----',
      folders: ['INBOX', 'Größe "a"/b'],
      since: { kind: 'days', days: 30 },
      keep: { kind: 'days', days: 7 },
      every: 60_000,
      addedAt: 1_800_000_000_000,
      paused: true,
      stopped: { code: 'sign-in', say: 'it refuses the password' },
    });
    const one = take(await kept.records.add(full));
    const now = { since: { kind: 'now' }, keep: { kind: 'days', days: 0 } } as const;
    const other = take(await kept.records.add(source('box', kept.account, now)));
    assert.deepEqual(one, { ...full, id: one.id });
    assert.ok(other.id > one.id);
    assert.deepEqual(await kept.records.load(), [one, other]);
  });

  test(`${name}: what is put takes the place of what was there, and removed ones stay`, async () => {
    await using kept = await open();
    const one = take(await kept.records.add(source('gmail', kept.account)));
    const other = take(await kept.records.add(source('gmx', kept.account)));
    const changed: SourceRecord = {
      ...one,
      name: 'google',
      protocol: 'imap',
      folders: ['INBOX'],
      secret: Buffer.from('tokens'),
      secretKind: 'oauth',
      stopped: { code: 'settings', say: 'no such folder' },
      since: { kind: 'days', days: 1 },
      removed: true,
    };
    take(await kept.records.put(changed));
    assert.deepEqual(await kept.records.load(), [changed, other]);
    take(await kept.records.put(one));
    assert.deepEqual(await kept.records.load(), [one, other]);
  });

  test(`${name}: one that is forgotten is gone, its name is free, and its id is not given again`, async () => {
    await using kept = await open();
    const one = take(await kept.records.add(source('gmail', kept.account)));
    take(await kept.records.forget(one.id));
    take(await kept.records.forget(one.id));
    assert.deepEqual(await kept.records.load(), []);
    take(await kept.records.put(one));
    const again = take(await kept.records.add(source('gmail', kept.account)));
    assert.ok(again.id > one.id);
    assert.deepEqual(await kept.records.load(), [again]);
  });

  test(`${name}: a name belongs to one source; one that is not there is not put`, async () => {
    await using kept = await open();
    const one = take(await kept.records.add(source('one', kept.account)));
    await assert.rejects(kept.records.add(source('one', kept.account)));
    take(await kept.records.put({ ...one, id: 99 as SourceId, name: 'ghost' }));
    assert.deepEqual(await kept.records.load(), [one]);
  });
}

export function source(
  name: string,
  account: AccountId,
  more: Partial<Omit<SourceRecord, 'id'>> = {},
): Omit<SourceRecord, 'id'> {
  return {
    ...{ name, account, provider: '', protocol: 'pop3', host: 'pop.a.example', port: 995 },
    ...{ security: 'tls', user: 'ann', folders: [], since: { kind: 'all' } },
    ...{ keep: { kind: 'forever' }, every: 300_000, addedAt: 0, paused: false, removed: false },
    ...more,
  };
}
