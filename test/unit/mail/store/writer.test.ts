/*
 * The writer's promises: shared commits, failures that stay with their own, and room for
 * deletions.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { MessageId } from '#mail/ids';
import { Connection } from '#mail/store/sqlite/connection';
import { Writer } from '#mail/store/sqlite/writer';
import type { StoreTrouble } from '#mail/store/store';
import { deliver, look, take } from '../../../contract/store.ts';
import { openStore } from '../../../support/stores.ts';

interface Bench extends AsyncDisposable {
  readonly connection: Connection;
  readonly writer: Writer;
  /** How often the writer asked for room, and what each group met. */
  readonly asked: number[];
  readonly met: (StoreTrouble | undefined)[];
  /** What lies in the table t. */
  rows(): Promise<number[]>;
}

/** A writer on a table of its own. `makeRoom` is what happens when the disk is full. */
async function bench(makeRoom: (connection: Connection) => Promise<boolean>): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'restante-writer-'));
  const connection = await Connection.open(join(folder, 'w.db'), 'create');
  await connection.exec(`
    PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;
    CREATE TABLE t (n INTEGER PRIMARY KEY, filling BLOB);
    CREATE TABLE child (t INTEGER REFERENCES t DEFERRABLE INITIALLY DEFERRED);`);
  const asked: number[] = [];
  const met: (StoreTrouble | undefined)[] = [];
  const writer = new Writer(connection, {
    makeRoom: (attempt) => {
      asked.push(attempt);
      return makeRoom(connection);
    },
    along: async () => {},
    ended: (_committed, why) => void met.push(why),
  });
  return {
    connection,
    writer,
    asked,
    met,
    rows: async () => {
      const found = await connection.all<{ n: number }>('SELECT n FROM t ORDER BY n');
      return found.map(({ n }) => n);
    },
    async [Symbol.asyncDispose]() {
      await writer.settle();
      await connection.close();
      await rm(folder, { recursive: true });
    },
  };
}

const noRoom = async () => false;

function insert(writer: Writer, n: number, vital = false) {
  return writer.write((sql) => sql.run('INSERT INTO t (n) VALUES (?)', [n]), vital);
}

test('who waits together shares one commit', async () => {
  await using at = await bench(noRoom);
  let commits = 0;
  at.connection.onCommit(() => {
    commits += 1;
  });
  await Promise.all(Array.from({ length: 100 }, (_, n) => insert(at.writer, n)));
  assert.equal((await at.rows()).length, 100);
  assert.ok(commits <= 3, `${commits} commits`);
});

test('a job that fails undoes only its own', async () => {
  await using at = await bench(noRoom);
  const failing = at.writer.write(async (sql) => {
    await sql.run('INSERT INTO t (n) VALUES (2)');
    throw new Error('a rule of the caller says no');
  });
  const results = await Promise.allSettled([insert(at.writer, 1), failing, insert(at.writer, 3)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await at.rows(), [1, 3]);
});

test('a COMMIT that fails, fails its whole group, and the next group goes on', async () => {
  await using at = await bench(noRoom);
  const orphan = at.writer.write((sql) => sql.run('INSERT INTO child VALUES (99)'));
  const results = await Promise.allSettled([insert(at.writer, 1), orphan, insert(at.writer, 2)]);
  for (const { status } of results) assert.equal(status, 'rejected');
  assert.deepEqual(await at.rows(), []);
  take(await insert(at.writer, 3));
  assert.deepEqual(await at.rows(), [3]);
});

/** Lets the file grow by so many pages from where it is. */
async function allowPages(connection: Connection, more: number): Promise<void> {
  const [pages] = await connection.all<{ n: number }>(
    'SELECT page_count AS n FROM pragma_page_count',
  );
  await connection.exec(`PRAGMA max_page_count = ${(pages?.n ?? 0) + more}`);
}

test('on a full disk everybody hears so, and nothing of the group is there', async () => {
  await using at = await bench(noRoom);
  await allowPages(at.connection, 2);
  const large = at.writer.write((sql) => sql.run('INSERT INTO t VALUES (1, zeroblob(100000))'));
  const results = await Promise.all([insert(at.writer, 2), large]);
  for (const result of results) assert.equal(result.ok ? 'done' : result.error.code, 'full');
  assert.deepEqual(at.asked, [], 'nobody here frees room');
  assert.equal(at.met.at(-1)?.code, 'full');
  assert.deepEqual(await at.rows(), []);
  take(await insert(at.writer, 3));
});

test('who frees room is tried again after room was made, and the others are not', async () => {
  await using at = await bench(async (connection) => {
    await allowPages(connection, 100);
    return true;
  });
  await allowPages(at.connection, 0);
  const filling = (n: number, vital: boolean) =>
    at.writer.write((sql) => sql.run('INSERT INTO t VALUES (?, zeroblob(50000))', [n]), vital);
  const [vital, other] = await Promise.all([filling(1, true), filling(2, false)]);
  assert.ok(vital.ok);
  assert.equal(other.ok ? 'done' : other.error.code, 'full');
  assert.deepEqual(at.asked, [1]);
  assert.deepEqual(await at.rows(), [1]);
});

test('who frees room hears that there is none when nothing helped', async () => {
  await using at = await bench(async () => at.asked.length < 3);
  await allowPages(at.connection, 0);
  const result = await at.writer.write(
    (sql) => sql.run('INSERT INTO t VALUES (1, zeroblob(50000))'),
    true,
  );
  assert.equal(result.ok ? 'done' : result.error.code, 'full');
  assert.deepEqual(at.asked, [1, 2, 3]);
});

test('a delivery to a mailbox that went away fails alone among many', async () => {
  await using opened = await openStore();
  const ann = await opened.account();
  const gone = await opened.account();
  await opened.store.database.write((sql) =>
    sql.run('DELETE FROM account WHERE id = ?', [gone.account]),
  );
  const results = await Promise.all(
    Array.from({ length: 30 }, async (_, number) => {
      const incoming = opened.store.incoming();
      await incoming.write(Buffer.from(`${number}\r\n`));
      const mailbox = number === 17 ? gone.inbox : ann.inbox;
      const result = await incoming.commit([{ mailbox, internalDate: 0 }]);
      return result.ok ? 'stored' : result.error.code;
    }),
  );
  assert.deepEqual(
    results,
    results.map((_, number) => (number === 17 ? 'lost' : 'stored')),
  );
  assert.equal((await look(opened.store, ann.account)).state.messages, 29);
});

test('a long message costs a few chunks of memory while it comes in', async () => {
  await using opened = await openStore();
  const { account, inbox } = await opened.account();
  const piece = Buffer.alloc(50_000, 'a line of a long message\r\n');
  const incoming = opened.store.incoming();
  const collectGarbage = garbageCollector();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let sent = 0; sent < 1_000; sent += 1) {
    await incoming.write(piece);
    if (sent % 50 !== 0) continue;
    collectGarbage();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  take(await incoming.commit([{ mailbox: inbox, internalDate: 0 }]));
  assert.equal((await look(opened.store, account)).state.octets, 50_000_000);
  assert.ok(most < 600_000, `${most} octets in buffers`);
});

/** V8's own, which is hidden unless asked for. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}

test('what a crash cut off is gone at the next start, and its room is free', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restante-cut-'));
  try {
    {
      await using opened = await openStore(folder);
      const { inbox } = await opened.account();
      await deliver(opened.store, Buffer.from('whole\r\n'), [inbox]);
      const incoming = opened.store.incoming();
      for (let sent = 0; sent < 40; sent += 1) await incoming.write(Buffer.alloc(65_536, sent));
      await opened.store.database.write(async () => {}); // what was spilled is on disk
      // Closed without commit or abandon: for the file that is what a power cut is.
    }
    await using opened = await openStore(folder);
    const [left] = await opened.store.database.all<{ chunks: number; incoming: number }>(
      'SELECT (SELECT count(*) FROM chunk) AS chunks, (SELECT count(*) FROM incoming) AS incoming',
    );
    assert.deepEqual({ ...left }, { chunks: 1, incoming: 0 });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('while a client is awaited in the middle of a message, nothing is open in SQLite', async () => {
  await using opened = await openStore();
  const { account, inbox } = await opened.account();
  await deliver(opened.store, Buffer.alloc(300_000, 'long\r\n'), [inbox]);
  const { listing } = await look(opened.store, account);
  const message = listing.messages[0] as MessageId;
  take(await opened.store.read([{ message, chunk: 0 }]));
  // The client takes its time here. An open reader or statement would keep the log from emptying.
  await deliver(opened.store, Buffer.from('another\r\n'), [inbox]);
  const path = join(opened.directory, 'mail.db');
  const other = await Connection.open(path, 'write');
  const [checkpoint] = await other.all<{ busy: number; log: number }>(
    'PRAGMA wal_checkpoint(TRUNCATE)',
  );
  await other.close();
  assert.equal(checkpoint?.busy, 0);
  assert.equal((await stat(`${path}-wal`)).size, 0);
  assert.equal(take(await opened.store.read([{ message, chunk: 4 }]))[0]?.length, 300_000 % 65_536);
});
