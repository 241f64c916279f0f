/* What the mail lamp shows: mail that its owner has not retrieved, told when it changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliver, entriesOf, look, take } from '../../../contract/store.ts';
import { openStore } from '../../../support/stores.ts';

test('unretrieved counts what is noted in memory as retrieved, and each note once', async () => {
  await using opened = await openStore();
  const { store } = opened;
  const ann = await opened.account();
  const bob = await opened.account();
  let told = 0;
  using _ = store.watch(() => {
    told += 1;
  });
  for (let i = 0; i < 3; i += 1) await deliver(store, Buffer.from('a line\r\n'), [ann.inbox]);
  await deliver(store, Buffer.from('a line\r\n'), [bob.inbox]);
  const count = async () => {
    const counts = take(await store.unretrieved());
    return [counts.get(ann.account), counts.get(bob.account)];
  };
  assert.deepEqual(await count(), [3, 1]);
  const before = told;
  const entries = entriesOf((await look(store, ann.account)).listing);
  store.noteRetrieved(ann.inbox, entries.slice(0, 2));
  assert.ok(told > before);
  assert.deepEqual(await count(), [1, 1]);
  store.noteRetrieved(ann.inbox, entries.slice(0, 2));
  assert.deepEqual(await count(), [1, 1]);
  await deliver(store, Buffer.from('a line\r\n'), [bob.inbox]);
  assert.deepEqual(await count(), [1, 2]);
  store.noteRetrieved(ann.inbox, entries.slice(0, 2));
  assert.deepEqual(await count(), [1, 2]);
});
