/*
 * The IMAP upstream against Debian's Dovecot: every octet of a thousand messages and of some odd
 * ones, folders by the names that people write, removal, UIDVALIDITY, IDLE.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { patient } from '#collector/imap/limits';
import { ImapConnector } from '#collector/imap-upstream';
import type { OpenFolder, SourceTarget, Upstream } from '#collector/upstream';
import {
  dovecotPassword,
  dovecotUser,
  ImapDovecot,
  missingDovecot,
} from '../support/imap-dovecot.ts';
import { got, Keeping, listed, targetAt } from '../support/imap-peer.ts';

const skip = missingDovecot() ?? false;
let dovecot: ImapDovecot;

before(async () => {
  if (skip === false) dovecot = await ImapDovecot.start();
});
after(async () => {
  await dovecot?.[Symbol.asyncDispose]();
});

async function connected(more: Partial<SourceTarget> = {}): Promise<Upstream> {
  const secret = { password: dovecotPassword };
  const target = targetAt(dovecot.port, { user: dovecotUser, secret, ca: dovecot.ca, ...more });
  return got(await new ImapConnector(new SystemClock(), patient).connect(target));
}

async function opened(folder: string, more: Partial<SourceTarget> = {}) {
  const upstream = await connected(more);
  return { upstream, folder: got(await upstream.open(folder)) };
}

function letter(number: number, body: string): Buffer {
  return Buffer.from(`From: ann@example.org\nSubject: ${number}\n\n${body}`, 'latin1');
}

function* many(count: number): Generator<Buffer> {
  for (let number = 1; number <= count; number += 1) {
    yield letter(number, 'All octets: \x01\x7f\xe9\xff\n'.repeat(1 + ((number * 37) % 90)));
  }
}

/** What is easily got wrong, with lines that end in LF as the Maildir has them. */
const odd: readonly [string, Buffer][] = [
  ['no end of line at the end', letter(1, 'no end of line')],
  ['no body', Buffer.from('Subject: nothing\n\n')],
  ['no header section', Buffer.from('\nbody only\n')],
  ['one octet', Buffer.from('x')],
  ['dots', letter(2, '.\n..\n.\n')],
  ['octets of a literal', letter(3, '{5}\n* 1 FETCH (UID 9 BODY[] {3}\nabc)\n1 OK done\n')],
  ['a piece, less one octet', letter(4, 'y'.repeat(262_143 - 43))],
  ['just a piece', letter(5, 'y'.repeat(262_144 - 43))],
  ['a piece and an octet', letter(6, 'y'.repeat(262_145 - 43))],
  ['5 MB', letter(7, `${'z'.repeat(997)}\n`.repeat(5254))],
];

async function collected(folder: OpenFolder) {
  const { messages, trouble } = await listed(folder);
  assert.equal(trouble, undefined);
  const keeping = new Keeping();
  got(await folder.fetch(messages, keeping.receive));
  return { messages, keeping };
}

for (const security of ['none', 'starttls', 'tls'] as const) {
  test(`gives every octet of 1,200 messages and of odd ones (${security})`, { skip }, async () => {
    const name = `.All-${security}`;
    await dovecot.makeFolder(name);
    await dovecot.fill([...many(1200), ...odd.map(([, octets]) => octets)], name);
    const port = security === 'tls' ? dovecot.tlsPort : dovecot.port;
    const { upstream, folder } = await opened(name.slice(1), { port, security });
    assert.equal(folder.messages, 1200 + odd.length);
    assert.equal(folder.uidNext, folder.messages + 1);
    assert.match(folder.identity, /^[1-9]\d*$/);
    assert.match(folder.modseq ?? '', /^\d+$/);
    const { messages, keeping } = await collected(folder);
    assert.equal(messages.length, folder.messages);
    assert.ok(messages.every(({ arrivedAt = 0 }) => Math.abs(Date.now() - arrivedAt) < 600_000));
    const held = await dovecot.held(name);
    assert.deepEqual([...keeping.missing], []);
    for (const [at, message] of messages.entries()) {
      const octets = keeping.whole.get(message.uid);
      assert.ok(octets !== undefined && held[at]?.equals(octets), `message ${message.uid}`);
      assert.equal(message.octets, octets.length);
    }
    assert.deepEqual(
      keeping.begun,
      messages.map(({ uid }) => uid),
    );
    // BODY.PEEK: nobody has seen them.
    const files = await readdir(join(dovecot.maildir(name), 'cur'));
    assert.ok(files.every((file) => file.endsWith(':2,')));
    got(await upstream.close());
  });
}

test('an empty message is an empty message', { skip }, async () => {
  await dovecot.makeFolder('.Empty');
  await dovecot.fill([Buffer.alloc(0)], '.Empty');
  const { upstream, folder } = await opened('Empty');
  const { messages, keeping } = await collected(folder);
  // Dovecot lets a header section end where there is none.
  const [message] = messages;
  assert.equal(message?.octets, keeping.whole.get('1')?.length);
  await upstream.close();
});

test('reads a header section, asks for one message, lists from one on', { skip }, async () => {
  await dovecot.makeFolder('.Some');
  await dovecot.fill([letter(1, 'a\n'), letter(2, 'b\n'), letter(3, 'c\n')], '.Some');
  await dovecot.fill([Buffer.from(`${'X-Long: y\n'.repeat(20_000)}\nbody\n`)], '.Some');
  const { upstream, folder } = await opened('Some');
  const { messages } = await listed(folder, 3);
  assert.deepEqual(
    messages.map(({ uid }) => uid),
    ['3', '4'],
  );
  const [third, long] = messages;
  assert.ok(third !== undefined && long !== undefined);
  const header = got(await folder.header(third));
  assert.equal(String(header), 'From: ann@example.org\r\nSubject: 3\r\n\r\n');
  assert.equal(got(await folder.header(long))?.length, 65_536);
  const gone = await folder.header({ uid: '77', number: 0, octets: 1 });
  assert.equal(!gone.ok && gone.error.kind, 'refused');
  const uids = ['1', '4', '5', '4294967295', '0', '', 'x', '1:4', '99999999999'];
  const there = [];
  for (const uid of uids) if (got(await folder.has(uid))) there.push(uid);
  assert.deepEqual(there, ['1', '4']);
  // 'n:*' would give the last one.
  assert.deepEqual((await listed(folder, 5)).messages, []);
  assert.deepEqual((await listed(folder, 4_000_000_000)).messages, []);
  await upstream.close();
});

test('folders by the names that people write', { skip }, async () => {
  for (const name of ['.Archive', '.Archive.2024', '.Entw&APw-rfe', '.Gesendet', '.100%']) {
    await dovecot.makeFolder(name);
  }
  const upstream = await connected();
  const names = got(await upstream.folderNames());
  for (const name of ['INBOX', 'Archive/2024', 'Entwürfe', 'Gesendet', '100%']) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ['INBOX', 'Inbox', 'inbox', 'Archive/2024', 'Entwürfe', '\\Sent', '100%']) {
    got(await upstream.open(name));
  }
  const missing = await upstream.open('Nirgends/2024');
  assert.deepEqual(missing, {
    ok: false,
    error: { kind: 'absent', detail: 'there is no folder Nirgends/2024' },
  });
  const unused = await upstream.open('\\All');
  assert.equal(!unused.ok && unused.error.kind, 'absent');
  // A refusal ends nothing.
  got(await upstream.open('INBOX'));
  await upstream.close();
});

test('removes what it is told to, and nothing else', { skip }, async () => {
  await dovecot.makeFolder('.Remove');
  await dovecot.fill(many(500), '.Remove');
  const { upstream, folder } = await opened('Remove');
  const { messages } = await listed(folder);
  got(await folder.remove(messages.filter((_, at) => at % 2 === 0)));
  got(await folder.remove([]));
  const left = (await listed(folder)).messages.map(({ uid }) => uid);
  assert.deepEqual(
    left,
    messages.filter((_, at) => at % 2 === 1).map(({ uid }) => uid),
  );
  // One that is gone already is no trouble.
  got(await folder.remove(messages.slice(0, 2)));
  assert.equal((await listed(folder)).messages.length, 249);
  const [, second, third] = messages;
  assert.ok(second !== undefined && third !== undefined);
  const keeping = new Keeping();
  got(await folder.fetch([second, third], keeping.receive));
  assert.deepEqual([...keeping.missing.keys()], ['2', '3']);
  await upstream.close();
});

test('a folder that was numbered anew has another identity', { skip }, async () => {
  await dovecot.makeFolder('.Anew');
  await dovecot.fill(many(3), '.Anew');
  const first = await opened('Anew');
  await first.upstream.close();
  // UIDVALIDITY is a time in seconds here.
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) <= second) await new Promise(setImmediate);
  await dovecot.renumber('.Anew');
  const again = await opened('Anew');
  assert.notEqual(again.folder.identity, first.folder.identity);
  await again.upstream.close();
});

test('IDLE tells of a delivery, at once and while something else is done', { skip }, async () => {
  const { upstream, folder } = await opened('INBOX');
  const never = new AbortController().signal;
  const waiting = upstream.changed(never);
  await dovecot.deliver(letter(1, 'news\n'));
  assert.equal(got(await waiting), 'changed');
  const { keeping } = await collected(folder);
  assert.match(String([...keeping.whole.values()].at(-1)), /news\r\n$/);
  // It comes before anybody waits.
  await dovecot.deliver(letter(2, 'more\n'));
  assert.equal(got(await upstream.changed(never)), 'changed');
  const stop = new AbortController();
  const quiet = upstream.changed(stop.signal);
  setImmediate(() => stop.abort());
  assert.equal(got(await quiet), 'quiet');
  assert.equal((await listed(folder)).messages.length, folder.messages + 2);
  await upstream.close();
});
