/*
 * A disk that gets full: mail is refused politely while people still read and delete, and the box
 * goes on by itself when there is room again. Runs on a small file system of its own, so as root.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BoxOptions, startBox, type TestBox } from '../support/box.ts';
import { NetPeer } from '../support/net-peer.ts';
import { notRoot, smallDisk } from '../support/small-disk.ts';
import { SmtpSender } from '../support/smtp-peer.ts';

function message(octets: number): string {
  const body = randomBytes(octets * 0.75)
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
  return `Subject: filling\r\n\r\n${body}`;
}

/** Sends until the box refuses; how many it took, and how it refused. */
async function fill(box: TestBox, octets: number): Promise<{ taken: number; refusal: string }> {
  const sender = await SmtpSender.dial(box.ports.smtp);
  for (let taken = 0; ; taken += 1) {
    const reply = await sender.send('ann@restante.local', message(octets));
    if (reply === undefined || !reply.startsWith('250')) {
      sender.hangUp();
      return { taken, refusal: reply ?? 'the line was lost' };
    }
    assert.ok(taken < 10_000, 'the disk never got full');
  }
}

/** A box with one account, whose disk is small. By itself it keeps nothing that is deleted. */
async function boxOnSmallDisk(set: BoxOptions['set'] = { 'pop3.shelfDays': '0' }) {
  await using parts = new AsyncDisposableStack();
  const disk = parts.use(await smallDisk(48));
  const box = parts.use(await startBox({ data: disk.path, set }));
  await box.addAccount('ann', 'a password');
  const kept = parts.move();
  return { box, disk, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function sendThirty(box: TestBox): Promise<SmtpSender> {
  const sender = await SmtpSender.dial(box.ports.smtp);
  for (let count = 0; count < 30; count += 1) {
    assert.match((await sender.send('ann@restante.local', message(200_000))) ?? '', /^250/);
  }
  return sender;
}

/** Takes the last block; the file that holds them. */
async function fillUp(folder: string): Promise<string> {
  const path = join(folder, 'films');
  const file = await open(path, 'w');
  await assert.rejects(async () => {
    for (;;) await file.write(Buffer.alloc(4_096));
  }, /ENOSPC/);
  await file.close();
  return path;
}

async function deleteAll(box: TestBox): Promise<number> {
  const peer = await NetPeer.dial(box.ports.pop3);
  const ask = async (command: string): Promise<string> => {
    peer.say(`${command}\r\n`);
    const line = await peer.hear('\r\n');
    assert.ok(line.startsWith('+OK'), `${command}: ${line}`);
    return line;
  };
  await peer.hear('\r\n');
  await ask('USER ann');
  await ask('PASS a password');
  const count = Number((await ask('STAT')).split(' ')[1]);
  peer.say('RETR 1\r\n');
  assert.match(await peer.hear('\r\n.\r\n'), /^\+OK/);
  for (let number = 1; number <= count; number += 1) await ask(`DELE ${number}`);
  await ask('QUIT');
  return count;
}

/** Offers a mail again and again until the box takes it. The test's own time limit ends it. */
async function untilTaken(box: TestBox): Promise<void> {
  for (let reply: string | undefined; !reply?.startsWith('250'); ) {
    const sender = await SmtpSender.dial(box.ports.smtp);
    reply = await sender.send('ann@restante.local', 'Subject: small\r\n\r\nHello');
    sender.hangUp();
    assert.match(reply ?? 'the line was lost', /^(250|452) /);
  }
}

test('low room: mail is refused before the disk is full, and taken in again after deleting', {
  skip: notRoot,
}, async () => {
  await using opened = await boxOnSmallDisk();
  const { box, disk } = opened;
  const { taken, refusal } = await fill(box, 400_000);
  assert.ok(taken > 20, `took ${taken}`);
  assert.match(refusal, /^452 4\.3\.1 /);
  const room = await statfs(disk.path);
  assert.ok(room.bavail > 0, 'the disk is not full yet');
  const status = await box.cli(['status']);
  assert.match(status.stdout, /disk/i);
  assert.equal(await deleteAll(box), taken);
  await untilTaken(box);
  assert.equal((await box.cli(['verify'])).status, 0);
  await box.kill();
});

test('a disk filled to the last block by others: reading and deleting work, nothing is lost', {
  skip: notRoot,
}, async () => {
  await using opened = await boxOnSmallDisk();
  const { box, disk } = opened;
  const sender = await sendThirty(box);
  const stranger = await fillUp(disk.path);
  let reply: string | undefined;
  for (let count = 0; count < 50 && !reply?.startsWith('452'); count += 1) {
    reply = await sender.send('ann@restante.local', message(200_000));
  }
  assert.match(reply ?? '', /^452 4\.3\.1 /);
  sender.hangUp();
  assert.ok((await deleteAll(box)) >= 30);
  await unlink(stranger);
  await untilTaken(box);
  assert.equal((await box.cli(['verify'])).status, 0);
  await box.kill();
});

test('a disk filled to the last block while the box was off: it starts, and mail can be deleted', {
  skip: notRoot,
}, async () => {
  await using opened = await boxOnSmallDisk();
  const { box, disk } = opened;
  (await sendThirty(box)).hangUp();
  await box.kill('SIGTERM');
  const stranger = await fillUp(disk.path);
  await box.restart();
  assert.equal(await deleteAll(box), 30);
  await unlink(stranger);
  await untilTaken(box);
  assert.equal((await box.cli(['verify'])).status, 0);
  await box.kill();
});

test('low room: deleted mail leaves the shelf before its time, the oldest first', {
  skip: notRoot,
}, async () => {
  await using opened = await boxOnSmallDisk({});
  const { box } = opened;
  const { taken } = await fill(box, 400_000);
  assert.equal(await deleteAll(box), taken);
  await untilTaken(box);
  const listed = await box.cli(['shelf', 'list', '--json', '--count', '1000']);
  const ids: number[] = JSON.parse(listed.stdout).map(({ id }: { id: number }) => id);
  assert.ok(ids.length > 0 && ids.length < taken, `${ids.length} of ${taken} lie there still`);
  assert.ok(!ids.includes(1), 'the oldest is gone');
  const last = Math.max(...ids);
  assert.deepEqual(
    ids.toSorted((one, other) => one - other),
    Array.from(ids, (_, place) => last - ids.length + 1 + place),
    'what is left are the youngest',
  );
  assert.equal((await box.cli(['verify'])).status, 0);
  await box.kill();
});
