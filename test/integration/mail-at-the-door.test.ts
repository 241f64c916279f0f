/*
 * Mail at the control door of a real box, as programs see it with curl: handed in, told as an
 * event, listed behind a cursor, read octet for octet; and what nobody can do there.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { controlSocketPath } from '#control/socket-path';
import type { BoxEvent, MailReport } from '#control/types';
import { waitUntil } from '../../scripts/bench/processes.ts';
import { type OutgoingBox, startOutgoingBox } from '../support/outgoing-box.ts';
import { ScriptedSmtpServer } from '../support/scripted-smtp-server.ts';

const run = promisify(execFile);

let box: OutgoingBox;
let socket: string;

before(async () => {
  box = await startOutgoingBox();
  socket = controlSocketPath(box.box.data);
  await box.person('ann', 'ann@example.org');
  await box.person('bob');
});
after(() => box?.[Symbol.asyncDispose]());

/** What curl gets: the status and the body. */
async function curl(...words: string[]): Promise<{ status: number; body: string }> {
  const asked = ['-sS', '-w', '\n%{http_code}', '--unix-socket', socket, ...words];
  const { stdout } = await run('curl', asked, { maxBuffer: 64 * 1024 * 1024 });
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}

const post = (path: string, fields: object) =>
  curl(`http://box/v1/${path}`, '-d', JSON.stringify(fields));

const list = (query = ''): Promise<MailReport[]> =>
  curl(`http://box/v1/mail/list?${query}`).then(({ body }) => JSON.parse(body));

/** Follows the events with curl. */
function follow() {
  const words = ['-sSN', '--unix-socket', socket, 'http://box/v1/events?follow=true'];
  const child = spawn('curl', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const heard: BoxEvent[] = [];
  createInterface(child.stdout).on('line', (line) => {
    if (line.startsWith('data: ')) heard.push(JSON.parse(line.slice(6)));
  });
  const until = (what: string, is: (event: BoxEvent) => boolean) =>
    waitUntil(what, () => heard.some(is));
  /** A follower that has gone takes no place from the next one. */
  const leave = async () => {
    child.kill();
    await gone;
  };
  return { heard, until, [Symbol.asyncDispose]: leave };
}

describe('mail handed in', () => {
  test('is told as an event, listed, and read as it came', async () => {
    await using following = follow();
    await following.until('lamps', ({ event }) => event === 'lamps');
    const end = JSON.parse((await curl('http://box/v1/mail/cursor')).body).cursor;
    const sent = await post('mail/send', {
      account: 'ann',
      to: ['Bob <bob@restante.local>'],
      subject: 'Grüße\r\nBcc: eve@example.org',
      text: 'Hallo Bob\n',
    });
    assert.equal(sent.status, 200, sent.body);
    await following.until('mail', ({ event }) => event === 'mail');
    assert.deepEqual(following.heard[0]?.event, 'queue');
    const [one, ...others] = await list(`account=bob&after=${end}`);
    assert.deepEqual(others, []);
    assert.equal(one?.subject, 'Grüße  Bcc: eve@example.org');
    assert.match(one?.from ?? '', /^ann@restante\.local$/);
    const told = following.heard.find(({ event }) => event === 'mail');
    assert.deepEqual(told, {
      ...{ event: 'mail', account: 'bob', id: one?.id, octets: one?.octets },
      ...{ from: one?.from, subject: one?.subject, at: one?.arrivedAt },
    });
    const { body } = await curl(`http://box/v1/mail/message?id=${one?.id}`);
    assert.match(body, /^Return-Path: <ann@restante\.local>\r\nReceived: .* with HTTP\r\n/s);
    assert.match(body, /\r\n\r\nHallo Bob\r\n$/);
    assert.equal(body.length, one?.octets);
    assert.deepEqual(await list(`after=${one?.cursor}`), []);
    // Reading here is not collecting.
    const { accounts } = JSON.parse((await curl('http://box/v1/status')).body);
    assert.equal(accounts.find(({ name }: { name: string }) => name === 'bob').unretrieved, 1);
    await box.box.restart('SIGKILL');
    assert.deepEqual((await list(`account=bob&after=${end}`))[0], one);
  });

  test('as a whole message, streamed, by HTTP and by the command', async () => {
    const end = JSON.parse((await curl('http://box/v1/mail/cursor')).body).cursor;
    const file = join(box.box.data, '..', `letter-${process.pid}`);
    const octets = Buffer.concat([
      Buffer.from('Subject: big\n\n'),
      Buffer.alloc(11 * 450_000, 'all \xe9 mail\n', 'latin1'),
    ]);
    await writeFile(file, octets);
    const query = 'account=ann&to=bob%40restante.local&to=ann%40restante.local';
    const type = 'content-type: message/rfc822';
    const url = `http://box/v1/mail/send?${query}`;
    const sent = await curl(url, '-H', type, '-T', file, '-X', 'POST');
    assert.equal(sent.status, 200, sent.body);
    const again = await box.box.cli([
      'mail',
      'send',
      'ann',
      '--to',
      'bob@restante.local',
      '--message',
      file,
    ]);
    assert.match(again.stdout, /^On its way as \w+, to bob@restante\.local\.$/, again.stderr);
    const arrived = await list(`after=${end}`);
    assert.deepEqual(arrived.map(({ account }) => account).sort(), ['ann', 'bob', 'bob']);
    const url2 = `http://box/v1/mail/message?id=${arrived[0]?.id}`;
    const got = await run('curl', ['-sS', '--unix-socket', socket, url2], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    const text = got.stdout.toString('latin1');
    const wire = octets.toString('latin1').replaceAll('\n', '\r\n');
    assert.ok(text.endsWith(wire.slice(wire.indexOf('\r\n\r\n') + 2)));
    const printed = await box.box.cli(['mail', 'message', arrived[0]?.id ?? '']);
    assert.match(printed.stdout, /^Return-Path: /, `${printed.status} ${printed.stderr}`);
  });

  test('goes out by the uplink of its account', async () => {
    await using server = await ScriptedSmtpServer.listen({ offers: ['8BITMIME'] });
    await box.uplink('out', server.port, '--for', 'ann@example.org');
    const letter = { account: 'ann', from: 'Ann <ann@example.org>', to: ['eve@example.net'] };
    const sent = await post('mail/send', { ...letter, subject: 'out', text: 'Hi', html: '<p>Hi' });
    assert.equal(sent.status, 200, sent.body);
    await waitUntil('the message', () => server.taken.length > 0);
    const message = server.taken[0]?.octets.toString() ?? '';
    assert.match(message, /^From: "Ann" <ann@example\.org>\r$/m);
    assert.match(message, /^Content-Type: multipart\/alternative/m);
  });
});

describe('what is refused is said in words, and nothing is sent', () => {
  const letter = { account: 'ann', to: ['bob@restante.local'], subject: 'no', text: 'no' };
  const rows: readonly [string, object, number, RegExp][] = [
    ['nobody', { ...letter, account: 'nobody' }, 422, /no account/i],
    ['somebody else’s address', { ...letter, from: 'bob@restante.local' }, 422, /may not send as/],
    ['no address', { ...letter, to: ['bob', 'x@@y'] }, 422, /bob: .*not a mail address.*\nx@@y: /],
    [
      'one of several',
      { ...letter, to: ['bob@restante.local', 'zoe@restante.local'] },
      422,
      /zoe@/,
    ],
    ['no way out', { ...letter, to: ['eve@example.net'] }, 422, /no way out/],
    ['to nobody', { ...letter, to: [] }, 422, /to whom/],
    ['a strange field', { ...letter, priority: 'high' }, 400, /priority/],
    ['numbers for addresses', { ...letter, to: [1] }, 400, /array of texts/],
    ['both', { ...letter, message: 'Subject: x\r\n\r\n' }, 400, /whole message/],
  ];
  for (const [name, fields, status, say] of rows) {
    test(name, async () => {
      const end = JSON.parse((await curl('http://box/v1/mail/cursor')).body).cursor;
      const answer = await post('mail/send', fields);
      assert.equal(answer.status, status, answer.body);
      assert.match(JSON.parse(answer.body).error.say, say);
      assert.deepEqual(await list(`after=${end}`), []);
    });
  }

  test('a body that is cut off', async () => {
    const end = JSON.parse((await curl('http://box/v1/mail/cursor')).body).cursor;
    const peer = connect(socket);
    await once(peer, 'connect');
    peer.write(
      'POST /v1/mail/send?account=ann&to=bob@restante.local HTTP/1.1\r\nHost: box\r\n' +
        'Content-Type: message/rfc822\r\nContent-Length: 1000\r\n\r\nSubject: half\r\n\r\nha',
    );
    peer.end();
    peer.resume();
    await once(peer, 'close');
    assert.deepEqual(await list(`after=${end}`), []);
  });

  for (const query of ['id=', 'id=x', "id=x.1'", 'id=%2e%2e%2fmail.db', '']) {
    test(`no message: ${query}`, async () => {
      const { status } = await curl(`http://box/v1/mail/message?${query}`);
      assert.ok(status === 422 || status === 400);
    });
  }

  test('a cursor that is none', async () => {
    assert.equal((await curl('http://box/v1/mail/list?after=%00')).status, 422);
    assert.equal((await curl('http://box/v1/mail/list?count=0')).status, 400);
  });
});

describe('events', () => {
  test('mail by SMTP, the button, a trouble and its end', async () => {
    await using following = follow();
    await following.until('lamps', ({ event }) => event === 'lamps');
    await box.submit({
      as: 'bob',
      from: 'bob@restante.local',
      to: ['ann@restante.local'],
      text: 'Subject: one\r\n\r\n',
    });
    await following.until('mail', (one) => one.event === 'mail' && one.subject === 'one');
    await post('panel/press', { button: 'flush' });
    await following.until('button', (one) => one.event === 'button' && one.heldMs === 200);
    await post('uplink/add', {
      name: 'dead',
      host: '127.0.0.1',
      port: '9',
      security: 'none',
      for: ['ann2@example.org'],
    });
    await box.command(['address', 'add', 'ann', 'ann2@example.org', '--outside']);
    const letter = { account: 'ann', from: 'ann2@example.org', to: ['eve@example.net'] };
    await post('mail/send', { ...letter, subject: 'stuck', text: 'x' });
    await following.until('trouble', (one) => one.event === 'trouble' && one.name === 'dead');
    await following.until('queue', (one) => one.event === 'queue' && one.messages === 1);
    await post('uplink/remove', { name: 'dead', yes: true });
    await following.until('over', (one) => one.event === 'trouble-over' && one.name === 'dead');
  });

  test('a burst is told whole, whoever else does not read', async () => {
    await using following = follow();
    const sleeper = connect(socket);
    await once(sleeper, 'connect');
    sleeper.write('GET /v1/events?follow=true HTTP/1.1\r\nHost: box\r\n\r\n');
    sleeper.pause();
    await following.until('lamps', ({ event }) => event === 'lamps');
    const subject = 'x'.repeat(100);
    const letters = Array.from({ length: 100 }, (_, number) => ({
      ...{ as: 'bob', from: 'bob@restante.local', to: ['ann@restante.local'] },
      text: `Subject: ${number} ${subject}\r\n\r\n`,
    }));
    await box.submitAll(letters);
    const mail = () => following.heard.flatMap((one) => (one.event === 'mail' ? [one.id] : []));
    await waitUntil('100 events', () => mail().length >= 100);
    assert.equal(new Set(mail()).size, 100);
    sleeper.destroy();
  });

  test('so many follow, and no more', async () => {
    const peers = [];
    for (let count = 0; count < 33; count += 1) {
      const peer = connect(socket);
      peer.write('GET /v1/events?follow=true HTTP/1.1\r\nHost: box\r\n\r\n');
      const [head] = await once(peer, 'data');
      peers.push({ peer, head: String(head) });
    }
    assert.match(peers[31]?.head ?? '', / 200 OK/);
    assert.match(peers[32]?.head ?? '', / 503 .*listening to the box already/s);
    for (const { peer } of peers) peer.destroy();
    await waitUntil('room', async () => {
      const words = ['-sS', '-m', '1', '--unix-socket', socket, 'http://box/v1/events?follow=true'];
      const seen = await run('curl', words).catch((error: { stdout: string }) => error);
      return seen.stdout.startsWith('data: ');
    });
  });
});
