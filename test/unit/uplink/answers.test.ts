/* Server's words as values: a table of replies, kind and unkind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from '#base/plain-text';
import { parseAnswer, parseRefusal } from '#uplink/answers';
import { offersOf } from '#uplink/offers';

const rows: readonly [
  said: string,
  becomes: readonly [number, string | undefined, string] | undefined,
][] = [
  ['250 2.0.0 Ok', [250, '2.0.0', 'Ok']],
  ['250 Ok', [250, undefined, 'Ok']],
  ['250', [250, undefined, '']],
  ['250 ', [250, undefined, '']],
  [
    '550-5.4.5 Daily limit\n550-5.4.5  exceeded.\n550 5.4.5 g12 - gsmtp',
    [550, '5.4.5', 'Daily limit exceeded. g12 - gsmtp'],
  ],
  ['550-5.1.1 one\r\n550 two', [550, '5.1.1', 'one two']],
  ['451 4.7.1', [451, '4.7.1', '']],
  // A number that only looks like a status code.
  ['550 5.1 is no status', [550, undefined, '5.1 is no status']],
  ['554 192.0.2.1 is listed', [554, undefined, '192.0.2.1 is listed']],
  ['550 5.1.1234 x', [550, undefined, '5.1.1234 x']],
  // What a terminal or a report would trip over.
  ['550 a\x1b[31mb\x07\u202ec\u2028d\te', [550, undefined, 'a [31mb c d e']],
  ['2', undefined],
  ['25', undefined],
  ['2500 x', undefined],
  ['banana', undefined],
  ['', undefined],
  ['150 x', undefined],
  ['HTTP/1.1 400 Bad Request', undefined],
];

for (const [said, becomes] of rows) {
  test(`reads ${JSON.stringify(said)}`, () => {
    const answer = parseAnswer(said, 'end');
    const got = answer && [answer.code, answer.enhanced, answer.text];
    assert.deepEqual(got, becomes);
    const refusal = parseRefusal(said, 'end');
    assert.equal(refusal !== undefined, becomes !== undefined && becomes[0] >= 400);
  });
}

test('no words are kept without end', () => {
  const answer = parseAnswer(`550 ${'x'.repeat(60_000)}`, 'rcpt');
  assert.equal(answer?.text.length, 503);
  assert.equal(plainText('  a \n b  '), 'a b');
  assert.equal(parseRefusal(false, 'mail'), undefined);
});

test('offers are keywords, not words within', () => {
  const hello = [
    '250-dsn.smtputf8.example AUTH PLAIN',
    '250-size 35882577',
    '250-8BITMIME',
    '250-AUTH login PLAIN  XOAUTH2',
    '250-AUTH=CRAM-MD5',
    '250-X-DSN',
    '250 ',
  ].join('\n');
  const { extensions, largest, mechanisms } = offersOf(hello);
  assert.deepEqual([...extensions], ['SIZE', '8BITMIME', 'AUTH', 'X-DSN']);
  assert.equal(largest, 35_882_577);
  assert.deepEqual([...mechanisms], ['LOGIN', 'PLAIN', 'XOAUTH2', 'CRAM-MD5']);
});

for (const size of ['SIZE', 'SIZE 0', 'SIZE x', 'SIZE -1', `SIZE ${'9'.repeat(30)}`]) {
  test(`"${size}" sets no limit`, () => {
    assert.equal(offersOf(`250-x\n250 ${size}`).largest, undefined);
  });
}
