/* The shelf: deleted mail comes back as new mail, until its days are over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryId } from '#mail/ids';
import { SqliteShelf } from '#mail/store/sqlite/sqlite-shelf';
import { verifyStore } from '#mail/store/sqlite/verify';
import { body, deliver, entriesOf, look, take } from '../../../contract/store.ts';
import { type OpenStore, openStore, storeSettings } from '../../../support/stores.ts';

const kept = { ...storeSettings, shelfDays: 7 };

/** A shelf on which an account's only message lies. */
async function shelvedIn(opened: OpenStore, octets = Buffer.from('x\r\n')) {
  const { account, inbox } = await opened.account();
  await deliver(opened.store, octets, [inbox]);
  const { listing } = await look(opened.store, account);
  take(await opened.store.expunge(inbox, entriesOf(listing), () => true));
  return { shelf: new SqliteShelf(opened.store.database), account };
}

test('deleted mail can be listed and put back, with a new unique-id', async () => {
  await using opened = await openStore(undefined, kept);
  const shelf = new SqliteShelf(opened.store.database);
  const { account, inbox } = await opened.account();
  for (const text of ['Subject: a\r\n\r\n', 'Subject: b\r\n\r\n', 'Subject: c\r\n\r\n']) {
    await deliver(opened.store, Buffer.from(text), [inbox]);
  }
  const before = await look(opened.store, account);
  take(await opened.store.expunge(inbox, entriesOf(before.listing), () => true));
  await opened.store.settled();
  assert.equal((await look(opened.store, account)).state.messages, 0);
  const shelved = take(await shelf.list(account, 10));
  assert.deepEqual(
    shelved.map(({ beginning }) => Buffer.from(beginning).toString()),
    ['Subject: c\r\n\r\n', 'Subject: b\r\n\r\n', 'Subject: a\r\n\r\n'],
  );
  const [newest] = shelved;
  assert.equal(take(await shelf.restore(account, [newest?.entry as EntryId])), 1);
  assert.equal(take(await shelf.restore(account, [newest?.entry as EntryId])), 0);
  const after = await look(opened.store, account);
  assert.equal(after.state.messages, 1);
  assert.equal(after.state.unretrieved, 1);
  assert.equal((await body(opened.store, after.listing, 0)).toString(), 'Subject: c\r\n\r\n');
  for (let index = 0; index < before.listing.length; index += 1) {
    assert.notEqual(after.listing.uniqueId(0), before.listing.uniqueId(index));
  }
  assert.equal(take(await shelf.restoreAll(account)), 2);
  assert.deepEqual(take(await shelf.list(account, 10)), []);
  assert.deepEqual(take(await verifyStore(opened.directory)).findings, []);
});

test('a whole shelf comes back in small commits, between which others are served', async () => {
  await using opened = await openStore(undefined, kept);
  const { store } = opened;
  const shelf = new SqliteShelf(store.database);
  const { account, inbox } = await opened.account();
  await Promise.all(Array.from({ length: 450 }, () => deliver(store, Buffer.from('x'), [inbox])));
  const { listing } = await look(store, account);
  take(await store.expunge(inbox, entriesOf(listing), () => true));
  const restoring = shelf.restoreAll(account);
  let [seen, between] = [0, 0];
  while (seen < 450) {
    // Shares the commit that is due, so it sees the shelf as it is between two of them.
    take(await store.database.write(async () => {}));
    const { messages } = (await look(store, account)).state;
    if (messages > seen && messages < 450) between += 1;
    seen = messages;
  }
  assert.ok(between >= 1, 'all came back at once');
  assert.equal(take(await restoring), 450);
});

test("one account cannot put another's mail back", async () => {
  await using opened = await openStore(undefined, kept);
  const shelf = new SqliteShelf(opened.store.database);
  const ann = await opened.account();
  const bob = await opened.account();
  await deliver(opened.store, Buffer.from('for ann\r\n'), [ann.inbox]);
  const { listing } = await look(opened.store, ann.account);
  take(await opened.store.expunge(ann.inbox, entriesOf(listing), () => true));
  assert.deepEqual(take(await shelf.list(bob.account, 10)), []);
  assert.equal(take(await shelf.restore(bob.account, entriesOf(listing))), 0);
  assert.equal(take(await shelf.list(ann.account, 10)).length, 1);
});

test('what was deleted while the clock was wrong has its days from when it is right', async () => {
  const thisMonth = Date.UTC(2026, 10, 1);
  await using opened = await openStore(undefined, { ...kept, clockIsSaneFrom: thisMonth });
  const { shelf, account } = await shelvedIn(opened);
  // The board woke up in 1970, and the time came from the network later.
  await opened.store.database.write((sql) => sql.run('UPDATE shelf SET shelved = 5000'));
  opened.store.sweep();
  await opened.store.settled();
  const [shelved] = take(await shelf.list(account, 10));
  assert.ok((shelved?.shelved ?? 0) >= thisMonth);
});

test('while the clock is wrong, nothing goes', async () => {
  const settings = { ...storeSettings, shelfDays: 1, clockIsSaneFrom: Date.UTC(2100, 0, 1) };
  await using opened = await openStore(undefined, settings);
  const { shelf, account } = await shelvedIn(opened);
  await opened.store.database.write((sql) => sql.run('UPDATE shelf SET shelved = 5000'));
  opened.store.sweep();
  await opened.store.settled();
  assert.equal(take(await shelf.list(account, 10)).length, 1);
});

test('when its days are over it goes, and only then', async () => {
  const settings = { ...storeSettings, shelfDays: 7 };
  await using opened = await openStore(undefined, settings);
  const { shelf, account } = await shelvedIn(opened, Buffer.alloc(200_000, 'x\r\n'));
  await opened.store.settled();
  assert.equal(take(await shelf.list(account, 10)).length, 1);
  const eightDaysAgo = Date.now() - 8 * 86_400_000;
  await opened.store.database.write((sql) =>
    sql.run('UPDATE shelf SET shelved = ?', [eightDaysAgo]),
  );
  opened.store.sweep();
  await opened.store.settled();
  assert.deepEqual(take(await shelf.list(account, 10)), []);
  const [left] = await opened.store.database.all<{ chunks: number }>(
    'SELECT count(*) AS chunks FROM chunk',
  );
  assert.equal(left?.chunks, 0);
});
