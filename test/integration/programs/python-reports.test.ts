/*
 * Reports as Python's email package reads them: it knows nothing of this box, finds the parts by
 * the standards, and complains about what is out of order.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { missingProgram } from '../../support/programs.ts';
import { ReportRoom } from '../../support/report-room.ts';

interface Read {
  readonly subject: string;
  readonly type: string;
  readonly reportType: string;
  readonly types: readonly string[];
  readonly text: string;
  readonly groups: readonly Readonly<Record<string, string>>[];
  readonly returned: readonly { fields: Readonly<Record<string, string>>; texts: string[] }[];
  readonly defects: readonly string[];
}

const script = fileURLToPath(new URL('read-report.py', import.meta.url));

function read(room: ReportRoom): Read {
  const { stdout, stderr, status } = spawnSync('python3', [script], {
    input: room.committed.at(-1)?.text ?? '',
    timeout: 120_000,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const found: Read = JSON.parse(stdout);
  assert.deepEqual(found.defects, []);
  assert.equal(found.type, 'multipart/report');
  assert.equal(found.types[0], 'text/plain');
  assert.equal(found.types[1], `message/${found.reportType}`);
  return found;
}

async function bounced(message: string, to: string, full: boolean): Promise<Read> {
  const room = new ReportRoom();
  const reportWith = full ? 'full' : 'headers';
  const item = await room.item(
    { account: room.add('ann'), envelopeId: 'QQ314159', reportWith },
    message,
  );
  const original = { type: 'rfc822', address: 'list@example.org' };
  const failures = [room.failure(to, { original }), room.failure('eve@example.com')];
  assert.ok((await room.reports.failed(item, failures)).ok);
  return read(room);
}

const latin1 = (text: string) => Buffer.from(text).toString('latin1');

describe('Python reads', { skip: missingProgram('python3') }, () => {
  test('a bounce with the header section', async () => {
    const found = await bounced(
      'Return-Path: <ann@example.net>\r\nSubject: milk\r\nTo: bob@example.org\r\n\r\nWe are out.\r\n',
      'bob@example.org',
      false,
    );
    assert.equal(found.subject, 'Not delivered: milk');
    assert.equal(found.reportType, 'delivery-status');
    assert.deepEqual(found.returned, [
      { fields: { Subject: 'milk', To: 'bob@example.org' }, texts: [] },
    ]);
    const [message, bob, eve, ...more] = found.groups;
    assert.equal(message?.['Original-Envelope-Id'], 'QQ314159');
    assert.equal(message?.['Reporting-MTA'], 'dns; restante.local');
    assert.equal(bob?.['Original-Recipient'], 'rfc822; list@example.org');
    assert.equal(bob?.['Final-Recipient'], 'rfc822; bob@example.org');
    assert.equal(bob?.['Action'], 'failed');
    assert.match(bob?.['Diagnostic-Code'] ?? '', /^smtp; 550 5\.1\.1 .*: User unknown$/);
    assert.equal(eve?.['Final-Recipient'], 'rfc822; eve@example.com');
    assert.equal(more.length, 0);
    assert.match(found.text, /could not be delivered to:\n\n {2}bob@example\.org\n/);
  });

  test('a bounce with the whole message, itself in parts and with bare line ends', async () => {
    const inner =
      'Subject: two parts\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n' +
      '--x\n\none\n--x\n\ntwo\n--x--\n';
    const found = await bounced(inner, 'bob@example.org', true);
    assert.equal(found.types[2], 'message/rfc822');
    assert.equal(found.returned[0]?.fields['Subject'], 'two parts');
    assert.deepEqual(found.returned[0]?.texts, ['one', 'two']);
  });

  test('addresses and subjects in other scripts', async () => {
    const message = latin1(
      'Subject: Grüße aus Köln, und viele weitere Grüße von überall\r\n\r\nä\r\n',
    );
    const found = await bounced(message, 'müller@bücher.example', true);
    assert.equal(
      found.subject,
      'Not delivered: Grüße aus Köln, und viele weitere Grüße von überall',
    );
    assert.deepEqual(found.types.slice(1), ['message/global-delivery-status', 'message/global']);
    assert.equal(found.groups[1]?.['Final-Recipient'], 'utf-8; müller@bücher.example');
    assert.match(found.text, / {2}müller@bücher\.example\n/);
  });

  test('a delay, and mail that was passed on', async () => {
    const room = new ReportRoom();
    const item = await room.item({ account: room.add('ann') });
    assert.ok((await room.reports.delayed(item, [room.failure()], item.queuedAt + 1_000)).ok);
    const delay = read(room).groups[1];
    assert.equal(delay?.['Action'], 'delayed');
    assert.equal(delay?.['Status'], '4.1.1');
    assert.equal(delay?.['Will-Retry-Until'], 'Mon, 23 Nov 2026 09:00:01 +0000');
    const bob = room.recipient('bob@example.org', { notify: ['success'] });
    const words = { code: 250, text: 'ok', by: 'smtp.example.net' };
    assert.ok((await room.reports.relayed(item, [bob], words)).ok);
    const relayed = read(room).groups[1];
    assert.equal(relayed?.['Action'], 'relayed');
    assert.equal(relayed?.['Status'], '2.0.0');
  });

  test('a message that is nothing but lines of dashes, and one that is nothing', async () => {
    for (const message of [`${'--report-\r\n'.repeat(9)}\r\n--\r\n`, '']) {
      const found = await bounced(message, 'bob@example.org', true);
      assert.equal(found.types.length, 3);
    }
  });
});
