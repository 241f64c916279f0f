/*
 * The store's contract, kept by each adapter; the failing one keeps it whenever it does not fail.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trouble } from '#base/result';
import type { AccountId } from '#mail/ids';
import { FailingStore } from '#mail/store/failing/failing-store';
import { MemoryStore } from '#mail/store/memory/memory-store';
import type { Store } from '#mail/store/store';
import { FakeClock } from '../support/fake-clock.ts';
import { openStore } from '../support/stores.ts';
import { deliver, entriesOf, look, type StoreUnderTest, storeContract, take } from './store.ts';

function inMemory(wrap: (store: MemoryStore) => Store = (store) => store): StoreUnderTest {
  const memory = new MemoryStore(new FakeClock());
  let accounts = 0;
  return {
    store: wrap(memory),
    account: async () => {
      accounts += 1;
      const account = accounts as AccountId;
      return { account, inbox: memory.makeInbox(account) };
    },
    unretrieved: async (account) => take(await memory.inbox(account)).unretrieved,
    requests: async (message) => memory.requests(message),
    [Symbol.asyncDispose]: async () => {},
  };
}

storeContract('MemoryStore', async () => inMemory());

storeContract('FailingStore', async () => inMemory((store) => new FailingStore(store)));

storeContract('SqliteStore', async () => {
  const opened = await openStore();
  return {
    store: opened.store,
    account: opened.account,
    unretrieved: async (account) => take(await opened.store.inbox(account)).unretrieved,
    requests: async (message) => {
      const [row] = await opened.store.database.all<{ requests: string }>(
        'SELECT requests FROM report_request WHERE message = ?',
        [message],
      );
      return row && JSON.parse(row.requests);
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});

test('a failing store fails every call and loses nothing', async () => {
  const memory = new MemoryStore(new FakeClock());
  const inbox = memory.makeInbox(1 as AccountId);
  const store = new FailingStore(memory);
  await deliver(store, Buffer.from('kept\r\n'), [inbox]);
  const { listing, state } = await look(store, 1 as AccountId);
  store.trouble = trouble('failing', 'The disk does not take mail now', 'EIO');
  const incoming = store.incoming();
  await incoming.write(Buffer.from('refused\r\n'));
  const results = [
    await incoming.commit([{ mailbox: inbox, internalDate: 0 }]),
    await store.inbox(1 as AccountId),
    await store.listing(inbox, state.uidNext),
    await store.read([]),
    await store.expunge(inbox, entriesOf(listing), () => true),
  ];
  for (const result of results) assert.equal(result.ok, false);
  assert.equal(store.health().takesMail, false);
  store.trouble = undefined;
  assert.equal((await look(store, 1 as AccountId)).state.messages, 1);
});
