/* Line ends as protocols carry them, and that what is measured is what is sent. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Canonical } from '#mail/message/canonical';
import { Measure } from '#mail/message/measure';

function canonical(octets: Buffer, size: number): { sent: Buffer; changed: boolean } {
  const lines = new Canonical();
  const pieces: Buffer[] = [];
  for (let at = 0; at < octets.length; at += size) {
    pieces.push(Buffer.from(lines.update(octets.subarray(at, at + size))));
  }
  pieces.push(lines.end());
  return { sent: Buffer.concat(pieces), changed: lines.changed };
}

function measured(octets: Buffer, size: number) {
  const measure = new Measure();
  for (let at = 0; at < octets.length; at += size) measure.update(octets.subarray(at, at + size));
  return measure.shape();
}

const rows: [kept: string, sent: string, dots: boolean][] = [
  ['', '', false],
  ['a', 'a\r\n', false],
  ['a\r\n', 'a\r\n', false],
  ['a\n', 'a\r\n', false],
  ['a\r', 'a\r\n', false],
  ['a\r\r\nb', 'a\r\n\r\nb\r\n', false],
  ['a\n\rb\r\n', 'a\r\n\r\nb\r\n', false],
  ['\n\n\r\r\n', '\r\n\r\n\r\n\r\n', false],
  ['.', '.\r\n', true],
  ['a.b\r\n', 'a.b\r\n', false],
  ['a\r\n.b\r\n', 'a\r\n.b\r\n', true],
  ['a\n.b', 'a\r\n.b\r\n', true],
  ['a\r.b', 'a\r\n.b\r\n', true],
  ['\x00\xff\n.\r\n', '\x00\xff\r\n.\r\n', true],
];

for (const [kept, sent, dots] of rows) {
  test(`${JSON.stringify(kept)} goes out as ${JSON.stringify(sent)}`, () => {
    const octets = Buffer.from(kept, 'latin1');
    for (const size of [1, 2, 3, 100]) {
      assert.equal(canonical(octets, size).sent.toString('latin1'), sent);
      assert.deepEqual(measured(octets, size), {
        octets: kept.length,
        wireOctets: sent.length,
        canonical: kept === sent,
        dots,
      });
    }
  });
}

test('whatever the octets: the measure is what the canonical form says, and it is canonical', () => {
  const alphabet = Buffer.from('\r\n.a');
  for (let number = 0; number < 4 ** 7; number++) {
    const octets = Buffer.from(
      Array.from({ length: 7 }, (_, i) => alphabet[(number >> (2 * i)) & 3] ?? 0),
    );
    const { sent, changed } = canonical(octets, 1 + (number % 7));
    const shape = measured(octets, 1 + (number % 5));
    assert.equal(shape.wireOctets, sent.length);
    assert.equal(shape.canonical, sent.equals(octets));
    assert.equal(shape.dots, /(^|\r\n)\./.test(sent.toString()));
    assert.equal(
      changed,
      sent.length > octets.length + (/[\r\n]$/.test(octets.toString()) ? 0 : 2),
    );
    assert.doesNotMatch(sent.toString(), /\r(?!\n)|(?<!\r)\n|[^\n]$/);
  }
});
