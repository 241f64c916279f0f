/* The second proof: what counts of a message and what does not; whole is byte by byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headDigestOf, largeDigest, MessageDigest } from '#collector/digest';
import { SeededRandom } from '../../support/seeded-random.ts';

function digest(message: string | Buffer, piece = Number.POSITIVE_INFINITY): string {
  const octets = Buffer.from(message);
  const whole = new MessageDigest();
  for (let at = 0; at < octets.length; at += piece) whole.update(octets.subarray(at, at + piece));
  const { digest, headDigest } = whole.end();
  assert.equal(digest.length, 16);
  assert.equal(headDigest.length, 8);
  return `${digest.toString('hex')} ${headDigest.toString('hex')}`;
}

const plain = 'From: a\r\nSubject: b\r\n folded\r\n\r\nStatus: in the body\r\n\r\nend\r\n';

const equal: readonly [string, string][] = [
  ['trace fields, folded', `Received: from x\r\n\tby y\r\nReturn-Path: <>\r\n${plain}`],
  ['trace fields in any case', `RECEIVED : x\r\nreceived: y\r\n${plain}`],
  [
    'what stores write',
    plain.replace('Subject', 'Status: RO\r\nX-UID: 7\r\nX-Keywords: \r\nSubject'),
  ],
  ['what Mozilla writes', `X-Mozilla-Status: 0001\r\nX-Mozilla-Status2: 00000000\r\n${plain}`],
  ['what Gmail writes', `X-GM-THRID: 1\r\n ${'x'.repeat(300)}\r\nX-Gmail-Labels: =?x\r\n${plain}`],
  ['a very long Received', `Received: ${'x'.repeat(100_000)}\r\n${plain}`],
  ['line ends', plain.replaceAll('\r\n', '\n')],
  ['other line ends', plain.replaceAll('\r\n', '\r')],
  ['no last line end', plain.slice(0, -2)],
  ['delivery', `Delivered-To: a\r\nX-Original-To: b\r\nEnvelope-To: c\r\nLines: 4\r\n${plain}`],
];

for (const [what, message] of equal) {
  test(`does not count: ${what}`, () => assert.equal(digest(message), digest(plain)));
}

const different: readonly [string, string][] = [
  ['the body', plain.replace('end', 'END')],
  ['a field of the body', plain.replace('Status: in', 'Status: not in')],
  ['a field', plain.replace('b\r\n folded', 'c\r\n folded')],
  ['its folding', plain.replace(' folded', '\tfolded')],
  ['another field', `X-Received: x\r\n${plain}`],
  ['a field with a longer name', `Statuses: x\r\n${plain}`],
  ['the empty line', plain.replace('\r\n\r\n', '\r\n')],
  ['Message-ID', `Message-ID: <1@a>\r\n${plain}`],
  ['white space before a name', ` Received: x\r\n${plain}`],
];

for (const [what, message] of different) {
  test(`counts: ${what}`, () => assert.notEqual(digest(message), digest(plain)));
}

test('whole is byte by byte, whatever it is', () => {
  const random = new SeededRandom('digest');
  const words = ['\r', '\n', '\r\n', '\r\n\r\n', ' ', ':', 'Received:', 'Status: ', 'x', 'From: '];
  for (let turn = 0; turn < 300; turn++) {
    let message = '';
    for (let count = random.below(25); count > 0; count--) message += random.pick(words);
    for (const piece of [1, 2, 3, 7]) {
      assert.equal(digest(message, piece), digest(message), JSON.stringify(message));
    }
  }
  for (const [, message] of [...equal, ...different]) {
    assert.equal(digest(message, 1), digest(message));
  }
});

test('messages without a header section, and none at all', () => {
  const all = ['', 'hello', 'hello\r\nagain', '\r\nhello', '\r\n', 'hello: again'].map((m) =>
    digest(m),
  );
  assert.equal(new Set(all).size, all.length);
});

test('the header section alone, as TOP gives it', () => {
  const header = plain.slice(0, plain.indexOf('\r\n\r\n') + 4);
  const [, head] = digest(`Received: x\r\n${plain}`).split(' ');
  assert.equal(headDigestOf(Buffer.from(header)).toString('hex'), head);
  assert.equal(headDigestOf(Buffer.from(`X-UIDL: 7\r\n${header}`)).toString('hex'), head);
  assert.notEqual(headDigestOf(Buffer.from('From: b\r\n\r\n')).toString('hex'), head);
});

test('a header line that never ends takes no memory', () => {
  const endless = new MessageDigest();
  const piece = Buffer.alloc(65_536, 'x');
  const before = process.memoryUsage();
  for (let count = 0; count < 1_500; count++) endless.update(piece);
  const after = process.memoryUsage();
  assert.ok(after.heapUsed + after.external - before.heapUsed - before.external < 20_000_000);
  endless.end();
});

test('what is too large is known by its header section and its size', () => {
  const head = headDigestOf(Buffer.from(plain));
  assert.deepEqual(largeDigest(head, 5), largeDigest(head, 5));
  assert.notDeepEqual(largeDigest(head, 5), largeDigest(head, 6));
});
