/* The history's contract, kept in memory and in SQLite. */
import { SqliteHistory } from '#mail/history/sqlite/sqlite-history';
import type { AccountId } from '#mail/ids';
import { MemoryStore } from '#mail/store/memory/memory-store';
import { FakeClock } from '../support/fake-clock.ts';
import { openStore } from '../support/stores.ts';
import { historyContract } from './history.ts';

historyContract('MemoryHistory', async () => {
  const store = new MemoryStore(new FakeClock());
  return {
    store,
    history: store.history,
    inbox: store.makeInbox(1 as AccountId),
    [Symbol.asyncDispose]: async () => {},
  };
});

historyContract('SqliteHistory', async () => {
  const opened = await openStore();
  const { inbox } = await opened.account();
  const { store } = opened;
  return {
    store,
    history: new SqliteHistory(store.database, store.historyLines),
    inbox,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});
