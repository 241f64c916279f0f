/* The queue on disk: what its commits leave behind, on a full disk too, and how it is read. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '#base/clock';
import { SqliteHistory } from '#mail/history/sqlite/sqlite-history';
import type { AccountId } from '#mail/ids';
import { dueSql } from '#mail/queue/sqlite/queue-rows';
import { SqliteQueue } from '#mail/queue/sqlite/sqlite-queue';
import { verifyStore } from '#mail/store/sqlite/verify';
import type { Along } from '#mail/store/store';
import { all, copy, gmail, ids, isThere, queue, record, sent } from '../../../contract/queue.ts';
import { deliver, entriesOf, look, take } from '../../../contract/store.ts';
import { type OpenStore, openStore } from '../../../support/stores.ts';

function queueOf({ store }: OpenStore): SqliteQueue {
  return new SqliteQueue(store.database, new SystemClock());
}

test('a copy for nobody lands nothing at all, and the others land', async () => {
  await using opened = await openStore();
  const { account, inbox } = await opened.account();
  const history = { name: 'whole', addresses: ['a@x.example'], say: 'taken in', at: 0 };
  const arrive = async (along: Along) => {
    const incoming = opened.store.incoming();
    await incoming.write(Buffer.from('Subject: out\r\n\r\nHello\r\n'));
    return incoming.commit([{ mailbox: inbox, internalDate: 0 }], along);
  };
  const good = { queued: [copy(['a@x.example'])], history };
  const bad = { queued: [copy(['b@x.example']), copy([])], history };
  const alongs = [good, good, bad, good];
  const results = await Promise.allSettled(alongs.map(arrive));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  );
  const [rows] = await opened.store.database.all(
    `SELECT (SELECT count(*) FROM message) AS messages, (SELECT count(*) FROM queued) AS queued,
       (SELECT count(*) FROM queued_recipient) AS recipients,
       (SELECT count(*) FROM history) AS histories, (SELECT count(*) FROM chunk) AS chunks`,
  );
  assert.deepEqual(
    { ...(rows as object) },
    { messages: 3, queued: 3, recipients: 3, histories: 3, chunks: 3 },
  );
  assert.equal((await look(opened.store, account)).state.messages, 3);
});

test('the sweeper leaves what is queued alone', async () => {
  await using opened = await openStore();
  const { account, inbox } = await opened.account();
  const { message } = await queue(opened.store, [copy(['a@x.example'])], [inbox]);
  const { listing } = await look(opened.store, account);
  take(await opened.store.expunge(inbox, entriesOf(listing), () => true));
  await opened.store.settled();
  assert.ok(await isThere(opened.store, message));
  await record(queueOf(opened), ids((await all(queueOf(opened)))[0]).map(sent));
  assert.ok(!(await isThere(opened.store, message)));
  assert.deepEqual(take(await verifyStore(opened.directory)).findings, []);
});

test("a removed account's outgoing mail stays in the queue", async () => {
  await using opened = await openStore();
  const { account } = await opened.account();
  await queue(opened.store, [copy(['a@x.example'], { account })]);
  await opened.store.database.write((sql) =>
    sql.run('DELETE FROM account WHERE id = ?', [account]),
  );
  opened.store.sweep();
  await opened.store.settled();
  assert.equal((await all(queueOf(opened)))[0]?.account, account);
});

test('what is due is found by the index, whatever lies in the queue', async () => {
  await using opened = await openStore();
  const plan = await opened.store.database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${dueSql}`, [
    gmail,
    0,
    '[]',
    32,
  ]);
  const steps = plan.map(({ detail }) => detail);
  const walk = 'SEARCH queued_recipient USING COVERING INDEX recipient_by_due (uplink=? AND due<?)';
  assert.ok(steps.includes(walk), steps.join('\n'));
  assert.ok(!steps.some((step) => /^SCAN (queued|recipient)/.test(step)), steps.join('\n'));
  // The walk ends with the last message that is wanted: nothing is sorted before it.
  assert.equal(steps.filter((step) => step.includes('ORDER BY')).length, 1, steps.join('\n'));
});

test('on a disk filled to the last block, what was sent is written down and makes room', {
  skip: process.getuid?.() === 0 ? false : 'needs root, to mount a small file system',
}, async () => {
  const disk = await mkdtemp(join(tmpdir(), 'small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk]);
  try {
    await using opened = await openStore(disk);
    const { inbox } = await opened.account();
    const outgoing = queueOf(opened);
    for (let count = 0; count < 40; count += 1) {
      await queue(opened.store, [copy(['a@x.example', 'b@x.example'], { uplink: gmail })]);
    }
    const stranger = await open(join(disk, 'films'), 'w');
    await assert.rejects(async () => {
      for (;;) await stranger.write(Buffer.alloc(65_536));
    }, /ENOSPC/);
    await stranger.close();
    const history = new SqliteHistory(opened.store.database, opened.store.historyLines);
    const items = await all(outgoing);
    for (const item of items) {
      const recipients = ids(item);
      history.note([item.message], 'looked at on a full disk');
      take(await outgoing.doubt(recipients));
      take(await outgoing.record(recipients.map(sent), [{ message: item.message, say: 'sent' }]));
    }
    assert.deepEqual(await all(outgoing), []);
    await unlink(join(disk, 'films'));
    await deliver(opened.store, Buffer.from('and it goes on\r\n'), [inbox]);
    assert.deepEqual(take(await verifyStore(disk)).findings, []);
  } finally {
    execFileSync('umount', ['-l', disk]);
    await rm(disk, { recursive: true });
  }
});

test('ids of recipients are never used twice, not even after the queue was empty', async () => {
  await using opened = await openStore();
  const outgoing = queueOf(opened);
  const seen = new Set<number>();
  for (let round = 0; round < 3; round += 1) {
    await queue(opened.store, [copy(['a@x.example'], { account: 1 as AccountId })]);
    const [item] = await all(outgoing);
    const [id] = ids(item);
    assert.ok(id !== undefined && !seen.has(id));
    seen.add(id);
    await record(outgoing, [sent(id)]);
  }
});
