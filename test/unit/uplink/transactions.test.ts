/* Who shares an SMTP transaction. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueuedRecipient } from '#mail/queue/queue';
import { transactions } from '#uplink/transactions';
import { PlainQueue } from '../../support/plain-queue.ts';

type To = string | Partial<QueuedRecipient>;
const original = (address: string) => ({ original: { type: 'rfc822', address } });

const rows: readonly [what: string, to: readonly To[], dsn: boolean, expected: string[]][] = [
  ['nothing asked for', ['a', 'b', 'c'], true, ['a b c']],
  [
    'the same wishes, in any order',
    [
      { address: 'a', notify: ['success', 'failure'] },
      { address: 'b', notify: ['failure', 'success'] },
    ],
    true,
    ['a b'],
  ],
  ['never is not unsaid', [{ address: 'a', notify: [] }, 'b'], true, ['a', 'b']],
  ['different wishes', ['a', { address: 'b', notify: ['success'] }, 'c'], true, ['a c', 'b']],
  [
    'ORCPT travels alone, even when two are the same',
    [{ address: 'a', ...original('x') }, { address: 'b', ...original('x') }, 'c', 'd'],
    true,
    ['a', 'b', 'c d'],
  ],
  [
    'without DSN nothing is said, and nothing divides',
    [{ address: 'a', ...original('x') }, { address: 'b', notify: ['success'] }, 'c'],
    false,
    ['a b c'],
  ],
];

for (const [what, to, dsn, expected] of rows) {
  test(`${what}: ${expected.length}`, () => {
    const item = new PlainQueue().put({ to });
    const groups = transactions(item, dsn).map(({ recipients }) =>
      recipients.map(({ address }) => address).join(' '),
    );
    assert.deepEqual(groups, expected);
  });
}

test('no transaction has more than 100 recipients', () => {
  const to = Array.from({ length: 250 }, (_, index) => `r${index}`);
  const sizes = transactions(new PlainQueue().put({ to }), true).map(
    (one) => one.recipients.length,
  );
  assert.deepEqual(sizes, [100, 100, 50]);
});

test('what the sender asked for goes along where DSN is offered, and only there', () => {
  const to = [{ address: 'a', notify: ['success' as const], ...original('x') }];
  const item = { ...new PlainQueue().put({ to }), envelopeId: 'Q1', reportWith: 'full' as const };
  const [asked] = transactions(item, true);
  const whole = { notify: ['success'], ...original('x'), envelopeId: 'Q1', reportWith: 'full' };
  assert.deepEqual(asked?.dsn, whole);
  assert.equal(transactions(item, false)[0]?.dsn, undefined);
});
