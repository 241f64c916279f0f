/*
 * Whole boxes with little room, and ones that come back from a backup: collecting rests before SMTP
 * refuses, and goes on; what the backup has does not come again.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertAre, letters, mailAt } from '../support/collecting.ts';
import { NetPeer } from '../support/net-peer.ts';
import { password } from '../support/outgoing-box.ts';
import { ScriptedPop3Server } from '../support/scripted-pop3-server.ts';
import { notRoot, smallDisk } from '../support/small-disk.ts';
import { SmtpSender } from '../support/smtp-peer.ts';
import { type SourceBox, startSourceBox } from '../support/source-box.ts';

/** A letter of a megabyte that nobody can make smaller. */
function heavy(subject: string): Buffer {
  const body = randomBytes(768_000).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(`Subject: ${subject}\r\n\r\n${body}\r\n`);
}

async function deleteAll(box: SourceBox): Promise<void> {
  const peer = await NetPeer.dial(box.box.ports.pop3);
  const ask = async (command: string) => {
    peer.say(`${command}\r\n`);
    return peer.hear('\r\n');
  };
  await peer.hear('\r\n');
  await ask('USER ann');
  await ask(`PASS ${password}`);
  const count = Number((await ask('STAT')).split(' ')[1]);
  for (let number = 1; number <= count; number += 1) await ask(`DELE ${number}`);
  assert.match(await ask('QUIT'), /^\+OK/);
}

test('low room: collecting rests while SMTP still takes mail in, and goes on', {
  skip: notRoot,
}, async () => {
  await using disk = await smallDisk(48);
  const sent = Array.from({ length: 60 }, (_, index) => heavy(`heavy ${index}`));
  await using server = await ScriptedPop3Server.listen({
    messages: sent.map((octets, index) => ({ uid: `u${index}`, octets })),
  });
  await using box = await startSourceBox({
    data: disk.path,
    set: { 'pop3.shelfDays': '0' },
  });
  await box.add('isp', { protocol: 'pop3', port: server.port });
  await box.collect('isp');
  const report = await box.untilSource('isp', 'no-room');
  assert.ok(report.messages > 0 && report.messages < 60, `${report.messages} collected`);
  assert.match((await box.status()).warnings.join('\n'), /Collecting from isp: .*room/);
  await box.until('a lamp that says so', async () => (await box.lamp('status')) === 'pulse');
  const sender = await SmtpSender.dial(box.box.ports.smtp);
  assert.match((await sender.send('ann@restante.local', 'Subject: x\r\n\r\nx')) ?? '', /^250/);
  sender.hangUp();
  const seen: Buffer[] = [];
  await box.until('all of it, as room is made', async () => {
    const { collected } = await box.mail();
    seen.push(...collected);
    if (seen.length === sent.length) return true;
    await deleteAll(box);
    await box.collect('isp');
    return false;
  });
  assertAre(seen, sent);
  await box.until('a lamp that says well', async () => (await box.lamp('status')) === 'on');
});

test('a box that goes back to a backup: sources go on, and nothing in the backup comes twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'collecting-backup-'));
  try {
    const [before, after, later] = [letters('b', 10), letters('a', 5), letters('l', 3)];
    const list = (all: readonly Buffer[]) =>
      all.map((octets, index) => ({ uid: `u${index}`, octets }));
    await using server = await ScriptedPop3Server.listen({ messages: list(before) });
    await using box = await startSourceBox();
    await box.add('isp', { protocol: 'pop3', port: server.port });
    await box.collect('isp');
    const file = join(folder, 'backup');
    const made = await box.box.cli(['backup', file, '--password-stdin'], 'passphrase');
    assert.equal(made.status, 0, made.stderr);
    server.messages = list([...before, ...after]);
    await box.collect('isp');
    assert.equal((await mailAt(box.box.ports.pop3, 'ann')).length, 15);
    // Before it comes back: it looks at once.
    server.messages = list([...before, ...after, ...later]);
    const again = box.box.saidAgain(/^ready\b/i);
    const words = ['restore', file, '--password-stdin', '--yes'];
    const restored = await box.box.cli(words, 'passphrase');
    assert.equal(restored.status, 0, restored.stderr);
    await again;
    await box.collect('isp');
    assertAre((await box.mail()).collected, [...before, ...after, ...later]);
    assert.equal((await box.box.cli(['verify'])).status, 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
