/*
 * Reports as they lie in an inbox, and the commit that they lie there by. The whole reports are in
 * test/fixtures/reports: read them as a person would.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { QueueItem } from '#mail/queue/queue';
import {
  damaged,
  failingDisk,
  fullDisk,
  ReportRoom,
  unknown,
} from '../../../support/report-room.ts';

// Times for people are in the time zone of the house.
process.env['TZ'] = 'UTC';

const day = 86_400_000;

async function annsMail(more: Partial<QueueItem> = {}, octets?: string) {
  const room = new ReportRoom();
  const account = room.add('ann');
  room.add('bob');
  const item = await room.item({ account, ...more }, octets);
  return { room, item };
}

function lastReport(room: ReportRoom): string {
  const report = room.committed.at(-1)?.text ?? '';
  // Each line ends with CR LF, and none has either alone.
  assert.doesNotMatch(report, /\r(?!\n)|(?<!\r)\n/);
  for (const line of report.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 998);
  return report.replaceAll('\r\n', '\n');
}

async function compare(room: ReportRoom, name: string): Promise<void> {
  const url = new URL(`../../../fixtures/reports/${name}.eml`, import.meta.url);
  assert.equal(lastReport(room), await readFile(url, 'utf8'));
}

test('a bounce', async () => {
  const { room, item } = await annsMail({ envelopeId: 'QQ314159' });
  const original = { type: 'rfc822', address: 'Bob@list.example' };
  const first = room.failure('bob@example.org', { original });
  const second = room.failure('rob@example.org');
  const eve = {
    recipient: room.recipient('eve@example.com', { doubt: true }),
    why: 'The box tried for 5 days and could not hand it over',
    status: '4.4.7',
  };
  assert.ok((await room.reports.failed(item, [first, { ...second, why: first.why }, eve])).ok);
  assert.deepEqual(room.readers, ['ann']);
  await compare(room, 'failed');
});

test('a notice of delay', async () => {
  const { room, item } = await annsMail();
  room.clock.advance(4 * 3_600_000);
  const bob = {
    recipient: room.recipient('bob@example.org'),
    why: 'smtp.example.net cannot be reached (no answer)',
    status: '4.4.1',
  };
  assert.ok((await room.reports.delayed(item, [bob], item.queuedAt + 5 * day)).ok);
  assert.deepEqual(room.readers, ['ann']);
  await compare(room, 'delayed');
});

test('passed on to a server that makes no reports', async () => {
  const { room, item } = await annsMail();
  const words = {
    code: 250,
    enhanced: '2.0.0',
    text: 'OK  1795424400 gsmtp',
    by: 'smtp.example.net',
  };
  const bob = room.recipient('bob@example.org', { notify: ['success', 'failure'] });
  assert.ok((await room.reports.relayed(item, [bob], words)).ok);
  await compare(room, 'relayed');
});

test('the postmaster hears of mail without sender', async () => {
  const { room, item } = await annsMail({ sender: '', reportWith: 'full' });
  assert.ok((await room.reports.failed(item, [room.failure()])).ok);
  assert.deepEqual(room.readers, ['ann'], 'the first account is the postmaster');
  await compare(room, 'postmaster');
});

test('letters beyond ASCII, everywhere (RFC 6533)', async () => {
  const message = Buffer.from('From: ann@example.net\r\nSubject: Grüße aus Köln\r\n\r\nHallo\r\n');
  const { room, item } = await annsMail({ reportWith: 'full' }, message.toString('latin1'));
  assert.ok((await room.reports.failed(item, [room.failure('müller@bücher.example')])).ok);
  await compare(room, 'global');
});

test('the recipients leave in the commit of the report, those who want none with them', async () => {
  const { room, item } = await annsMail();
  const failures = [room.failure(), room.failure('eve@example.com', { notify: [] })];
  assert.ok((await room.reports.failed(item, failures)).ok);
  const [only, ...more] = room.committed;
  assert.equal(more.length, 0);
  assert.deepEqual(only?.along.ends, [1, 2]);
  assert.doesNotMatch(only?.text ?? '', /eve@example\.com/);
  assert.deepEqual(room.recorded, []);
  assert.equal(
    room.noted[0]?.say,
    'its sender has been told that it did not reach bob@example.org',
  );
  assert.deepEqual(room.noted[0]?.messages, [item.message]);
});

test('NOTIFY=NEVER: they end, and the history says so', async () => {
  const { room, item } = await annsMail();
  assert.ok((await room.reports.failed(item, [room.failure('a@b.example', { notify: [] })])).ok);
  assert.equal(room.committed.length, 0);
  const say = 'it did not reach a@b.example; its sender wanted no report';
  const told = [{ message: item.message, say }];
  assert.deepEqual(room.recorded, [{ outcomes: [{ kind: 'ended', recipient: 1 }], told }]);
});

test('in an empty house they end, and the log says so', async () => {
  const room = new ReportRoom();
  const item = await room.item();
  assert.ok((await room.reports.failed(item, [room.failure()])).ok);
  assert.equal(
    room.recorded[0]?.told[0]?.say,
    'it did not reach bob@example.org; there is nobody to be told',
  );
  assert.match(room.log[0]?.say ?? '', /a1b2c3d4e5f6: it did not reach/);
});

test('a delay is marked in the commit of its notice, and told once', async () => {
  const { room, item } = await annsMail();
  const failures = [
    room.failure('a@b.example'),
    room.failure('c@d.example', { delayTold: true }),
    room.failure('e@f.example', { notify: ['failure'] }),
  ];
  assert.ok((await room.reports.delayed(item, failures, item.queuedAt + day)).ok);
  assert.deepEqual(room.committed[0]?.along.delayTold, [1]);
  assert.equal(room.committed[0]?.along.ends, undefined);
  assert.ok((await room.reports.delayed(item, failures.slice(1), item.queuedAt + day)).ok);
  assert.equal(room.committed.length, 1);
  assert.deepEqual(room.recorded, []);
});

test('who did not ask for reports of success has none', async () => {
  const { room, item } = await annsMail();
  const bob = room.recipient('bob@example.org');
  assert.ok((await room.reports.relayed(item, [bob], { ...unknown, code: 250 })).ok);
  assert.equal(room.committed.length, 0);
  assert.deepEqual(room.recorded[0]?.outcomes, [{ kind: 'sent', recipient: 1 }]);
});

for (const trouble of [failingDisk, fullDisk]) {
  test(`${trouble.say}: nothing is reported, and nobody leaves`, async () => {
    const { room, item } = await annsMail();
    room.failing.trouble = trouble;
    const failed = await room.reports.failed(item, [room.failure()]);
    const delayed = await room.reports.delayed(item, [room.failure()], item.queuedAt + day);
    assert.deepEqual([failed.ok, delayed.ok], [false, false]);
    assert.deepEqual([room.committed, room.recorded, room.noted], [[], [], []]);
    room.failing.trouble = undefined;
    assert.ok((await room.reports.failed(item, [room.failure()])).ok);
    assert.equal(room.committed.length, 1);
  });
}

test('what was sent leaves the queue, though the disk is too full for its report', async () => {
  const { room, item } = await annsMail();
  room.failing.trouble = fullDisk;
  const bob = room.recipient('bob@example.org', { notify: ['success'] });
  assert.ok((await room.reports.relayed(item, [bob], { ...unknown, code: 250 })).ok);
  assert.deepEqual(room.recorded[0]?.outcomes, [{ kind: 'sent', recipient: 1 }]);
});

const big = `Subject: pictures\r\n\r\n${'0123456789abcdef\n'.repeat(12_000)}`;

test('RET=FULL brings all of a long message back, with whole line ends', async () => {
  const { room, item } = await annsMail({ reportWith: 'full' }, big);
  assert.ok((await room.reports.failed(item, [room.failure()])).ok);
  const report = lastReport(room);
  assert.match(report, /\nContent-Type: message\/rfc822\n/);
  assert.ok(report.includes(`\n\n${big.replaceAll('\r\n', '\n')}\n--report-`));
});

const partial: readonly [name: string, more: Partial<QueueItem>, type: RegExp][] = [
  ['RET not said', {}, /^text\/rfc822-headers$/],
  ['RET=HDRS', { reportWith: 'headers' }, /^text\/rfc822-headers$/],
  ['RET=FULL', { reportWith: 'full' }, /^message\/rfc822$/],
];

for (const [name, more, type] of partial) {
  test(`${name}: what is returned of the message`, async () => {
    const { room, item } = await annsMail(more);
    const types = async () => {
      return [...lastReport(room).matchAll(/^Content-Type: (.*)$/gm)].map(([, found]) => found);
    };
    assert.ok((await room.reports.failed(item, [room.failure()])).ok);
    assert.match((await types()).at(-1) ?? '', type);
    assert.ok((await room.reports.delayed(item, [room.failure()], 0)).ok);
    assert.equal((await types()).at(-1), 'text/rfc822-headers', 'RFC 3461 §4.3');
  });
}

test('RET=FULL on a disk with little room: the head of the message has to do', async () => {
  const { room, item } = await annsMail({ reportWith: 'full' }, big);
  room.room = item.octets;
  assert.ok((await room.reports.failed(item, [room.failure()])).ok);
  assert.match(lastReport(room), /\nContent-Type: text\/rfc822-headers\n/);
});

test('a message that is damaged further down: its head, and in one commit', async () => {
  const { room, item } = await annsMail({ reportWith: 'full' }, big);
  room.damage = { chunk: 2, trouble: damaged };
  assert.ok((await room.reports.failed(item, [room.failure()])).ok);
  assert.equal(room.committed.length, 1);
  assert.match(lastReport(room), /\nContent-Type: text\/rfc822-headers\n/);
  assert.match(lastReport(room), /\nSubject: Not delivered: pictures\n/);
});

test('a message that is damaged at its beginning: the report does without', async () => {
  const { room, item } = await annsMail({ reportWith: 'full' }, big);
  room.damage = { chunk: 0, trouble: damaged };
  assert.ok((await room.reports.failed(item, [room.failure()])).ok);
  assert.match(lastReport(room), /\nSubject: Not delivered: a message without subject\n/);
  assert.doesNotMatch(lastReport(room), /rfc822-headers/);
  assert.match(lastReport(room), /cannot be read any more/);
});

test('a disk that fails for a while in the middle of it: later', async () => {
  const { room, item } = await annsMail({ reportWith: 'full' }, big);
  room.damage = { chunk: 2, trouble: failingDisk };
  assert.ok(!(await room.reports.failed(item, [room.failure()])).ok);
  assert.deepEqual(room.committed, []);
});

test('hostile words stay words', async () => {
  const evil = 'x\r\n\r\n--report-\r\nBcc: eve@example.com\u001b[2J\u202e';
  const subject = `Subject: a\r\n\u0000b ${'=?utf-8?B?DQpCY2M6IGV2ZQ==?='.repeat(20)}\r\n\r\n`;
  const { room, item } = await annsMail({ envelopeId: evil }, subject);
  const failure = {
    ...room.failure('bob@example.org', { original: { type: evil, address: evil } }),
    why: evil,
    advice: evil,
    words: { code: 550, text: `${evil}${'y'.repeat(100_000)}`, by: evil },
  };
  assert.ok((await room.reports.failed(item, [failure])).ok);
  const report = lastReport(room);
  assert.doesNotMatch(report, /^Bcc/m);
  assert.doesNotMatch(report.replace(/^Subject: a\n.*$/m, ''), /[\0\u001b\u202e]/);
  assert.ok(report.length < 6_000, `${report.length} characters`);
  const parts = report.split(/^--report-[0-9a-f]{32}(?:--)?$/m);
  assert.equal(parts.length, 5);
});
