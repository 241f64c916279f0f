/* Replies as they come off the wire, as values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnswer } from '#provider/answer';

const rows: readonly [string, number | undefined, string | undefined, string][] = [
  ['250 2.0.0 OK', 250, '2.0.0', 'OK'],
  ['250', 250, undefined, ''],
  ['250 ', 250, undefined, ''],
  ['550 5.1.1', 550, '5.1.1', ''],
  ['550-5.4.5 One\r\n550-5.4.5 two\r\n550 5.4.5 three', 550, '5.4.5', 'One two three'],
  ['550-5.7.1 One\n550 two', 550, '5.7.1', 'One two'],
  [
    '450-Requested action\r\n450 Mail send limit exceeded.',
    450,
    undefined,
    'Requested action Mail send limit exceeded.',
  ],
  ['220 mx.a.example ESMTP', 220, undefined, 'mx.a.example ESMTP'],
  ['421 4.7.0 [TSS04] wait', 421, '4.7.0', '[TSS04] wait'],
  ['550 5.7.13.1 odd', 550, undefined, '5.7.13.1 odd'],
  ['550 see 5.1.1', 550, undefined, 'see 5.1.1'],
  ['550 \u001b[2Jred\u0007\tcell\u202e', 550, undefined, '[2Jred cell'],
  ['HTTP/1.1 400 Bad Request', undefined, undefined, ''],
  ['', undefined, undefined, ''],
  ['2500 x', undefined, undefined, ''],
  ['650 x', undefined, undefined, ''],
];

for (const [reply, code, enhanced, text] of rows) {
  test(`reply ${JSON.stringify(reply)}`, () => {
    const answer = parseAnswer(reply, 'rcpt');
    assert.equal(answer?.code, code);
    assert.equal(answer?.enhanced, enhanced);
    assert.equal(answer?.text ?? '', text);
  });
}

test('a server that goes on and on is cut off, quickly', () => {
  const answer = parseAnswer(`550-5.7.1 ${'a '.repeat(500_000)}\r\n`.repeat(3), 'end');
  assert.equal(answer?.enhanced, '5.7.1');
  assert.ok((answer?.text.length ?? 0) <= 4_096);
});
