/* The fields that programs read (RFC 3464). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryStatus, type RecipientStatus } from '#mail/message/delivery-status';

const now = Date.UTC(2026, 10, 23, 9, 0, 0);
const bob: RecipientStatus = { address: 'bob@example.org', action: 'failed', status: '5.1.1' };

function groupOf(recipient: RecipientStatus): string[] {
  const text = deliveryStatus({ hostName: 'box.example', arrivedAt: now, recipients: [recipient] });
  const [first, second = '', ...more] = text.split('\r\n\r\n');
  assert.equal(
    first,
    'Reporting-MTA: dns; box.example\r\nArrival-Date: Mon, 23 Nov 2026 09:00:00 +0000',
  );
  assert.equal(more.length, 0);
  assert.ok(second.endsWith('\r\n'));
  return second.slice(0, -2).replace(/\r\n /g, ' ').split('\r\n');
}

const plain = ['Final-Recipient: rfc822; bob@example.org', 'Action: failed', 'Status: 5.1.1'];

const rows: readonly [name: string, more: Partial<RecipientStatus>, fields: string[]][] = [
  ['the least', {}, plain],
  [
    'an address beyond ASCII',
    { address: 'müller@example.org' },
    ['Final-Recipient: utf-8; müller@example.org', 'Action: failed', 'Status: 5.1.1'],
  ],
  [
    'ORCPT',
    { original: { type: 'rfc822', address: 'Bob@list.example' } },
    ['Original-Recipient: rfc822; Bob@list.example', ...plain],
  ],
  [
    'an ORCPT with a line end in it',
    { original: { type: 'x', address: 'a\r\nStatus: 2.0.0' } },
    ['Original-Recipient: x; a  Status: 2.0.0', ...plain],
  ],
  [
    "a server's words",
    { remote: 'mx.example.org', diagnostic: '550 5.1.1 no\r\nAction: delivered' },
    [
      ...plain,
      'Remote-MTA: dns; mx.example.org',
      'Diagnostic-Code: smtp; 550 5.1.1 no  Action: delivered',
    ],
  ],
  ['a server whose name is none', { remote: 'my.host\r\nX: y' }, plain],
  ['what people call a provider', { remote: 'gmail' }, plain],
  [
    'when',
    { attemptedAt: now, action: 'delayed', status: '4.4.1', tryUntil: now + 60_000 },
    [
      'Final-Recipient: rfc822; bob@example.org',
      'Action: delayed',
      'Status: 4.4.1',
      'Last-Attempt-Date: Mon, 23 Nov 2026 09:00:00 +0000',
      'Will-Retry-Until: Mon, 23 Nov 2026 09:01:00 +0000',
    ],
  ],
  [
    'a delay is temporary, whatever the provider called it',
    { action: 'delayed', status: '5.4.5' },
    ['Final-Recipient: rfc822; bob@example.org', 'Action: delayed', 'Status: 4.4.5'],
  ],
  [
    'a status that is none',
    { status: '5.1.1\r\nX: y' },
    ['Final-Recipient: rfc822; bob@example.org', 'Action: failed', 'Status: 5.0.0'],
  ],
];

for (const [name, more, fields] of rows) {
  test(name, () => assert.deepEqual(groupOf({ ...bob, ...more }), fields));
}

test('endless words are cut, and their lines are short', () => {
  const text = deliveryStatus({
    envelopeId: 'QQ314159',
    hostName: 'box.example',
    arrivedAt: now,
    recipients: [bob, { ...bob, diagnostic: `550 ${'x'.repeat(100_000)}` }],
  });
  assert.ok(text.startsWith('Original-Envelope-Id: QQ314159\r\nReporting-MTA: '));
  assert.equal(text.split('\r\n\r\n').length, 3);
  for (const line of text.split('\r\n')) assert.ok(line.length <= 998);
  assert.ok(text.length < 1_500);
});
