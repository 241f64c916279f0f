/* The box's own mail: where it lies, what it looks like, and how often it is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok } from '#base/result';
import type { AccountId } from '#mail/ids';
import { failingDisk, ReportRoom } from '../../support/report-room.ts';

const hour = 3_600_000;

function stage() {
  const room = new ReportRoom();
  const ann = room.add('ann');
  const bob = room.add('bob');
  return { room, ann, bob };
}

test('a notice is a plain message without a sender', async () => {
  const { room, bob } = stage();
  const told = await room.notices.tell(bob, {
    subject: 'The sign-in of uplink gmail ends on Sunday',
    paragraphs: [
      'Sign in anew before that, and your mail keeps going out: restante uplink signin gmail',
      'Grüße,\r\n.\r\nRestante',
    ],
  });
  assert.ok(told.ok);
  assert.deepEqual(room.readers, ['bob']);
  const [{ text, along } = assert.fail()] = room.committed;
  assert.equal(
    text.replace(/<[0-9a-f]{32}@/, '<id@'),
    `Return-Path: <>
Date: Mon, 23 Nov 2026 09:00:00 +0000
From: Restante <postmaster@restante.local>
To: <bob@restante.local>
Subject: The sign-in of uplink gmail ends on Sunday
Message-ID: <id@restante.local>
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Sign in anew before that, and your mail keeps going out: restante uplink
signin gmail

Grüße,  .  Restante
`.replaceAll('\n', '\r\n'),
  );
  assert.deepEqual(along.history?.addresses, ['bob@restante.local']);
  assert.match(along.history?.say ?? '', /sign-in of uplink gmail.*from the box$/);
});

test('the postmaster is told in place of who left, and as such', async () => {
  const { room } = stage();
  for (const who of ['postmaster', 99 as AccountId] as const) {
    assert.ok((await room.notices.tell(who, { subject: 'x', paragraphs: [] })).ok);
    assert.deepEqual(room.readers, ['ann']);
    assert.match(room.committed.at(-1)?.text ?? '', /\r\nTo: <postmaster@restante\.local>\r\n/);
  }
});

test('in an empty house the log is told', async () => {
  const room = new ReportRoom();
  assert.ok((await room.notices.tell('postmaster', { subject: 'x', paragraphs: [] })).ok);
  assert.match(room.log[0]?.say ?? '', /nobody is here to be told: x/);
});

test('told once a day, each account for itself, also by a box that started anew', async () => {
  const { room, ann, bob } = stage();
  const notice = { subject: 'x', paragraphs: ['y'], once: 'uplink gmail refuses the password' };
  const tell = async (who: AccountId) => {
    const before = room.committed.length;
    assert.ok((await room.notices.tell(who, notice)).ok);
    return room.committed.length - before;
  };
  assert.equal(await tell(ann), 1);
  assert.equal(await tell(ann), 0);
  assert.equal(await tell(bob), 1);
  room.clock.advance(23 * hour);
  assert.equal(await tell(ann), 0);
  room.clock.advance(hour);
  assert.equal(await tell(ann), 1);
  assert.equal(await tell(ann), 0);
});

test('told once by several who notice the same at once', async () => {
  const { room, ann } = stage();
  const notice = { subject: 'x', paragraphs: ['y'], once: 'k' };
  await Promise.all([1, 2, 3].map(() => room.notices.tell(ann, notice)));
  assert.equal(room.committed.length, 1);
});

test('who comes second while the disk fails does not hear that it was told', async () => {
  const { room, ann } = stage();
  const notice = { subject: 'x', paragraphs: ['y'], once: 'k' };
  room.failing.trouble = failingDisk;
  const told = await Promise.all([1, 2].map(() => room.notices.tell(ann, notice)));
  assert.deepEqual(
    told.map(({ ok }) => ok),
    [false, false],
  );
});

test('what could not be told is told when it is tried again', async () => {
  const { room, ann } = stage();
  const notice = { subject: 'x', paragraphs: ['y'], once: 'k' };
  room.failing.trouble = failingDisk;
  assert.ok(!(await room.notices.tell(ann, notice)).ok);
  room.failing.trouble = undefined;
  assert.ok((await room.notices.tell(ann, notice)).ok);
  assert.equal(room.committed.length, 1);
});

test('a message that cannot be read to its end is not delivered', async () => {
  const { room, ann } = stage();
  async function* octets() {
    yield ok(Buffer.from('Subject: half\r\n'));
    yield failed(failingDisk);
  }
  const done = await room.notices.deliver(ann, { octets: octets(), say: 'half' });
  assert.deepEqual(done, failed(failingDisk));
  assert.deepEqual(room.committed, []);
});
