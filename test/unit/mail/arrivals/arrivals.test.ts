/* What arrived, as readers get it: in order, once, octet for octet, and through a restore. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '#base/clock';
import { SystemRandom } from '#base/random';
import type { Result } from '#base/result';
import type { Cursor } from '#mail/arrivals/cursor';
import { octetsOf } from '#mail/arrivals/octets';
import { SqliteArrivals } from '#mail/arrivals/sqlite/sqlite-arrivals';
import type { EntryId, MailboxId } from '#mail/ids';
import { backUp } from '#mail/store/sqlite/backup';
import { finishRestore, stageRestore } from '#mail/store/sqlite/restore';
import type { Store } from '#mail/store/store';
import { openStore } from '../../../support/stores.ts';

function take<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : result.error.say);
  return result.value;
}

async function deliver(store: Store, inboxes: MailboxId[], text: string | Buffer): Promise<void> {
  const incoming = store.incoming();
  await incoming.write(Buffer.from(text));
  take(await incoming.commit(inboxes.map((mailbox) => ({ mailbox, internalDate: 7 }))));
}

async function bodyOf(store: Store, arrivals: SqliteArrivals, id: string): Promise<Buffer> {
  const found = take(await arrivals.find(id));
  assert.ok(found);
  const pieces = [];
  for await (const piece of octetsOf(store, found)) pieces.push(take(piece));
  return Buffer.concat(pieces);
}

test('a beginning that is kept keeps no more of the message', async () => {
  await using open = await openStore();
  const { inbox } = await open.account();
  await deliver(open.store, [inbox], new SystemRandom().octets(500_000));
  const [arrival] = take(await new SqliteArrivals(open.store.database).list({ count: 1 }));
  assert.equal(arrival?.beginning.length, 16_384);
  assert.equal(arrival.beginning.buffer.byteLength, 16_384);
});

test('messages come in order, each with an id and a cursor of its own', async () => {
  await using open = await openStore();
  const arrivals = new SqliteArrivals(open.store.database);
  const [ann, bob] = [await open.account(), await open.account()];
  assert.deepEqual(take(await arrivals.end()), [{ ...take(await arrivals.end())[0], entry: 0 }]);
  for (let number = 0; number < 40; number += 1) {
    await deliver(open.store, number % 2 ? [ann.inbox] : [ann.inbox, bob.inbox], `${number}\r\n`);
  }
  const all = take(await arrivals.list({ count: 1000 }));
  assert.equal(all.length, 60);
  assert.equal(new Set(all.map(({ id }) => id)).size, 60);
  assert.deepEqual(
    all.map(({ entry }) => entry),
    all.map(({ entry }) => entry).toSorted((x, y) => x - y),
  );
  const seen: string[] = [];
  let after: Cursor = [];
  for (;;) {
    const some = take(await arrivals.list({ after, account: ann.account, count: 7 }));
    if (some.length === 0) break;
    seen.push(...some.map(({ beginning }) => Buffer.from(beginning).toString().trim()));
    after = some.at(-1)?.cursor ?? [];
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, number) => String(number)),
  );
  const end = take(await arrivals.end());
  assert.deepEqual(take(await arrivals.list({ after: end, count: 9 })), []);
  await deliver(open.store, [bob.inbox], 'later\r\n');
  assert.equal(take(await arrivals.list({ after: end, count: 9 })).length, 1);
  const last = take(await arrivals.last());
  assert.equal(take(await arrivals.since((last - 1) as EntryId, 9)).length, 1);
  assert.equal(take(await arrivals.since(last, 9)).length, 0);
});

test('a message comes octet for octet; what is gone, or no id, is not found', async () => {
  await using open = await openStore();
  const arrivals = new SqliteArrivals(open.store.database);
  const { inbox } = await open.account();
  const bodies = [Buffer.alloc(0), Buffer.from('a\nb'), Buffer.alloc(65_536 * 2 + 1, 'mail\r\n')];
  for (const body of bodies) await deliver(open.store, [inbox], body);
  const all = take(await arrivals.list({ count: 9 }));
  for (const [index, { id }] of all.entries()) {
    assert.ok((await bodyOf(open.store, arrivals, id)).equals(bodies[index] ?? Buffer.of(1)));
  }
  take(await open.store.expunge(inbox, [all[0]?.entry as EntryId], () => true));
  for (const id of [all[0]?.id ?? '', '', '.', 'x.1', `${all[1]?.id}0`, `${all[1]?.id} `]) {
    assert.equal(take(await arrivals.find(id)), undefined, id);
  }
});

test('a damaged message is never handed over whole', async () => {
  await using open = await openStore();
  const arrivals = new SqliteArrivals(open.store.database);
  const { inbox } = await open.account();
  await deliver(open.store, [inbox], Buffer.alloc(65_536 * 3, 'mail\r\n'));
  const [one] = take(await arrivals.list({ count: 1 }));
  take(await open.store.database.write((sql) => sql.run("UPDATE message SET digest = x'00'")));
  const found = take(await arrivals.find(one?.id ?? ''));
  assert.ok(found);
  const pieces = [];
  for await (const piece of octetsOf(open.store, found)) pieces.push(piece);
  assert.deepEqual(
    pieces.map(({ ok }) => ok),
    [true, true, false],
  );
});

test('a restore: what was seen is not shown again, what comes after it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'arrivals-'));
  const data = join(folder, 'data');
  const [clock, random] = [new SystemClock(), new SystemRandom()];
  await mkdir(data);
  let seen: Cursor;
  let inbox: MailboxId;
  {
    await using open = await openStore(data);
    ({ inbox } = await open.account());
    await deliver(open.store, [inbox], 'one\r\n');
    take(await backUp(data, join(folder, 'backup'), 'words', random));
    await deliver(open.store, [inbox], 'two\r\n');
    await deliver(open.store, [inbox], 'three\r\n');
    seen = take(await new SqliteArrivals(open.store.database).end());
  }
  const request = { backup: join(folder, 'backup'), directory: data, passphrase: 'words' };
  take(await stageRestore({ ...request, overwrite: true }, clock, random));
  assert.ok(await finishRestore(data));
  {
    await using open = await openStore(data);
    const arrivals = new SqliteArrivals(open.store.database);
    assert.equal(take(await arrivals.list({ after: seen, count: 9 })).length, 0);
    await deliver(open.store, [inbox], 'two again\r\n');
    const [fresh, ...others] = take(await arrivals.list({ after: seen, count: 9 }));
    assert.equal(Buffer.from(fresh?.beginning ?? []).toString(), 'two again\r\n');
    assert.deepEqual(others, []);
    assert.equal(take(await arrivals.list({ after: fresh?.cursor ?? [], count: 9 })).length, 0);
    assert.equal(take(await arrivals.list({ count: 9 })).length, 2);
  }
  await rm(folder, { recursive: true });
});
