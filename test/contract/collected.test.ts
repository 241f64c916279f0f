/*
 * What is known of collected messages, in memory and in SQLite; and what the database does beside.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { Result } from '#base/result';
import { SqliteCollected } from '#mail/collected/sqlite/sqlite-collected';
import type { AccountId, SourceId } from '#mail/ids';
import { SqliteSourceRecords } from '#mail/sources/sqlite/sqlite-source-records';
import { MemoryStore } from '#mail/store/memory/memory-store';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import { verifyStore } from '#mail/store/sqlite/verify';
import type { StoreTrouble } from '#mail/store/store';
import { FakeClock } from '../support/fake-clock.ts';
import { addSource } from '../support/sources.ts';
import { openStore } from '../support/stores.ts';
import { type CollectedUnderTest, collectedContract, folderIn, record } from './collected.ts';
import { take } from './store.ts';

async function inSqlite(): Promise<CollectedUnderTest & { store: { settled(): Promise<void> } }> {
  const opened = await openStore();
  const { store } = opened;
  const { account, inbox } = await opened.account();
  return {
    ...{ store, account, inbox },
    collected: new SqliteCollected(store.database),
    source: () => addSource(store, account),
    async remove(source) {
      await store.database.write((sql) =>
        sql.run('UPDATE source SET removed = 1 WHERE id = ?', [source]),
      );
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

collectedContract('MemoryCollected', async () => {
  const gone = new Set<SourceId>();
  const store = new MemoryStore(new FakeClock(), (source) => !gone.has(source));
  const account = 1 as AccountId;
  let sources = 0;
  return {
    ...{ store, account, inbox: store.makeInbox(account), collected: store.collected },
    async source() {
      sources += 1;
      return sources as SourceId;
    },
    async remove(source) {
      gone.add(source);
    },
    [Symbol.asyncDispose]: async () => {},
  };
});

collectedContract('SqliteCollected', inSqlite);

const ends: readonly (readonly [
  string,
  (store: SqliteStore, account: AccountId) => Promise<Result<unknown, StoreTrouble>>,
])[] = [
  [
    'the account',
    ({ database }, account) =>
      database.write((sql) => sql.run('DELETE FROM account WHERE id = ?', [account])),
  ],
  [
    'a source that is forgotten',
    async ({ database }) => {
      const records = new SqliteSourceRecords(database);
      const [source] = await records.load();
      return records.forget(source?.id ?? (0 as SourceId));
    },
  ],
];

for (const [what, end] of ends) {
  test(`what was known goes with ${what}, in small steps`, async () => {
    await using opened = await openStore();
    const { store } = opened;
    const { account, inbox } = await opened.account();
    const collected = new SqliteCollected(store.database);
    const at = { store, collected, account, inbox, source: () => addSource(store, account) };
    const folder = await folderIn({ ...at, remove: async () => {}, [Symbol.asyncDispose]: close });
    const many = Array.from({ length: 2_500 }, (_, index) => record(folder, `${index}`, {}));
    take(await collected.note(many));
    take(await end(store, account));
    store.sweep();
    await store.settled();
    const [left] = await store.database.all<{ records: number; folders: number }>(
      `SELECT (SELECT count(*) FROM collected) AS records,
       (SELECT count(*) FROM source_folder) AS folders`,
    );
    assert.deepEqual(left, { records: 0, folders: 0 });
    assert.deepEqual(take(await verifyStore(opened.directory)).findings, []);
  });
}

test('digests are found before and after they entered their index, by the thousand', async () => {
  await using opened = await openStore();
  const { store } = opened;
  const { account, inbox } = await opened.account();
  const collected = new SqliteCollected(store.database);
  const at = { store, collected, account, inbox, source: () => addSource(store, account) };
  const folder = await folderIn({ ...at, remove: async () => {}, [Symbol.asyncDispose]: close });
  const digestOf = (index: number) => hash('md5', `${index}`, 'buffer');
  const many = Array.from({ length: 2_500 }, (_, index) =>
    record(folder, `${index}`, { digest: digestOf(index) }),
  );
  take(await collected.note(many));
  const fresh = async () => {
    const [row] = await store.database.all<{ fresh: number }>(
      'SELECT count(*) AS fresh FROM collected WHERE fresh = 1',
    );
    return row?.fresh;
  };
  assert.equal(await fresh(), 2_500);
  for (let round = 0; round < 2; round += 1) {
    for (let index = 0; index < 100; index += 1) {
      const wanted = index * 25;
      const found = take(await collected.matching(folder.source, digestOf(wanted)));
      assert.deepEqual(
        found.map(({ uid }) => uid),
        [String(wanted)],
      );
    }
    await collected.settled();
    assert.equal(await fresh(), 500);
  }
  assert.deepEqual(take(await verifyStore(opened.directory)).findings, []);
});

test('every question goes by an index', async () => {
  await using opened = await openStore();
  const plan = async (sql: string) => {
    const rows = await opened.store.database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    return rows.map(({ detail }) => detail).join('\n');
  };
  assert.match(
    await plan(
      `SELECT * FROM collected WHERE folder = 1 AND at <= 2 AND fate <= 1 AND removed_at IS NULL
       ORDER BY at, uid LIMIT 3`,
    ),
    /^SEARCH collected USING INDEX collected_removable \(folder=\? AND at<\?\)$/,
  );
  for (const [fresh, index] of ['collected_by_digest', 'collected_fresh'].entries()) {
    const found = await plan(
      `SELECT * FROM collected JOIN source_folder ON source_folder.id = collected.folder
       WHERE fresh = ${fresh} AND substr(digest, 1, 4) = substr(x'00', 1, 4) AND digest = x'00'
         AND source_folder.source = 1`,
    );
    assert.match(found, new RegExp(`SEARCH collected USING INDEX ${index} `));
  }
  assert.match(
    await plan(
      `UPDATE collected SET removed_at = 1
       WHERE (collected.folder, collected.uid) IN
         (SELECT value ->> 0, value ->> 1 FROM json_each('[]'))`,
    ),
    /SEARCH collected USING PRIMARY KEY \(folder=\? AND uid=\?\)/,
  );
});

async function close(): Promise<void> {}
