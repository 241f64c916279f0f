/* Cutting octets into lines under a limit, in whatever pieces they come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineReader } from '#protocol/line/line-reader';

/** Every line the reader finds when the octets come in pieces of `size`. */
function lines(text: string, size: number, limit = 12): string[] {
  const reader = new LineReader(limit);
  const found: string[] = [];
  const octets = Buffer.from(text, 'latin1');
  for (let at = 0; at < octets.length; at += size) {
    reader.push(Buffer.from(octets.subarray(at, at + size)));
    for (let line = reader.line(); line !== undefined; line = reader.line()) {
      if (line.kind === 'too-long') found.push('too long');
      else found.push(`${line.octets.toString('latin1')}${line.bare ? ' (bare)' : ''}`);
    }
  }
  return found;
}

const rows: [name: string, text: string, found: string[]][] = [
  ['one line', 'NOOP\r\n', ['NOOP']],
  ['several at once', 'A\r\nB\r\n\r\nC\r\n', ['A', 'B', '', 'C']],
  ['an unfinished line is not a line', 'NOOP\r\nQUI', ['NOOP']],
  ['an LF alone ends a line and is told', 'NOOP\nQUIT\r\n', ['NOOP (bare)', 'QUIT']],
  ['a CR alone is an octet', 'NO\rOP\r\n', ['NO\rOP']],
  ['two CRs before the LF', 'A\r\r\n', ['A\r']],
  ['only LF', '\n\n', [' (bare)', ' (bare)']],
  ['as long as allowed', '0123456789\r\n', ['0123456789']],
  ['one octet too long', '01234567890\r\nNOOP\r\n', ['too long', 'NOOP']],
  [
    'much too long',
    `${'x'.repeat(500)}\r\n${'y'.repeat(50)}\nZ\r\n`,
    ['too long', 'too long', 'Z'],
  ],
  ['octets above 127', '\xff\xfe\x00\r\n', ['\xff\xfe\x00']],
];

for (const [name, text, found] of rows) {
  test(`lines: ${name}`, () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      assert.deepEqual(lines(text, size), found, `in pieces of ${size}`);
    }
  });
}

test('a begun line survives the reuse of the buffer it came in', () => {
  const reader = new LineReader(100);
  const shared = Buffer.from('NO');
  reader.push(shared);
  assert.equal(reader.line(), undefined);
  shared.fill(0);
  reader.push(Buffer.from('OP\r\n'));
  assert.deepEqual(reader.line(), { kind: 'line', octets: Buffer.from('NOOP'), bare: false });
});

test('an endless line takes no memory and is counted', () => {
  const reader = new LineReader(100);
  for (let i = 0; i < 1000; i++) {
    reader.push(Buffer.alloc(1000, 'x'));
    assert.equal(reader.line(), undefined);
  }
  assert.equal(reader.pending, 1_000_000);
});

test('octets between lines are handed out as they came', () => {
  const reader = new LineReader(100);
  reader.push(Buffer.from('BDAT 4\r\n\r\n.\nNOOP\r\n'));
  assert.equal(reader.line()?.kind, 'line');
  assert.equal(reader.take(4).toString(), '\r\n.\n');
  assert.equal(reader.unread, 6);
  assert.equal(reader.rest().toString(), 'NOOP\r\n');
  reader.giveBack(6);
  assert.deepEqual(reader.line(), { kind: 'line', octets: Buffer.from('NOOP'), bare: false });
});

test('after clear nothing of before is left', () => {
  const reader = new LineReader(100);
  reader.push(Buffer.from('STARTTLS\r\nMAIL'));
  reader.line();
  reader.line();
  reader.clear();
  reader.push(Buffer.from('NOOP\r\n'));
  assert.deepEqual(reader.line(), { kind: 'line', octets: Buffer.from('NOOP'), bare: false });
});
