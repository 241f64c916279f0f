/*
 * The way out of a real box, as people and programs see it: hold and windows, flushes and who may
 * ask for one, an uplink that is dead, removed, or cannot take a message, and the reports that DSN
 * promises. The provider is a scripted server over real sockets; each test has an address and an
 * uplink of its own.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FlushReport, UplinkReport, UplinkTestReport } from '#control/types';
import { runProgram, waitUntil } from '../../scripts/bench/processes.ts';
import { NetPeer } from '../support/net-peer.ts';
import { type Letter, type OutgoingBox, startOutgoingBox } from '../support/outgoing-box.ts';
import { missingProgram } from '../support/programs.ts';
import { ScriptedSmtpServer, type ServerScript } from '../support/scripted-smtp-server.ts';

let box: OutgoingBox;

before(async () => {
  box = await startOutgoingBox();
  await box.person('ann', 'ann@example.org');
  await box.person('bob');
});

after(() => box?.[Symbol.asyncDispose]());

/** A provider and its uplink, for an address that is its test's alone. */
async function provider(
  name: string,
  script: ServerScript = {},
): Promise<ScriptedSmtpServer & { readonly from: string }> {
  const server = await ScriptedSmtpServer.listen({ offers: ['8BITMIME', 'PIPELINING'], ...script });
  const from = `${name}@example.org`;
  await box.command(['address', 'add', 'ann', from, '--outside']);
  await box.uplink(name, server.port, '--for', from);
  return Object.assign(server, { from });
}

const text = (subject: string) => `Subject: ${subject}\r\n\r\nHello.\r\n`;

const taken = (server: ScriptedSmtpServer, count: number) =>
  waitUntil(`${count} messages`, () => server.taken.length >= count);

const subjects = (server: ScriptedSmtpServer) =>
  server.taken.map(({ octets }) => /^Subject: (.*)$/m.exec(octets.toString())?.[1]?.trim());

test('local and outside recipients are split, and outside ones share a transaction', async () => {
  await using server = await provider('split');
  const id = await box.submit({
    from: server.from,
    to: ['eve@example.net', 'bob@restante.local', 'joe@example.com'],
    text: text('split'),
  });
  await taken(server, 1);
  assert.deepEqual(server.taken[0]?.rcpt, ['<eve@example.net>', '<joe@example.com>']);
  await box.untilMail('bob', /^Subject: split\r$/m);
  await box.untilNoted(id, /^sent to eve@example\.net and 1 more, split says 2\.0\.0 Ok/);
});

test('hold sends nothing, lasts over a restart, and a flush sends what waits once', async () => {
  await using server = await provider('hold');
  const send = (subject: string) =>
    box.submit({ from: server.from, to: ['eve@example.net'], text: text(subject) });
  await box.command(['hold']);
  await send('before');
  await box.box.restart('SIGKILL');
  await send('after the restart');
  const { queue } = await box.status();
  assert.deepEqual([queue.held, queue.messages, queue.nextAt], [true, 2, undefined]);
  assert.equal(server.sessions.length, 0);

  const report = await box.flush();
  assert.deepEqual([report.messages, report.sent, report.held], [2, 2, true]);
  assert.deepEqual(subjects(server), ['before', 'after the restart']);
  const last = await send('after the flush');
  await box.box.restart();
  assert.equal((await box.status()).queue.messages, 1);
  assert.equal(server.taken.length, 2, 'hold stays on');
  await box.command(['release']);
  await taken(server, 3);
  await box.untilNoted(last, /^sent to/);
  assert.equal(server.taken.length, 3);
});

test('outside the sending windows mail waits, unless it is flushed', async () => {
  await using server = await provider('windows');
  const send = (subject: string) =>
    box.submit({ from: server.from, to: ['eve@example.net'], text: text(subject) });
  const hour = (ahead: number) => `${(new Date().getHours() + ahead) % 24}`.padStart(2, '0');
  await box.command(['settings', 'set', 'queue.windows', `${hour(5)}:00-${hour(6)}:00`]);
  await send('early');
  const { windowOpensAt = 0, nextAt, messages } = (await box.status()).queue;
  assert.equal(messages, 1);
  assert.ok(windowOpensAt > Date.now() + 3 * 3_600_000, 'it says when');
  assert.equal(nextAt, windowOpensAt);
  assert.equal(server.sessions.length, 0);
  assert.equal((await box.flush()).sent, 1);
  await send('late');
  assert.equal((await box.status()).queue.messages, 1);
  await box.command(['settings', 'set', 'queue.windows', '']);
  await taken(server, 2);
  assert.deepEqual(subjects(server), ['early', 'late']);
  await box.untilEmpty();
});

test('a second flush joins the one that runs', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  await using server = await provider('join', {
    answer: ({ at }) => (at === 'end' ? gate.then(() => undefined) : undefined),
  });
  await box.command(['hold']);
  await box.submit({ from: server.from, to: ['eve@example.net'], text: text('once') });
  const progress: unknown[] = [];
  const first = box.flush((so) => progress.push(so));
  await waitUntil('DATA', () => server.commands.includes('DATA'));
  assert.equal((await box.status()).queue.flushing, true);
  const second = box.flush();
  // Answered in turn: when this is, the second one has asked, too.
  for (let round = 0; round < 3; round += 1) await box.status();
  open();
  const [one, other] = await Promise.all([first, second]);
  assert.deepEqual([one.joined, one.sent], [false, 1]);
  assert.deepEqual([other.joined, other.sent], [true, 1]);
  assert.deepEqual(progress.at(-1), { messages: 1, done: 1 });
  assert.equal(server.taken.length, 1);
  await box.command(['release']);
});

/** A provider that puts off each message once; afterwards it takes it. */
function hesitant(): ServerScript {
  const seen = new Set<string>();
  return {
    answer: ({ at, line }) => {
      if (at !== 'rcpt' || seen.has(line)) return undefined;
      seen.add(line);
      return '451 4.7.1 Greylisting in action, please come back later';
    },
  };
}

test('SIGUSR2 flushes what waits for its next attempt', async () => {
  await using server = await provider('signal', hesitant());
  const to = ['eve@example.net'];
  const id = await box.submit({ from: server.from, to, text: text('signal') });
  const lines = await box.untilNoted(id, /greylisting/i);
  assert.match(
    lines.at(-1) ?? '',
    /^eve@example\.net: signal answered 451 4\.7\.1 .*, next try \d/,
  );
  process.kill(box.box.pid, 'SIGUSR2');
  await box.untilNoted(id, /^sent to/);
});

test('ETRN flushes for a program on this machine, by domain or all', async () => {
  await using server = await provider('etrn', hesitant());
  const send = (to: string) => box.submit({ from: server.from, to: [to], text: text(to) });
  const ids = [await send('eve@example.net'), await send('joe@example.com')];
  for (const id of ids) await box.untilNoted(id, /greylisting/i);
  const peer = await NetPeer.dial(box.box.ports.smtp);
  await peer.hear('220 ');
  peer.say('EHLO cron\r\nETRN example.com\r\n');
  await peer.hear('253 2.0.0 OK, 1 pending messages for node example.com started');
  await box.untilNoted(ids[1] ?? '', /^sent to/);
  assert.deepEqual(subjects(server), ['joe@example.com']);
  peer.say('ETRN restante.local\r\nQUIT\r\n');
  await peer.hear('253 2.0.0 OK, 1 pending messages');
  await box.untilNoted(ids[0] ?? '', /^sent to/);
  await peer.hearEnd();
});

test('fetchmail asks by ETRN', { skip: missingProgram('fetchmail') }, async () => {
  await using server = await provider('fetchmail', hesitant());
  const to = ['eve@example.net'];
  const id = await box.submit({ from: server.from, to, text: text('fetchmail') });
  await box.untilNoted(id, /greylisting/i);
  const words = ['--verbose', '--protocol', 'ETRN', '--sslproto', '', '--nosyslog'];
  const where = ['--service', `${box.box.ports.smtp}`, '--fetchdomains', 'example.net'];
  const env = { ...process.env, HOME: box.box.data, FETCHMAILHOME: box.box.data };
  const said = await runProgram('fetchmail', [...words, ...where, '127.0.0.1'], { env });
  assert.match(said, /ETRN> ETRN example\.net/);
  await box.untilNoted(id, /^sent to/);
});

test('a dead uplink is probed with one connection, however much waits', async () => {
  let dead = true;
  await using server = await provider('dead', {
    answer: ({ at }) => (at === 'greeting' && dead ? { drop: 'reset' } : undefined),
  });
  const letters = Array.from({ length: 20 }, (_, index) => ({
    from: server.from,
    to: ['eve@example.net'],
    text: text(`${index}`),
  }));
  const ids = await box.submitAll(letters);
  const paused = await box.untilCondition('dead', 'paused');
  assert.match(paused.say, /127\.0\.0\.1 (hangs up|hung up)/);
  assert.ok(paused.nextAt !== undefined && paused.nextAt > Date.now());
  assert.equal(server.sessions.length, 1);
  const flushed = await box.flush();
  assert.deepEqual([flushed.messages, flushed.sent, flushed.untried], [20, 0, 20]);
  assert.match(flushed.uplinks[0]?.say ?? '', /hang|hung/);
  assert.equal(server.sessions.length, 2, 'the flush has probed once');
  for (const item of await box.queued()) {
    assert.deepEqual(
      item.recipients.map(({ attempts }) => attempts),
      [0],
    );
  }
  dead = false;
  const tested = await box.command<UplinkTestReport>(['uplink', 'test', 'dead']);
  assert.equal(tested.works, true);
  await taken(server, 20);
  await box.untilEmpty();
  assert.ok(server.sessions.length <= 3 + 2, 'a test, and two connections for all');
  assert.deepEqual(subjects(server).sort(), letters.map((_, index) => `${index}`).sort());
  assert.match((await box.why(ids[0] ?? '')).join('\n'), /tried again from \d\d:\d\d on\nsent to/);
});

test('DSN is passed on; with ORCPT each recipient has a transaction', async () => {
  await using server = await provider('dsn', { offers: ['DSN'] });
  await box.submit({
    from: server.from,
    to: ['eve@example.net', 'joe@example.com'],
    text: text('dsn'),
    mail: 'RET=HDRS ENVID=QQ314159',
    rcpt: 'NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;list@example.org',
  });
  await taken(server, 2);
  await box.untilEmpty();
  for (const { mail, rcpt } of server.taken) {
    assert.match(mail, / RET=HDRS\b.* ENVID=QQ314159/);
    assert.equal(rcpt.length, 1);
    assert.match(rcpt[0] ?? '', / NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;list@example\.org$/);
  }
  assert.ok(!(await box.inbox('ann')).some((mail) => /^Subject: .*dsn\r$/m.test(mail)));
});

test('where DSN ends, its sender hears that the message was passed on', async () => {
  await using server = await provider('relayed');
  await box.submit({
    from: server.from,
    to: ['eve@example.net'],
    text: text('relayed'),
    rcpt: 'NOTIFY=SUCCESS',
  });
  const report = await box.untilMail('ann', /^Subject: Passed on: relayed\r$/m);
  assert.match(report, /\r\nFinal-Recipient: rfc822; ?eve@example\.net\r\nAction: relayed\r\n/i);
  assert.deepEqual(server.taken[0]?.rcpt, ['<eve@example.net>']);
});

describe('what a provider cannot take goes back to its sender in words', () => {
  const cases: [name: string, offers: string[], letter: Partial<Letter>, RegExp, string][] = [
    [
      'eightbit',
      [],
      { text: 'Subject: eightbit\r\n\r\ngr\u00fc\u00dfe\r\n', mail: 'BODY=8BITMIME' },
      /takes only messages in seven-bit/,
      '5.6.3',
    ],
    [
      'utf8',
      ['8BITMIME'],
      { to: ['j\u00fcrgen@example.net'], mail: 'SMTPUTF8' },
      /cannot handle the address/,
      '5.6.7',
    ],
    [
      'size',
      ['SIZE 2000'],
      { text: `Subject: size\r\n\r\n${'0123456789\r\n'.repeat(500)}` },
      /takes at most 2000 octets/,
      '5.3.4',
    ],
  ];
  for (const [name, offers, letter, words, status] of cases) {
    test(name, async () => {
      await using server = await provider(name, { offers });
      const to = ['eve@example.net'];
      await box.submit({ from: server.from, to, text: text(name), ...letter });
      const report = await box.untilMail('ann', new RegExp(`^Subject: .*: ${name}\r$`, 'm'));
      assert.match(report.replaceAll('\r\n', ' '), words);
      assert.match(report, new RegExp(`\r\nStatus: ${status.replaceAll('.', '\\.')}\r\n`));
      assert.match(report, /^Return-Path: <>\r\n/);
      await box.untilEmpty();
      assert.ok(!server.commands.some((command) => command.startsWith('MAIL')));
    });
  }
});

test('what it offers is used: SMTPUTF8, 8BITMIME and SIZE are said', async () => {
  await using server = await provider('offers', { offers: ['8BITMIME', 'SMTPUTF8', 'SIZE 9999'] });
  const letter = 'Subject: gr\u00fc\u00dfe\r\n\r\n.\u20ac\r\n..\r\n';
  const to = ['j\u00fcrgen@example.net'];
  await box.submit({ from: server.from, to, text: letter, mail: 'SMTPUTF8 BODY=8BITMIME' });
  await taken(server, 1);
  const [message] = server.taken;
  assert.match(message?.mail ?? '', /^<offers@example\.org> SMTPUTF8 BODY=8BITMIME SIZE=\d+$/);
  assert.equal(Number(/SIZE=(\d+)/.exec(message?.mail ?? '')?.[1]), message?.octets.length);
  assert.deepEqual(message?.rcpt, ['<j\u00fcrgen@example.net>']);
  assert.ok(message?.octets.toString().endsWith('\r\n\r\n.\u20ac\r\n..\r\n'));
});

test('mail whose uplink was removed waits, its sender is told, and a new one takes it', async () => {
  await using server = await provider('removed');
  await box.command(['hold']);
  const to = ['eve@example.net'];
  const id = await box.submit({ from: server.from, to, text: text('removed') });
  const refusal = await box.tried(['uplink', 'remove', 'removed']);
  assert.match(
    refusal.ok ? '' : refusal.error.say,
    /^1 message waits for removed\. What waits stays/,
  );
  await box.command(['uplink', 'remove', 'removed', '--yes']);
  await box.command(['release']);
  const notice = await box.untilMail('ann', /^Subject: Mail of yours waits and cannot go out\r$/m);
  assert.match(notice.replaceAll('\r\n', ' '), /1 message from removed@example\.org waits/);
  const { queue, warnings } = await box.status();
  assert.deepEqual([queue.messages, queue.withoutUplink], [1, 1]);
  assert.match(warnings.join('\n'), /Mail waits that no uplink serves/);
  const flushed = await box.flush();
  assert.deepEqual([flushed.messages, flushed.untried], [1, 1]);
  await assert.rejects(
    box.submit({ from: server.from, to, text: text('another') }),
    /550 5\.7\.1 There is no way out for mail of removed@example\.org/,
  );
  assert.equal(server.sessions.length, 0);
  await box.uplink('again', server.port, '--for', server.from);
  await box.untilNoted(id, /^sent to eve@example\.net, again says/);
  await box.untilEmpty();
});

test('a message is retried alone, or dropped and its sender told', async () => {
  await using server = await provider('alone', hesitant());
  const send = (to: string) => box.submit({ from: server.from, to: [to], text: text(to) });
  const [one, other] = [await send('one@example.net'), await send('other@example.net')];
  for (const id of [one, other]) await box.untilNoted(id, /greylisting/i);
  const retried = await box.command<FlushReport>(['queue', 'retry', one]);
  assert.deepEqual([retried.messages, retried.sent], [1, 1]);
  const asked = await box.tried(['queue', 'drop', other]);
  assert.match(asked.ok ? '' : asked.error.say, /never sent to other@example\.net/);
  await box.command(['queue', 'drop', other, '--yes']);
  await box.untilMail('ann', /^Subject: Not delivered: other@example\.net\r$/m);
  await box.untilEmpty();
  assert.deepEqual(subjects(server), ['one@example.net']);
});

test('a notice without sender that fails is told to the postmaster, and nobody is written to', async () => {
  await using server = await provider('null', {
    answer: ({ at }) => (at === 'rcpt' ? '550 5.1.1 User unknown' : undefined),
  });
  await box.uplink('notices', server.port, '--for', 'ann@restante.local');
  await box.submit({ from: '', to: ['eve@example.net'], text: text('read receipt') });
  const report = await box.untilMail('ann', /^Subject: Not delivered: read receipt\r$/m);
  assert.match(report, /^To: .*postmaster@/m);
  await box.untilEmpty();
  assert.deepEqual(
    server.commands.filter((command) => /^(MAIL|RCPT)/.test(command)),
    ['MAIL FROM:<>', 'RCPT TO:<eve@example.net>'],
  );
});

test('an uplink that becomes the default says which one was it until now', async () => {
  await using server = await ScriptedSmtpServer.listen();
  assert.equal((await box.uplink('first', server.port)).defaultBefore, undefined);
  assert.equal((await box.uplink('second', server.port)).defaultBefore, 'first');
  const uplinks = await box.command<UplinkReport[]>(['uplink', 'list']);
  assert.deepEqual(
    uplinks.flatMap(({ name, isDefault }) => (isDefault ? [name] : [])),
    ['second'],
  );
  for (const name of ['first', 'second']) await box.command(['uplink', 'remove', name]);
});
