/* The queue's contract, kept in memory and in SQLite. */
import { SystemClock } from '#base/clock';
import { SqliteHistory } from '#mail/history/sqlite/sqlite-history';
import type { AccountId } from '#mail/ids';
import { SqliteQueue } from '#mail/queue/sqlite/sqlite-queue';
import { MemoryStore } from '#mail/store/memory/memory-store';
import { FakeClock } from '../support/fake-clock.ts';
import { openStore } from '../support/stores.ts';
import { queueContract } from './queue.ts';

queueContract('MemoryQueue', async () => {
  const store = new MemoryStore(new FakeClock());
  let accounts = 0;
  return {
    store,
    queue: store.queue,
    history: store.history,
    account: async () => {
      accounts += 1;
      const account = accounts as AccountId;
      return { account, inbox: store.makeInbox(account) };
    },
    [Symbol.asyncDispose]: async () => {},
  };
});

queueContract('SqliteQueue', async () => {
  const opened = await openStore();
  const { store } = opened;
  return {
    store,
    queue: new SqliteQueue(store.database, new SystemClock()),
    history: new SqliteHistory(store.database, store.historyLines),
    account: opened.account,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});
