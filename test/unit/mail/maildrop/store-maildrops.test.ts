/* The maildrop over a store: a view that stands still, reads ahead, and a lock that counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '#base/result';
import type { MessageId, Uid } from '#mail/ids';
import type { Maildrop, MaildropHolder } from '#mail/maildrop';
import { abandonedAfter } from '#mail/maildrop/locks';
import { StoreMaildrops } from '#mail/maildrop/store-maildrops';
import type { ChunkReference } from '#mail/store/store';
import { House } from '../../../support/house.ts';

async function houseWith(count: number, message = (i: number) => `Subject: ${i}\r\n\r\n`) {
  const house = new House();
  await house.given('account ann', undefined);
  for (let i = 0; i < count; i++) await house.given('ann has the message', message(i));
  const reads: (readonly ChunkReference[])[] = [];
  const read = house.store.read.bind(house.store);
  house.store.read = (chunks) => {
    reads.push(chunks);
    return read(chunks);
  };
  const { store, clock } = house;
  const notes: { messages: readonly MessageId[]; say: string }[] = [];
  const history = {
    note: (messages: readonly MessageId[], say: string) => void notes.push({ messages, say }),
  };
  const maildrops = new StoreMaildrops(store, history, clock, () => ({ lockWait: 5000 }));
  return { house, maildrops, reads, notes };
}

function holder(house: House, password = 'main'): MaildropHolder {
  const { account } = house.accounts.member('ann');
  const identity = { account, login: 'ann', password };
  return { session: 's', address: '::1', identity, protocol: 'POP3', dispossessed() {} };
}

function value<T>(result: Result<T>): T {
  assert.ok(result.ok);
  return result.value;
}

async function beginning(maildrop: Maildrop, index: number): Promise<string> {
  return value(await maildrop.read(index)).beginning.toString();
}

test('mail that arrives later is not seen', async () => {
  const { house, maildrops } = await houseWith(2);
  const maildrop = value(await maildrops.open(holder(house)));
  await house.given('ann has 1 message', undefined);
  assert.equal(maildrop.messages, 2);
  assert.equal(value(await maildrop.listing()).length, 2);
});

test('when numbers would slide, nothing is listed, read or deleted', async () => {
  const { house, maildrops } = await houseWith(3);
  const maildrop = value(await maildrops.open(holder(house)));
  const { inbox } = house.accounts.member('ann');
  const listing = value(await house.memory.listing(inbox, 99 as Uid));
  await house.memory.expunge(inbox, [listing.entries[0] as never], () => true);
  for (const result of [
    await maildrop.listing(),
    await maildrop.read(0),
    await maildrop.update([0]),
  ]) {
    assert.equal(!result.ok && result.error.code, 'changed');
  }
  assert.equal(house.messages('ann').length, 2);
});

test('a session that lost the lock deletes nothing, not even in the commit', async () => {
  const { house, maildrops } = await houseWith(2);
  const old = value(await maildrops.open(holder(house)));
  await old.listing();
  old.resting();
  house.clock.advance(abandonedAfter);
  const fresh = value(await maildrops.open(holder(house)));
  assert.equal((await old.update([0, 1])).ok, false);
  old.release();
  assert.equal(house.messages('ann').length, 2);
  assert.equal((await fresh.update([0])).ok, true);
  assert.equal(house.messages('ann').length, 1);
});

test('in order, many messages come with one read, each with its own octets', async () => {
  const { house, maildrops, reads } = await houseWith(100);
  const maildrop = value(await maildrops.open(holder(house)));
  for (let i = 0; i < 100; i++) {
    assert.equal(await beginning(maildrop, i), `Subject: ${i}\r\n\r\n`);
  }
  assert.ok(reads.length <= 8, `${reads.length} reads`);
  assert.equal(new Set(reads.flat().map(({ message }) => message)).size, 100);
  assert.equal(reads.flat().length, 100, 'nothing is read twice');
});

test('out of order, nothing is read ahead', async () => {
  const { house, maildrops, reads } = await houseWith(50);
  const maildrop = value(await maildrops.open(holder(house)));
  for (const i of [40, 7, 30, 3, 20]) {
    assert.equal(await beginning(maildrop, i), `Subject: ${i}\r\n\r\n`);
  }
  assert.deepEqual(
    reads.map((chunks) => chunks.length),
    [1, 1, 1, 1, 1],
  );
});

test('any order of reads gives each message its own octets', async () => {
  const { house, maildrops } = await houseWith(60, (i) => `${i}`.repeat((i % 7) * 5000));
  const maildrop = value(await maildrops.open(holder(house)));
  for (let i = 0; i < 400; i++) {
    const run = i % 20 < 12;
    const index = run ? (Math.trunc(i / 20) * 3 + (i % 20)) % 60 : (house.random.octets(1)[0] ?? 0);
    const kept = house.messages('ann')[index % 60]?.octets.toString() ?? '';
    assert.equal(await beginning(maildrop, index % 60), kept === '' ? '' : `${kept}\r\n`);
  }
});

test('what is read ahead at a time is bounded', async () => {
  const { house, maildrops, reads } = await houseWith(20, () => 'x'.repeat(60_000));
  const maildrop = value(await maildrops.open(holder(house)));
  for (let i = 0; i < 20; i++) await maildrop.read(i);
  assert.ok(Math.max(...reads.map((chunks) => chunks.length)) <= 4);
});

test('however long a client takes, no more than two batches and a bit lie read ahead', async () => {
  const { house, maildrops, reads } = await houseWith(400, () => 'x'.repeat(10_000));
  const maildrop = value(await maildrops.open(holder(house)));
  for (let i = 0; i < 300; i++) {
    await maildrop.read(i);
    // What was asked for has all the time to come.
    await new Promise((resolve) => setImmediate(resolve));
    const ahead = reads.flat().length - i - 1;
    assert.ok(ahead <= 3 * 26, `${ahead} ahead of message ${i}`);
  }
  assert.ok(reads.length <= 24, `${reads.length} reads`);
});

test('one damaged message does not spoil those around it', async () => {
  const { house, maildrops } = await houseWith(10);
  const read = house.store.read.bind(house.store);
  const bad = value(await house.memory.listing(house.accounts.member('ann').inbox, 99 as Uid));
  house.store.read = async (chunks) => {
    const found = await read(chunks);
    if (!found.ok) return found;
    const damaged = bad.messages[4];
    const value = found.value.map((octets, i) =>
      chunks[i]?.message === damaged ? octets.subarray(1) : octets,
    );
    return { ok: true, value };
  };
  const maildrop = value(await maildrops.open(holder(house)));
  for (let i = 0; i < 10; i++) {
    const message = await maildrop.read(i);
    assert.equal(message.ok, i !== 4);
  }
});

test('each message is noted as collected once a session, many at a time', async () => {
  const { house, maildrops, notes } = await houseWith(100);
  const maildrop = value(await maildrops.open(holder(house)));
  for (const i of [...Array(100).keys(), 5, 6]) {
    await maildrop.read(i);
    maildrop.noteRetrieved(i);
  }
  maildrop.release();
  maildrop.release();
  assert.equal(notes.length, 2);
  assert.equal(new Set(notes.flatMap(({ messages }) => messages)).size, 100);
  assert.equal(notes.flatMap(({ messages }) => messages).length, 100);
  assert.equal(notes[1]?.say, 'fetched by POP3 from ::1 (ann)');
});

const ends: [name: string, password: string, say: string[]][] = [
  ['carried out', 'main', ['fetched', 'shelved: deleted by ann by POP3 from ::1']],
  [
    'asked for, and the disk is failing',
    'main',
    ['fetched', 'not deleted, though ann asked for it: The disk reports errors'],
  ],
  [
    'not asked for at the end',
    "Ann's laptop",
    ['fetched', "Ann's laptop left without QUIT: 2 deletions not carried out"],
  ],
];

for (const [name, password, says] of ends) {
  test(`deletions that were ${name} stand in the history`, async () => {
    const { house, maildrops, notes } = await houseWith(3);
    const maildrop = value(await maildrops.open(holder(house, password)));
    await maildrop.read(1);
    maildrop.noteRetrieved(1);
    if (name.includes('failing')) house.storeIs('the store is failing');
    if (name.startsWith('not')) maildrop.release([1, 2]);
    else {
      await maildrop.update([1, 2]);
      maildrop.release();
    }
    assert.deepEqual(
      notes.map(({ say }) => say.replace(/^(fetched) .*/, '$1')),
      says,
    );
    assert.deepEqual(
      notes.map(({ messages }) => messages.length),
      [1, 2],
    );
  });
}

test('who only looked in is not in the history', async () => {
  const { house, maildrops, notes } = await houseWith(3);
  const maildrop = value(await maildrops.open(holder(house)));
  await maildrop.read(1);
  await maildrop.update([]);
  maildrop.release([]);
  assert.deepEqual(notes, []);
});
