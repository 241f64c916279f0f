/* What is shown of a message in a list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOf } from '#mail/message/summary';

const rows: readonly [name: string, message: string, from: string, subject: string][] = [
  ['plain fields', 'From: Ann <ann@x>\r\nSubject: Hi\r\n\r\nSubject: no', 'Ann <ann@x>', 'Hi'],
  ['no fields', '\r\nSubject: body', '', ''],
  ['folded', 'Subject: a\r\n b\r\n\tc\r\n\r\n', '', 'a b c'],
  ['without case, white space before the colon', 'sUBJECT : x\r\n\r\n', '', 'x'],
  [
    'encoded words',
    'Subject: =?utf-8?B?R3LDvMOfZQ==?= =?iso-8859-1?q?aus_K=F6ln?=\r\n',
    '',
    'Grüßeaus Köln',
  ],
  ['UTF-8 as it is', 'Subject: Grüße\r\n\r\n', '', 'Grüße'],
  ['an unknown character set', 'Subject: =?x-none?q?a?=\r\n\r\n', '', '=?x-none?q?a?='],
  ['bare LF', 'Subject: one\nFrom: b\n\nSubject: two', 'b', 'one'],
  ['terminal escapes', 'Subject: \u001b[2Jhidden\u202e\r\n\r\n', '', '[2Jhidden'],
];

for (const [name, message, from, subject] of rows) {
  test(name, () => assert.deepEqual(summaryOf(Buffer.from(message)), { from, subject }));
}

test('a long subject is cut', () => {
  const { subject } = summaryOf(Buffer.from(`Subject: ${'ü'.repeat(5000)}\r\n\r\n`));
  assert.equal([...subject].length, 120);
  assert.ok(subject.endsWith('…'));
});

test('a subject made to keep a pattern busy is shown at once', () => {
  for (const bait of ['=?*', '=?a*', '=?a?q?', '=?a*b', '?= ', '=?']) {
    const message = Buffer.from(`Subject: ${bait.repeat(4000 / bait.length)}\r\n\r\n`);
    const { user } = process.cpuUsage();
    summaryOf(message);
    const milliseconds = (process.cpuUsage().user - user) / 1000;
    assert.ok(milliseconds < 500, `${bait}: ${milliseconds} ms`);
  }
});
