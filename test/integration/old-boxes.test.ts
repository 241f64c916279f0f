/*
 * A newer version on what an older one left. test/fixtures/backups/ has backups that were made by
 * the box of that time, with everything a household has: this version restores them, and the data
 * directory that comes of it is that version's own, so that starting on it is an upgrade.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Connection } from '#mail/store/sqlite/connection';
import { databaseName } from '#mail/store/sqlite/database';
import { schemaVersion } from '#mail/store/sqlite/migrations/migrations';
import { cli, startBox, type TestBox } from '../support/box.ts';
import { collect } from '../support/smtp-peer.ts';

const run = promisify(execFile);
const backups = new URL('../fixtures/backups/', import.meta.url);

/** Of all backups; and of who lived in that box. */
const passphrase = 'passphrase';
const passwords = { ann: 'battery staple', bob: 'correct horse', phone: 'qgee-mrxc-anhg-ppxj' };

async function schemaOf(data: string): Promise<number | undefined> {
  const connection = await Connection.open(join(data, databaseName), 'read');
  try {
    const [row] = await connection.all<{ version: number }>(
      'SELECT user_version AS version FROM pragma_user_version',
    );
    return row?.version;
  } finally {
    await connection.close();
  }
}

async function answer(box: TestBox, ...words: string[]): Promise<string> {
  const ended = await box.cli(words);
  assert.equal(ended.status, 0, `${words.join(' ')}: ${ended.stderr}`);
  return ended.stdout;
}

test('a box of schema 5, the first with a queue: restored, and upgraded', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'old-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [file, data] = [join(folder, 'backup'), join(folder, 'data')];
  await writeFile(file, gunzipSync(await readFile(new URL('schema-5.backup.gz', backups))));
  const words = ['restore', file, '--password-stdin', '--data', data];
  const restored = await cli(words, passphrase);
  assert.equal(restored.status, 0, restored.stderr);
  assert.equal(await schemaOf(data), 5, 'nothing is changed before the box starts');

  await using box = await startBox({ data });
  assert.equal(await schemaOf(data), schemaVersion);
  assert.match(await answer(box, 'verify'), /All is sound: 4 messages/);

  for (const password of [passwords.ann, passwords.phone]) {
    const mail = await collect(box.ports.pop3, 'ann', password);
    assert.deepEqual(
      mail.map((message) => /kept since schema 5, message (\d)/.exec(message)?.[1]),
      ['1', '2', '3'],
    );
  }
  assert.deepEqual(await collect(box.ports.pop3, 'bob', passwords.bob), []);
  const addresses = await answer(box, 'address', 'list', 'ann');
  for (const address of ['ann@restante.local', 'post@restante.local', 'ann@example.org']) {
    assert.ok(addresses.includes(address), addresses);
  }
  assert.match(await answer(box, 'device', 'list'), /printer {2}192\.168\.77\.9 {2}ann/);
  assert.match(await answer(box, 'uplink', 'list'), /home {2}smtp\.example\.org:465 \(TLS\)/);
  // A restored queue is held: what is in it may have been sent after the backup was made.
  assert.match(await answer(box, 'status'), /on hold/);
  const [queued] = JSON.parse(await answer(box, 'queue', 'list', '--json'));
  assert.match(await answer(box, 'queue', 'why', queued.id), /carol@example\.net/);
  assert.match(await answer(box, 'settings', 'get', 'mail.maxOctets'), /20M/);

  // What came since then works on it.
  assert.match(await answer(box, 'source', 'list'), /no/i);
  assert.match(await answer(box, 'join', 'link', 'ann'), /\/join\//);
  assert.match(await answer(box, 'mail', 'list', '--account', 'ann'), /old 1/);
  const owner = await box.cli(['owner', 'password', '--password-stdin'], 'correct horse');
  assert.equal(owner.status, 0, owner.stderr);
  const again = join(folder, 'again');
  const backup = await box.cli(['backup', again, '--password-stdin'], passphrase);
  assert.equal(backup.status, 0, backup.stderr);
  const url = `smtps://localhost:${box.ports.submissions}`;
  await writeFile(join(folder, 'new'), 'Subject: new\r\n\r\nsince now\r\n');
  await run('curl', [
    ...['-sS', '--cacert', box.caFile, '-u', `ann:${passwords.ann}`, url],
    ...['--mail-from', 'ann@restante.local', '--mail-rcpt', 'bob@restante.local'],
    ...['-T', join(folder, 'new')],
  ]);
  assert.match((await collect(box.ports.pop3, 'bob', passwords.bob))[0] ?? '', /since now/);

  await box.restart();
  assert.match(await answer(box, 'verify'), /All is sound: 5 messages/);
});
