/* Verifying, backing up and restoring a SQLite store. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemRandom } from '#base/random';
import { SqliteQueue } from '#mail/queue/sqlite/sqlite-queue';
import { backUp } from '#mail/store/sqlite/backup';
import { Connection } from '#mail/store/sqlite/connection';
import { holdLock } from '#mail/store/sqlite/lock';
import { finishRestore, stageRestore } from '#mail/store/sqlite/restore';
import { verifyStore } from '#mail/store/sqlite/verify';
import { all, copy, gmail, queue } from '../../../contract/queue.ts';
import { body, deliver, entriesOf, look, take } from '../../../contract/store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { openStore } from '../../../support/stores.ts';

const random = new SystemRandom();

async function folder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'restante-upkeep-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('a sound store is verified while it is open, and after it was closed', async () => {
  await using box = await folder();
  {
    await using opened = await openStore(box.path);
    const { inbox } = await opened.account();
    await deliver(opened.store, Buffer.alloc(200_000, 'text\r\n'), [inbox]);
    await deliver(opened.store, Buffer.from('short\r\n'), [inbox]);
    await queue(opened.store, [copy(['bob@example.org']), copy(['eve@example.org'])]);
    const running = take(await verifyStore(box.path));
    assert.deepEqual(running, { messages: 3, octets: 200_030, findings: [] });
  }
  const stopped = take(await verifyStore(box.path));
  assert.deepEqual(stopped.findings, []);
});

const damages: readonly [name: string, sql: string, finding: RegExp][] = [
  ['a counter that is off', 'UPDATE mailbox SET messages = messages + 1', /counters of mailbox/],
  ['a unique-id counter behind', 'UPDATE mailbox SET uidnext = 1', /counters of mailbox/],
  ['a lost chunk', 'DELETE FROM chunk WHERE id & 1048575 = 1', /lacks chunk 1 of 4/],
  ['flipped octets', 'UPDATE chunk SET data = zeroblob(length(data))', /damaged in chunk/],
  [
    'swapped chunks',
    `UPDATE chunk SET (octets, crc, data) =
       (SELECT octets, crc, data FROM chunk AS other WHERE other.id & 1048575 = 3)`,
    /octets and should have|digest differs/,
  ],
  ['a message nobody holds', 'DELETE FROM entry', /held by no mailbox|counters/],
  [
    'chunks of no message',
    `INSERT INTO chunk VALUES (99 << 20, 1, 0, x'00')`,
    /belongs to message 99, which is not there/,
  ],
  ['another size', 'UPDATE entry SET octets = octets + 1', /another size than its message/],
  [
    'a queued copy without recipients',
    'DROP TRIGGER recipient_goes; DELETE FROM queued_recipient',
    /Queued copy 1 has no recipient/,
  ],
  [
    'a recipient on another way than its message',
    'UPDATE queued_recipient SET uplink = NULL',
    /Queued recipient 1 waits for another uplink/,
  ],
  [
    'a queued copy of another size',
    'UPDATE queued SET octets = octets + 1',
    /Queued copy 1 gives another size/,
  ],
  [
    'a message that left the queue and stayed',
    'DROP TRIGGER queued_goes; DELETE FROM queued_recipient',
    /Message 2 is held by no mailbox and not queued/,
  ],
  ['an account without INBOX', `UPDATE mailbox SET name = 'Elsewhere'`, /has no INBOX/],
];

for (const [name, sql, finding] of damages) {
  test(`verify finds ${name}`, async () => {
    await using box = await folder();
    {
      await using opened = await openStore(box.path);
      const { inbox } = await opened.account();
      await deliver(opened.store, Buffer.alloc(200_000, 'some text\r\n'), [inbox]);
      await queue(opened.store, [copy(['bob@example.org'], { uplink: gmail })]);
    }
    const connection = await Connection.open(join(box.path, 'mail.db'), 'write');
    await connection.exec(sql);
    await connection.close();
    const { findings } = take(await verifyStore(box.path));
    assert.match(findings.join('\n'), finding);
  });
}

test('verify finds a damaged file, and does not fail over it', async () => {
  await using box = await folder();
  {
    await using opened = await openStore(box.path);
    const { inbox } = await opened.account();
    await deliver(opened.store, Buffer.alloc(400_000, 'a'), [inbox]);
    for (let count = 0; count < 200; count += 1) {
      await deliver(opened.store, random.octets(5_000), [inbox]);
    }
  }
  const path = join(box.path, 'mail.db');
  const file = await readFile(path);
  file.fill(0x55, 40_960, 300_000);
  await writeFile(path, file);
  const { findings } = take(await verifyStore(box.path));
  assert.ok(findings.length > 0);
});

test('a backup restores into an empty folder without the old key, and ids move on', async () => {
  await using old = await folder();
  await using fresh = await folder();
  await using shelf = await folder();
  await mkdir(join(old.path, 'tls'));
  await writeFile(join(old.path, 'secret.key'), 'the device key', { mode: 0o600 });
  await writeFile(join(old.path, 'tls', 'ca.pem'), 'a certificate', { mode: 0o644 });
  const backup = join(shelf.path, 'monday.backup');
  await using opened = await openStore(old.path);
  const { account, inbox } = await opened.account();
  await deliver(opened.store, Buffer.alloc(150_000, 'kept\r\n'), [inbox]);
  const before = await look(opened.store, account);
  const report = take(await backUp(old.path, backup, 'correct horse', random));
  assert.deepEqual(report, { messages: 1, accounts: 1, octets: 150_000, files: 2 });
  assert.equal((await stat(backup)).mode & 0o777, 0o600);
  assert.equal((await readFile(backup)).includes('the device key'), false);
  // Mail that comes after the backup is lost by going back to it; its id must not come again.
  await deliver(opened.store, Buffer.from('after the backup\r\n'), [inbox]);
  const lost = (await look(opened.store, account)).listing.uniqueId(1);

  const clock = new FakeClock();
  const request = { backup, directory: fresh.path, passphrase: 'correct horse', overwrite: false };
  take(await stageRestore(request, clock, random));
  assert.equal(await finishRestore(fresh.path), true);
  assert.equal(await readFile(join(fresh.path, 'secret.key'), 'utf8'), 'the device key');
  assert.equal((await stat(join(fresh.path, 'tls', 'ca.pem'))).mode & 0o777, 0o644);
  await using restored = await openStore(fresh.path);
  const after = await look(restored.store, account);
  assert.equal(after.listing.uniqueId(0), before.listing.uniqueId(0));
  assert.ok(after.state.uidValidity > before.state.uidValidity);
  assert.equal((await body(restored.store, after.listing, 0)).length, 150_000);
  await deliver(restored.store, Buffer.from('new\r\n'), [inbox]);
  const { listing } = await look(restored.store, account);
  assert.notEqual(listing.uniqueId(1), lost);
  assert.deepEqual(take(await verifyStore(fresh.path)).findings, []);
});

/** The queue of a new box that was restored from one with this mail in its queue. */
async function restoredQueue(outgoing: readonly string[]) {
  await using old = await folder();
  await using shelf = await folder();
  const fresh = await folder();
  const backup = join(shelf.path, 'backup');
  {
    await using opened = await openStore(old.path);
    for (const to of outgoing) await queue(opened.store, [copy([to, `also.${to}`])]);
    take(await backUp(old.path, backup, 'right', random));
  }
  const request = { backup, directory: fresh.path, passphrase: 'right', overwrite: false };
  take(await stageRestore(request, new FakeClock(), random));
  assert.equal(await finishRestore(fresh.path), true);
  const opened = await openStore(fresh.path);
  return {
    queue: new SqliteQueue(opened.store.database, new FakeClock()),
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await fresh[Symbol.asyncDispose]();
    },
  };
}

test('what was queued when a backup was made is held and in doubt after restoring it', async () => {
  await using box = await restoredQueue(['bob@example.org', 'eve@example.org']);
  const doubts = (await all(box.queue)).flatMap(({ recipients }) => recipients);
  assert.deepEqual(
    doubts.map(({ doubt }) => doubt),
    [true, true, true, true],
  );
  const state = take(await box.queue.state());
  assert.deepEqual([state.held, state.restored], [true, true]);
  // The times are saved now and then while it is held; that is no word of a person's.
  take(await box.queue.saveState({ held: true, box: 5, ageing: 0, wall: 0 }));
  assert.equal(take(await box.queue.state()).restored, true);
  take(await box.queue.saveState({ held: false, box: 6, ageing: 0, wall: 0 }));
  assert.equal(take(await box.queue.state()).restored, undefined);
  take(await box.queue.saveState({ held: true, box: 7, ageing: 0, wall: 0 }));
  assert.equal(take(await box.queue.state()).restored, undefined, 'a hold of somebody since');
});

test('a restored box with nothing in its queue sends what comes', async () => {
  await using box = await restoredQueue([]);
  const { held, restored } = take(await box.queue.state());
  assert.deepEqual([held, restored], [false, undefined]);
});

test('a restore refuses to overwrite, a wrong passphrase, and what is no backup', async () => {
  await using old = await folder();
  await using shelf = await folder();
  await using fresh = await folder();
  const backup = join(shelf.path, 'backup');
  {
    await using opened = await openStore(old.path);
    await opened.account();
    await writeFile(join(old.path, 'settings.json'), '{}');
    take(await backUp(old.path, backup, 'right', random));
    const twice = await backUp(old.path, backup, 'right', random);
    assert.match(twice.ok ? '' : twice.error.say, /exists already/);
    const inside = await backUp(old.path, join(old.path, 'copy'), 'right', random);
    assert.match(inside.ok ? '' : inside.error.say, /data directory itself/);
  }
  const clock = new FakeClock();
  const request = { backup, directory: old.path, passphrase: 'right', overwrite: false };
  const kept = await stageRestore(request, clock, random);
  assert.equal(kept.ok ? '' : kept.error.code, 'exists');
  const wrong = await stageRestore(
    { ...request, directory: fresh.path, passphrase: 'wrong' },
    clock,
    random,
  );
  assert.equal(wrong.ok ? '' : wrong.error.code, 'passphrase');
  await writeFile(join(shelf.path, 'letter.txt'), 'Dear box, '.repeat(1000));
  for (const name of ['letter.txt', 'nothing']) {
    const strange = { ...request, directory: fresh.path, backup: join(shelf.path, name) };
    const refused = await stageRestore(strange, clock, random);
    assert.equal(refused.ok ? '' : refused.error.code, 'not-a-backup');
  }
  assert.equal(await finishRestore(fresh.path), false);
});

test('a restore that was cut off in the middle is finished at the next start', async () => {
  await using box = await folder();
  await using shelf = await folder();
  const backup = join(shelf.path, 'backup');
  await writeFile(join(box.path, 'secret.key'), 'old key');
  {
    await using opened = await openStore(box.path);
    const { inbox } = await opened.account();
    await deliver(opened.store, Buffer.from('in the backup\r\n'), [inbox]);
    take(await backUp(box.path, backup, 'right', random));
    await deliver(opened.store, Buffer.from('later\r\n'), [inbox]);
  }
  const request = { backup, directory: box.path, passphrase: 'right', overwrite: true };
  take(await stageRestore(request, new FakeClock(), random));
  // The power went after the database was moved and before the other files were.
  await rm(join(box.path, 'mail.db'));
  const stage = join(box.path, 'restore');
  await writeFile(join(box.path, 'mail.db'), await readFile(join(stage, 'mail.db')));
  await rm(join(stage, 'mail.db'));
  assert.equal(await finishRestore(box.path), true);
  assert.equal(await finishRestore(box.path), false);
  const report = take(await verifyStore(box.path));
  assert.deepEqual(report, { messages: 1, octets: 15, findings: [] });
});

test('settings made after a backup do not outlive its restore', async () => {
  await using box = await folder();
  await using shelf = await folder();
  await (await openStore(box.path))[Symbol.asyncDispose]();
  const backup = join(shelf.path, 'backup');
  take(await backUp(box.path, backup, 'right', random));
  await writeFile(join(box.path, 'settings.json'), '{ "mail.maxOctets": "2M" }');
  const request = { backup, directory: box.path, passphrase: 'right', overwrite: true };
  take(await stageRestore(request, new FakeClock(), random));
  assert.equal(await finishRestore(box.path), true);
  assert.deepEqual(JSON.parse(await readFile(join(box.path, 'settings.json'), 'utf8')), {});
});

test('flows of another user are in a backup, and no link of theirs leads it to the keys', async () => {
  await using box = await folder();
  await using theirs = await folder();
  await using shelf = await folder();
  await (await openStore(box.path))[Symbol.asyncDispose]();
  await mkdir(join(box.path, 'flows', 'node_modules', 'a'), { recursive: true });
  await writeFile(join(box.path, 'flows', 'node_modules', 'a', 'index.js'), 'can be fetched again');
  await writeFile(join(box.path, 'flows', 'flows.json'), 'from an earlier restore');
  const there = join(theirs.path, 'flows.json');
  const elsewhere = [{ name: 'flows/flows.json', path: there }];
  const restored = async (name: string) => {
    const backup = join(shelf.path, name);
    const report = take(await backUp(box.path, backup, 'right', random, elsewhere));
    await using fresh = await folder();
    const request = { backup, directory: fresh.path, passphrase: 'right', overwrite: false };
    take(await stageRestore(request, new FakeClock(), random));
    await finishRestore(fresh.path);
    assert.equal(report.files, 1, 'no packages');
    return readFile(join(fresh.path, 'flows', 'flows.json'), 'utf8');
  };
  assert.equal(await restored('none-yet'), 'from an earlier restore');
  await writeFile(there, 'as they are');
  assert.equal(await restored('theirs'), 'as they are');
  await rm(there);
  await writeFile(join(theirs.path, 'secret.key'), 'the key');
  await symlink(join(theirs.path, 'secret.key'), there);
  assert.equal(await restored('a-link'), 'from an earlier restore');
  await rm(there);
  execFileSync('mkfifo', [there]);
  assert.equal(await restored('a-pipe'), 'from an earlier restore');
});

test('one box on a data directory', async () => {
  await using box = await folder();
  const first = take(await holdLock(box.path));
  const second = await holdLock(box.path);
  assert.equal(second.ok ? '' : second.error.code, 'running');
  await first[Symbol.asyncDispose]();
  const third = take(await holdLock(box.path));
  await third[Symbol.asyncDispose]();
});

test('a file of a newer version, or of another program, is refused in words', async () => {
  await using box = await folder();
  await (await openStore(box.path))[Symbol.asyncDispose]();
  const change = async (sql: string): Promise<void> => {
    const connection = await Connection.open(join(box.path, 'mail.db'), 'write');
    await connection.exec(sql);
    await connection.close();
  };
  await change('PRAGMA user_version = 9999');
  await assert.rejects(openStore(box.path), /newer Restante/);
  await change('PRAGMA user_version = 1; PRAGMA application_id = 7');
  await assert.rejects(openStore(box.path), /not a Restante mail store/);
});

test('deleted mail gives its room back', async () => {
  await using opened = await openStore();
  const { account, inbox } = await opened.account();
  for (let count = 0; count < 40; count += 1) {
    await deliver(opened.store, random.octets(1_000_000), [inbox], 60_000);
  }
  const full = (await stat(join(opened.directory, 'mail.db'))).size;
  const { listing } = await look(opened.store, account);
  take(await opened.store.expunge(inbox, entriesOf(listing), () => true));
  await opened.store.settled();
  await opened.store.database.write(async () => {});
  const [pages] = await opened.store.database.all<{ used: number }>(
    'SELECT (page_count - freelist_count) * page_size AS used FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
  );
  assert.ok((pages?.used ?? full) < 1_000_000);
  const [count] = await opened.store.database.all<{ pages: number }>(
    'SELECT page_count AS pages FROM pragma_page_count',
  );
  assert.ok((count?.pages ?? 0) * 4096 < 8_000_000, 'the file shrinks');
});
