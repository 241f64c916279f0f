/* Where a message ends in DATA, and that nothing else ends it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transparency } from '#protocol/smtp/transparency';

/** Message, and what is left behind its end; the message alone while no end was found. */
function decode(text: string, size: number): [string, string?] {
  const octets = Buffer.from(text, 'latin1');
  const transparency = new Transparency();
  let message = '';
  for (let at = 0; at < octets.length; at += size) {
    const piece = octets.subarray(at, at + size);
    const { content, ended, used } = transparency.decode(piece);
    message += content.toString('latin1');
    if (ended) return [message, octets.subarray(at + used).toString('latin1')];
    assert.equal(used, piece.length);
  }
  return [message];
}

const rows: [name: string, sent: string, found: [string, string?]][] = [
  ['an empty message', '.\r\n', ['', '']],
  ['one line', 'a\r\n.\r\n', ['a\r\n', '']],
  ['commands behind the end', 'a\r\n.\r\nQUIT\r\n', ['a\r\n', 'QUIT\r\n']],
  ['a dot is taken away', '..\r\n..a\r\n...\r\n.\r\n', ['.\r\n.a\r\n..\r\n', '']],
  ['a dot that nobody doubled', '.a\r\n.\r\n', ['a\r\n', '']],
  ['dots inside a line', 'a.\r\n a.b\r\n.\r\n', ['a.\r\n a.b\r\n', '']],
  ['CR and more behind a dot', '.\ra\r\n.\r\n', ['\ra\r\n', '']],
  ['CR CR LF behind a dot', '.\r\r\n.\r\n', ['\r\r\n', '']],
  ['CR before the line end', 'a\r\r\n.\r\n', ['a\r\r\n', '']],
  ['not ended yet', 'a\r\n.\r', ['a\r\n']],
  // SMTP smuggling: what some servers take for the end of a message.
  ['smuggling: LF . LF', 'a\n.\nMAIL\r\n', ['a\n.\nMAIL\r\n']],
  ['smuggling: LF . CR LF', 'a\n.\r\nMAIL\r\n', ['a\n.\r\nMAIL\r\n']],
  ['smuggling: CR LF . LF', 'a\r\n.\nMAIL\r\n', ['a\r\n\nMAIL\r\n']],
  ['smuggling: CR . CR', 'a\r.\rMAIL\r\n', ['a\r.\rMAIL\r\n']],
  ['smuggling: CR LF . CR', 'a\r\n.\rMAIL\r\n', ['a\r\n\rMAIL\r\n']],
  ['smuggling: CR . CR LF', 'a\r.\r\nMAIL\r\n', ['a\r.\r\nMAIL\r\n']],
  ['smuggling: LF . CR', 'a\n.\rMAIL\r\n', ['a\n.\rMAIL\r\n']],
  ['smuggling: CR LF NUL . CR LF', 'a\r\n\x00.\r\nMAIL\r\n', ['a\r\n\x00.\r\nMAIL\r\n']],
  ['smuggling: CR LF . CR NUL LF', 'a\r\n.\r\x00\n', ['a\r\n\r\x00\n']],
  ['smuggling: LF LF . CR CR LF', 'a\n\n.\r\r\n', ['a\n\n.\r\r\n']],
];

for (const [name, sent, found] of rows) {
  test(`transparency: ${name}`, () => {
    for (const size of [1, 2, 3, 4, 5, 7, 1000]) {
      assert.deepEqual(decode(sent, size), found, `in pieces of ${size}`);
    }
  });
}

/** RFC 5321 §4.5.2 as a client does it. */
function stuffed(message: string): string {
  return `${message.replace(/(^|\r\n)\./g, '$1..')}.\r\n`;
}

test('what a client stuffs is what comes out, whatever the octets and the pieces', () => {
  const alphabet = '\r\n.a';
  for (let number = 0; number < 4 ** 7; number++) {
    let message = '';
    for (let i = 0; i < 7; i++) message += alphabet[(number >> (2 * i)) & 3] ?? '';
    message += '\r\n';
    const size = 1 + (number % 6);
    assert.deepEqual(decode(`${stuffed(message)}NOOP`, size), [message, 'NOOP']);
  }
});
