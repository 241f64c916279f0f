/* Histories on disk: written with other commits, never in their way, and forgotten in time. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { daysOfLines, linesOfAll } from '#mail/history/history';
import { HistoryLines } from '#mail/history/sqlite/history-lines';
import { SqliteHistory } from '#mail/history/sqlite/sqlite-history';
import type { MessageId } from '#mail/ids';
import { begin, says } from '../../../contract/history.ts';
import { deliver, take } from '../../../contract/store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type OpenStore, openStore, storeSettings } from '../../../support/stores.ts';

const dayMs = 24 * 3_600_000;
const message = 1 as MessageId;

function historyOf({ store }: OpenStore): SqliteHistory {
  return new SqliteHistory(store.database, store.historyLines);
}

async function linesOnDisk({ store }: OpenStore): Promise<number> {
  const [row] = await store.database.all<{ n: number }>('SELECT count(*) AS n FROM history');
  return row?.n ?? 0;
}

test('lines wait for a commit of somebody else, and the last are written at the stop', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restante-history-'));
  try {
    {
      await using opened = await openStore(folder);
      const { inbox } = await opened.account();
      const told = await begin({ store: opened.store, inbox }, 'a1b2c3', []);
      historyOf(opened).note([told], 'first');
      assert.equal(await linesOnDisk(opened), 1);
      await deliver(opened.store, Buffer.from('somebody else\r\n'), [inbox]);
      assert.equal(await linesOnDisk(opened), 2);
      // More than go with one commit.
      for (let line = 0; line < 1_500; line += 1) historyOf(opened).note([told], `line ${line}`);
    }
    await using opened = await openStore(folder);
    const lines = says(take(await historyOf(opened).of(message)));
    assert.equal(lines[0], 'taken in');
    assert.equal(lines.at(-1), 'line 1499');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('who notes much while nobody writes has it written', async () => {
  await using opened = await openStore();
  const messages = Array.from({ length: 2_100 }, (_, n) => (n + 1) as MessageId);
  historyOf(opened).note(messages, 'fetched by POP3');
  await opened.store.database.writer.settle();
  assert.ok((await linesOnDisk(opened)) > 0);
});

test('a group that failed is followed by one without lines, and none of them is lost', async () => {
  await using opened = await openStore();
  const { database, historyLines } = opened.store;
  const history = historyOf(opened);
  // A table whose rows fail their COMMIT.
  await database.write((sql) =>
    sql.run('CREATE TABLE spoil (m REFERENCES message DEFERRABLE INITIALLY DEFERRED)'),
  );
  history.note([message], 'one');
  await assert.rejects(database.write((sql) => sql.run('INSERT INTO spoil VALUES (999)')));
  history.note([message], 'two');
  assert.equal(historyLines.waiting, 2);
  assert.ok((await database.write(async () => {})).ok);
  assert.equal(await linesOnDisk(opened), 0, 'this one went without');
  assert.ok((await database.write(async () => {})).ok);
  assert.equal(await linesOnDisk(opened), 2);
  assert.equal(historyLines.waiting, 0);
  assert.deepEqual(says(take(await history.of(message))), ['one', 'two']);
});

test('lines that the disk does not take are few, and the newest stay', () => {
  const lines = new HistoryLines(new FakeClock());
  for (let n = 1; n <= 20_000; n += 1) lines.note([n as MessageId], 'x');
  assert.equal(lines.waiting, 8_192);
  assert.equal(lines.of(new Set([20_000 as MessageId])).length, 1);
});

/** Lines of so many messages, all dated `at`; then the box starts and sweeps. */
async function swept(
  rows: readonly { first: number; count: number; at: number }[],
  clockIsSaneFrom = 0,
): Promise<number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'restante-history-'));
  try {
    {
      await using opened = await openStore(folder);
      await opened.store.database.write(async (sql) => {
        for (const { first, count, at } of rows) {
          await sql.run(
            `WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
             INSERT INTO history (message, line, at, say) SELECT i, 1, ?3, 'x' FROM n`,
            [first, first + count - 1, at],
          );
        }
      });
    }
    await using opened = await openStore(folder, { ...storeSettings, clockIsSaneFrom });
    await opened.store.settled();
    const left = await opened.store.database.all<{ message: number }>(
      'SELECT message FROM history ORDER BY message',
    );
    return left.map((row) => row.message);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('when there are too many lines the oldest messages are forgotten first', async () => {
  const left = await swept([{ first: 1, count: linesOfAll + 1_200, at: Date.now() }]);
  assert.equal(left.length, linesOfAll);
  assert.equal(left[0], 1_201);
});

test('a line is forgotten when its days are over', async () => {
  const over = Date.now() - daysOfLines * dayMs;
  const left = await swept([
    { first: 1, count: 1_300, at: over - 1_000 },
    { first: 2_001, count: 2, at: over + 3_600_000 },
  ]);
  assert.deepEqual(left, [2_001, 2_002]);
});

test('while the clock is wrong nothing is too old, nor what it dated', async () => {
  const old = { first: 1, count: 1, at: Date.now() - 400 * dayMs };
  assert.deepEqual(await swept([old], Date.now() + dayMs), [1], 'the clock is wrong now');
  const since = Date.now() - 100 * dayMs;
  const wrong = { first: 5, count: 1, at: 1_000 };
  const over = { first: 6, count: 1, at: Date.now() - 50 * dayMs };
  assert.deepEqual(await swept([wrong, over], since), [5], 'it was wrong then');
});
