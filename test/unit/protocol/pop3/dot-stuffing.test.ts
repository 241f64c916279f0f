/* Dot-stuffing and TOP's cut: the same in whatever pieces the octets come. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DotStuffing } from '#protocol/pop3/dot-stuffing';
import { Top } from '#protocol/pop3/top';

const texts = [
  '',
  '.',
  '.\r\n',
  '..\r\n.\r\n\r\n.x\r\n',
  'a.b\r\n.\r\n',
  'Subject: x\r\n\r\n.\r\nbody\r\n..\r\n',
  '\r\n\r\n.\r\n',
  'x: y\r\n.no blank line\r\n',
];

/** All ways to cut a text in two, and octet by octet. */
function* cuts(text: string): Generator<Buffer[]> {
  for (let at = 0; at <= text.length; at++) {
    yield [Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at))];
  }
  yield Array.from(text, (octet) => Buffer.from(octet));
}

test('a dot is added to every line that begins with one', () => {
  for (const text of texts) {
    const expected = text.replace(/^\./gm, '..');
    for (const pieces of cuts(text)) {
      const stuffing = new DotStuffing();
      const sent = pieces.flatMap((piece) => stuffing.update(piece));
      assert.equal(Buffer.concat(sent).toString(), expected);
    }
  }
});

test('TOP shows the header, the blank line and n lines', () => {
  for (const text of texts) {
    const [header = '', ...rest] = text.split(/(?<=^\r\n|\r\n\r\n)/);
    const body = rest.join('').split(/(?<=\r\n)/);
    for (let lines = 0; lines <= body.length + 1; lines++) {
      const expected = header + body.slice(0, lines).join('');
      for (const pieces of cuts(text)) {
        const top = new Top(lines);
        const shown = pieces.map((piece) => top.update(piece).toString()).join('');
        assert.equal(shown, expected, JSON.stringify({ text, lines }));
      }
    }
  }
});
