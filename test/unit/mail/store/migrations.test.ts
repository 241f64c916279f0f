/* A file of each older schema is brought to the present one, with the mail that is in it. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { SystemClock } from '#base/clock';
import { SqliteCollected } from '#mail/collected/sqlite/sqlite-collected';
import type { AccountId, MailboxId } from '#mail/ids';
import { SqliteQueue } from '#mail/queue/sqlite/sqlite-queue';
import { Connection } from '#mail/store/sqlite/connection';
import { applicationId, databaseName } from '#mail/store/sqlite/database';
import { migrations, schemaVersion } from '#mail/store/sqlite/migrations/migrations';
import { verifyStore } from '#mail/store/sqlite/verify';
import { all, copy, queue } from '../../../contract/queue.ts';
import { body, look, take } from '../../../contract/store.ts';
import { addSource } from '../../../support/sources.ts';
import { openStore } from '../../../support/stores.ts';
import { oldRows } from './old-rows.ts';

for (let version = 1; version <= schemaVersion; version += 1) {
  test(`a file of schema ${version}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'restante-old-'));
    try {
      const before = await writeOldFile(join(folder, databaseName), version);
      await using opened = await openStore(folder);
      for (const [table, rows] of before) {
        const [first = {}] = rows;
        const now = await opened.store.database.all(
          `SELECT ${Object.keys(first).join(', ')} FROM ${table} LIMIT ${rows.length}`,
        );
        assert.deepEqual(now, rows, table);
      }
      const [now] = await opened.store.database.all<{ version: number }>(
        'SELECT user_version AS version FROM pragma_user_version',
      );
      assert.equal(now?.version, schemaVersion);
      const { listing } = await look(opened.store, 1 as AccountId);
      assert.equal(listing.uniqueId(0), 'old.1');
      assert.equal((await body(opened.store, listing, 0)).toString(), 'kept\r\n');
      const outgoing = new SqliteQueue(opened.store.database, new SystemClock());
      const waiting = version < 5 ? 0 : 1;
      assert.equal((await all(outgoing)).length, waiting);
      assert.equal(take(await outgoing.state()).held, false);
      await queue(opened.store, [copy(['bob@example.org'])], [1 as MailboxId]);
      assert.equal((await all(outgoing)).length, waiting + 1);
      assert.equal((await look(opened.store, 1 as AccountId)).state.messages, 2);
      const known = new SqliteCollected(opened.store.database);
      const source = await addSource(opened.store, 1 as AccountId);
      const { id } = take(await known.folder(source, '', ''));
      const collected = { folder: id, uid: 'a', fate: 'here', octets: 6, at: 0 } as const;
      const incoming = opened.store.incoming();
      await incoming.write(Buffer.from('collected\r\n'));
      const place = { mailbox: 1 as MailboxId, internalDate: 0 };
      take(await incoming.commit([place], { collected }));
      assert.equal(take(await known.count(source)), 1);
      assert.deepEqual(take(await verifyStore(folder)).findings, []);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** A file as that version left it, with a row in each of its tables, and all of these rows. */
async function writeOldFile(path: string, version: number): Promise<ReadonlyMap<string, Rows>> {
  const connection = await Connection.open(path, 'create');
  const scripts = migrations.slice(0, version).join('\n');
  await connection.exec(`
    PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; ${scripts}
    PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version};
    INSERT INTO generation (name, begun) VALUES ('old', 0);
    INSERT INTO account (name, salt, rounds, created) VALUES ('ann', x'00', 15000, 0);
    INSERT INTO mailbox (account, name, uidvalidity) VALUES (1, 'INBOX', 1);
  `);
  const octets = Buffer.from('kept\r\n');
  await connection.run(
    `INSERT INTO arrival (message, octets, wire_octets, shape, chunks, digest, chunk_octets, crc,
                          data, places)
     VALUES (1, 6, 6, 1, 1, ?, 6, ?, ?, '[[1, 0]]')`,
    [hash('sha256', octets, 'buffer'), crc32(octets), octets],
  );
  for (const script of oldRows.slice(0, version)) await connection.exec(script);
  const tables = await connection.all<{ name: string }>(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
       AND name <> 'incoming'`,
  );
  const rows = new Map<string, Rows>();
  for (const { name } of tables) {
    rows.set(name, await connection.all(`SELECT * FROM ${name}`));
    assert.ok(rows.get(name)?.length, `${name} has no row: oldRows wants one`);
  }
  await connection.close();
  return rows;
}
