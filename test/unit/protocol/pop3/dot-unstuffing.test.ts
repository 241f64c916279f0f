/* Dot-stuffing undone: whole, cut in two everywhere, octet by octet, and with more behind it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DotStuffing } from '#protocol/pop3/dot-stuffing';
import { DotUnstuffing } from '#protocol/pop3/dot-unstuffing';

/** What is sent, up to and with its end, and what it means. */
const rows: readonly (readonly [sent: string, meant: string])[] = [
  ['.\r\n', ''],
  ['\r\n.\r\n', '\r\n'],
  ['a\r\n.\r\n', 'a\r\n'],
  ['..\r\n.\r\n', '.\r\n'],
  ['..a\r\n...\r\n.\r\n', '.a\r\n..\r\n'],
  // RFC 1939 §3: a dot is taken away whatever follows it, if only it is no line end.
  ['.a\r\n.\r\n', 'a\r\n'],
  ['a\r\n.b\r\n.\r\n', 'a\r\nb\r\n'],
  // Only CR LF ends a line.
  ['a\n.\r\n\r\n.\r\n', 'a\n.\r\n\r\n'],
  ['a\n.\nb\r.\r\r\n.\r\n', 'a\n.\nb\r.\r\r\n'],
  ['.\r.\r\n.\r\n', '\r.\r\n'],
  ['.\r\r\n.\r\n', '\r\r\n'],
  ['\r\r\n.\r\n', '\r\r\n'],
  ['\r\n\r\n.\r\n', '\r\n\r\n'],
  ['a.b\r\n\0\x80\xff\r\n.\r\n', 'a.b\r\n\0\x80\xff\r\n'],
  [`${'..\r\n'.repeat(50)}.\r\n`, '.\r\n'.repeat(50)],
  [`${'x'.repeat(5000)}\r\n.\r\n`, `${'x'.repeat(5000)}\r\n`],
];

function unstuff(pieces: readonly Buffer[]) {
  const unstuffing = new DotUnstuffing();
  const got: Buffer[] = [];
  let used = 0;
  for (const piece of pieces) {
    const before = Buffer.from(piece);
    const one = unstuffing.update(piece);
    assert.deepEqual(piece, before, 'what was given has changed');
    got.push(Buffer.from(one.octets));
    used += one.used;
    if (one.ended) return { meant: Buffer.concat(got).toString('latin1'), used, ended: true };
    assert.equal(one.used, piece.length);
  }
  return { meant: Buffer.concat(got).toString('latin1'), used, ended: false };
}

for (const [sent, meant] of rows) {
  test(`undone: ${JSON.stringify(sent.slice(0, 30))}`, () => {
    const expected = { meant, used: sent.length, ended: true };
    for (const behind of ['', '\r', '+OK next\r\n', '.\r\n', '.']) {
      const octets = Buffer.from(sent + behind, 'latin1');
      assert.deepEqual(unstuff([octets]), expected, behind);
      const single = Array.from(octets, (octet) => Buffer.from([octet]));
      assert.deepEqual(unstuff(single), expected, behind);
    }
    const octets = Buffer.from(sent, 'latin1');
    for (let at = 1; at < Math.min(octets.length, 200); at++) {
      const cut = [octets.subarray(0, at), octets.subarray(at)];
      assert.deepEqual(unstuff(cut), expected, `cut at ${at}`);
      assert.equal(unstuff([octets.subarray(0, at)]).ended, false);
    }
  });
}

test('what was stuffed is what comes out', () => {
  for (const [, meant] of rows) {
    if (!meant.endsWith('\r\n') && meant !== '') continue;
    // The server's side works on canonical octets.
    const canonical = Buffer.from(meant.replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
    const sent = [...new DotStuffing().update(canonical), Buffer.from('.\r\n')];
    const { meant: back, ended } = unstuff(sent);
    assert.ok(ended && back === canonical.toString('latin1'));
  }
});
