/*
 * Devices on a real box: machines at 127.0.0.2 and 127.0.0.3, which know neither TLS nor passwords,
 * or only a TLS of the last century.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBox, type TestBox } from '../support/box.ts';
import { NetPeer, until } from '../support/net-peer.ts';
import { collect } from '../support/smtp-peer.ts';

let box: TestBox;
const scanner = '127.0.0.2';
const printer = '127.0.0.3';

before(async () => {
  box = await startBox();
  await box.addAccount('ann', 'tuna');
  await box.addAccount('bob', 'tuna');
});

after(() => box[Symbol.asyncDispose]());

async function add(...words: string[]): Promise<string> {
  const done = await box.cli(['device', 'add', ...words]);
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

async function refusedWords(...words: string[]): Promise<string> {
  const done = await box.cli(['device', 'add', ...words]);
  assert.equal(done.stdout, '');
  assert.notEqual(done.status, 0);
  return done.stderr;
}

/** A connection from this address that has said HELO. */
async function hello(port: number, from: string): Promise<NetPeer> {
  const peer = await NetPeer.dial(port, '127.0.0.1', from);
  await peer.hear('220 restante.local ESMTP Restante\r\n');
  await ask(peer, 'HELO device', '250 ');
  return peer;
}

/** Says a line and gives the reply, which must begin so. */
async function ask(peer: NetPeer, line: string, reply: string): Promise<string> {
  peer.say(`${line}\r\n`);
  const heard = await peer.hear('\r\n');
  assert.ok(heard.startsWith(reply), `${line}: ${heard}`);
  return heard.trimEnd();
}

async function send(peer: NetPeer, subject: string): Promise<void> {
  await ask(peer, 'MAIL FROM:<device>', '250 ');
  await ask(peer, 'RCPT TO:<bob@restante.local>', '250 ');
  await ask(peer, 'DATA', '354 ');
  await ask(peer, `From: <me@device>\r\nSubject: ${subject}\r\n\r\nHello.\r\n.`, '250 ');
}

async function warnings(): Promise<string[]> {
  const status = await box.cli(['status', '--json']);
  return JSON.parse(status.stdout).warnings;
}

test('a device is added, sends on both ports, survives a restart, and is removed', async () => {
  const said = await add('scanner', '--address', scanner, '--account', 'ann');
  assert.match(said, /^scanner may send from 127\.0\.0\.2, at most 100 messages an hour/);
  assert.match(said, new RegExp(`Port +${box.ports.smtp} or ${box.ports.submission}`));
  assert.match(said, /the sender is ann@restante\.local, whatever the device says/);

  await send(await hello(box.ports.smtp, scanner), 'on 25');
  await send(await hello(box.ports.submission, scanner), 'on 587');
  const listed = await box.cli(['device', 'list']);
  assert.match(
    listed.stdout,
    /^scanner +127\.0\.0\.2 +ann +sends as ann@restante\.local +2 of 100/,
  );
  await box.restart();
  const open = await hello(box.ports.submission, scanner);
  await send(open, 'after the restart');

  const messages = await collect(box.ports.pop3, 'bob', 'tuna');
  assert.equal(messages.length, 3);
  for (const message of messages) {
    assert.match(
      message,
      /^(\+OK.*\r\n)Return-Path: <ann@restante\.local>\r\nReceived: from device/,
    );
    assert.match(message, /with SMTP \(device scanner\)\r\n/);
    assert.match(message, /\r\nFrom: <me@device>\r\n[\s\S]*\r\nMessage-ID: <.*>\r\n\r\nHello/);
  }

  const gone = await box.cli(['device', 'remove', 'scanner']);
  assert.equal(gone.stdout, 'scanner may not send without a password any more.');
  // On a connection that stands, too.
  await ask(open, 'MAIL FROM:<bob@restante.local>', '530 5.7.0 Sign in first');
});

test('what cannot be is refused in words, and what is missing is named', async () => {
  assert.match(
    await refusedWords('x', '--address', '192.0.2.7', '--account', 'ann'),
    /^192\.0\.2\.7 is not an address of the home network/,
  );
  assert.match(await refusedWords('x', '--address', scanner), /^--account ACCOUNT is missing\./);
  assert.match(await refusedWords('x', '--account', 'ann'), /^--address IP is missing\./);
  const wanted = ['x', '--address', scanner, '--account'];
  assert.match(await refusedWords(...wanted, 'eve'), /^There is no account eve\.$/);
  assert.match(await refusedWords(...wanted, 'ann', '--per-hour', 'many'), /^A device may send/);
  const asBob = await refusedWords(...wanted, 'ann', '--from', 'bob@restante.local');
  assert.match(asBob, /^bob@restante\.local is an address of bob/);
  assert.equal((await box.cli(['device', 'list', '--json'])).stdout, '[]');
});

test('its own sender, its own hour', async () => {
  const wanted = ['camera', '--address', scanner, '--account', 'ann', '--per-hour', '2'];
  const said = await add(...wanted, '--from', 'camera@restante.local');
  assert.match(said, /camera@restante\.local is an address of ann from now on\./);
  const peer = await hello(box.ports.smtp, scanner);
  await send(peer, 'one');
  await send(peer, 'two');
  await ask(
    peer,
    'MAIL FROM:<camera>',
    '451 4.7.1 The device camera may send 2 messages an hour; try again in 60 minutes.',
  );
  assert.match((await warnings()).join(), /^camera \(127\.0\.0\.2\) wants to send more/);
  const loss = await box.cli(['account', 'remove', 'ann']);
  assert.match(loss.stderr, /takes away .*, the device camera\./);
  await box.cli(['device', 'remove', 'camera']);
  // A bounce to the camera's address still reaches ann.
  const stranger = await hello(box.ports.smtp, printer);
  await ask(stranger, 'MAIL FROM:<>', '250 ');
  await ask(stranger, 'RCPT TO:<camera@restante.local>', '250 ');
});

test('TLS 1.0 with RSA is for the device that was given it, for nobody else', async () => {
  const ciphers = 'AES128-SHA:@SECLEVEL=0';
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers } as const;
  const secure = async (from: string) => {
    const peer = await hello(box.ports.submission, from);
    await ask(peer, 'STARTTLS', '220 ');
    return peer.secure({ ...old, rejectUnauthorized: false }).then(
      () => peer,
      () => undefined,
    );
  };
  assert.equal(await secure(scanner), undefined);
  const said = await add('nas', '--address', scanner, '--account', 'ann', '--old-tls');
  assert.match(said, /STARTTLS \(also old TLS\)\n[\s\S]*^It is offered an RSA certificate too\./m);
  assert.equal(await secure(printer), undefined);
  const peer = await secure(scanner);
  assert.ok(peer);
  await ask(peer, 'HELO nas', '250 ');
  await send(peer, 'in old TLS');
  const messages = await collect(box.ports.pop3, 'bob', 'tuna');
  assert.match(
    messages.at(-1) ?? '',
    /with SMTP \(TLSv1 TLS_RSA_WITH_AES_128_CBC_SHA\) \(device nas\)\r\n/,
  );
  await box.cli(['device', 'remove', 'nas']);
});

test('status names a device that never ends its message, until one gets through', async () => {
  await add('scanner', '--address', scanner, '--account', 'ann');
  const peer = await hello(box.ports.smtp, scanner);
  peer.say('MAIL FROM:<scanner>\nRCPT TO:<ann@restante.local>\nDATA\n');
  await peer.hear('354 ');
  peer.say('Subject: scan\n\nHello.\n.\n');
  peer.socket.end();
  await until('it has gone', () => peer.closed);
  const [warning = ''] = await warnings();
  assert.match(warning, /^scanner \(127\.0\.0\.2\) ends its lines with LF or CR alone/);
  const words = await box.cli(['status']);
  assert.match(words.stdout, /^Warning: scanner \(127\.0\.0\.2\)/m);
  await send(await hello(box.ports.smtp, scanner), 'mended');
  assert.deepEqual(await warnings(), []);
});

test('status tells what to type for a printer that is refused again and again', async () => {
  for (let i = 0; i < 2; i++) {
    const peer = await hello(box.ports.submission, printer);
    await ask(peer, 'MAIL FROM:<printer@example.org>', '530 ');
    await ask(peer, 'QUIT', '221 ');
  }
  const [warning = ''] = await warnings();
  assert.match(warning, /^Something at 127\.0\.0\.3 tries to send mail without signing in/);
  const [, command = ''] = /restante (device add .*)$/.exec(warning) ?? [];
  const words = command.replace('NAME', 'printer').replace('ACCOUNT', 'ann').split(' ');
  assert.equal((await box.cli(words)).status, 0);
  assert.deepEqual(await warnings(), []);
  await send(await hello(box.ports.submission, printer), 'at last');
});
