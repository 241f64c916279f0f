/*
 * Reports on the real store: the bounce and the leaving of its recipients are one commit, what held
 * the message lets it go, and a box that starts anew knows what it has told.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import { SystemRandom } from '#base/random';
import type { Result } from '#base/result';
import { SqliteHistory } from '#mail/history/sqlite/sqlite-history';
import type { AccountId, MailboxId } from '#mail/ids';
import { LocalNotices } from '#mail/local-notices';
import type { QueuedRecipient } from '#mail/queue/queue';
import { Reports } from '#mail/queue/reports';
import { SqliteQueue } from '#mail/queue/sqlite/sqlite-queue';
import { SmallHousehold } from '../support/small-household.ts';
import { type OpenStore, openStore } from '../support/stores.ts';

function take<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : result.error.say);
  return result.value;
}

function partsOn({ store }: OpenStore, account: AccountId, inbox: MailboxId) {
  const directory = new SmallHousehold();
  directory.add('ann', 'tuna', account, inbox);
  const clock = new SystemClock();
  const queue = new SqliteQueue(store.database, clock);
  const history = new SqliteHistory(store.database, store.historyLines);
  const random = new SystemRandom();
  const log = new Log(() => {}, clock);
  const parts = { store, directory, queue, history, clock, random, log };
  const named = { ...parts, hostName: () => 'restante.local' };
  const notices = new LocalNotices(named);
  return { ...parts, notices, reports: new Reports({ ...named, notices }) };
}

/** A message with two recipients in the queue. */
async function submit({ store }: OpenStore, account: AccountId): Promise<void> {
  const incoming = store.incoming();
  await incoming.write(Buffer.from('Subject: milk\r\n\r\nWe are out of it.\r\n'));
  const sender = 'ann@example.net';
  const at = Date.now();
  const times = { queuedAt: at, due: 0, born: 0 };
  const recipients = [{ address: 'bob@example.org' }, { address: 'eve@example.com' }];
  const copy = { name: 'a1b2c3d4', sender, account, via: sender, ...times, recipients };
  const history = { name: 'a1b2c3d4', addresses: [sender], say: 'taken in', at };
  take(await incoming.commit([], { queued: [copy], history }));
}

function gaveUp(recipient: QueuedRecipient) {
  return { recipient, why: 'The box tried for 5 days', status: '4.4.7' };
}

test('a bounce lies in the inbox, and its recipients have left the queue, in one commit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restante-reports-'));
  try {
    const first = await openStore(folder);
    const { account, inbox } = await first.account();
    await submit(first, account);
    const { reports, queue, history } = partsOn(first, account, inbox);
    const [item] = take(await queue.list({}, 9));
    const [bob, eve] = item?.recipients ?? [];
    assert.ok(item && bob && eve);
    take(await reports.delayed(item, [gaveUp(bob), gaveUp(eve)], Date.now() + 1_000));
    const [waiting] = take(await queue.list({}, 9));
    assert.deepEqual(
      waiting?.recipients.map(({ delayTold }) => delayTold),
      [true, true],
    );
    take(await reports.failed(item, [gaveUp(bob)]));
    const [left] = take(await queue.list({}, 9));
    assert.deepEqual(
      left?.recipients.map(({ address }) => address),
      ['eve@example.com'],
    );
    take(await reports.failed(item, [gaveUp(eve)]));
    const story = take(await history.byName('a1b2c3d4'))?.lines.map(({ say }) => say) ?? [];
    assert.equal(story.length, 4, story.join('\n'));
    assert.match(story.at(-1) ?? '', /told that it did not reach eve@example\.com$/);
    await first[Symbol.asyncDispose]();

    await using again = await openStore(folder);
    const after = partsOn(again, account, inbox);
    assert.deepEqual(take(await after.queue.list({}, 9)), []);
    assert.equal(take(await again.store.inbox(account)).messages, 3);
    const rows = await again.store.database.all('SELECT id FROM message WHERE id = ?', [
      item.message,
    ]);
    assert.deepEqual(rows, [], 'nothing holds the message any more');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what is told once is not told again by a box that was switched off and on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restante-reports-'));
  try {
    const notice = { subject: 'gmail refuses', paragraphs: ['Sign in anew.'], once: 'gmail' };
    const first = await openStore(folder);
    const { account, inbox } = await first.account();
    take(await partsOn(first, account, inbox).notices.tell(account, notice));
    await first[Symbol.asyncDispose]();
    await using again = await openStore(folder);
    take(await partsOn(again, account, inbox).notices.tell(account, notice));
    assert.equal(take(await again.store.inbox(account)).messages, 1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
