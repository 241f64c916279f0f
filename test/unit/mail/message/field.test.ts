/* Header fields of the box's own messages: whatever is said in them, they stay one field. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { field, textField } from '#mail/message/field';
import { printable, wrap } from '#mail/message/printable';
import { summaryOf } from '#mail/message/summary';
import { SeededRandom } from '../../../support/seeded-random.ts';

const fields: readonly [name: string, value: string, written: string][] = [
  ['a short value', 'Bob', 'X: Bob\r\n'],
  ['a line that would follow', 'a\r\nBcc: eve@example.org', 'X: a  Bcc: eve@example.org\r\n'],
  ['a line after a bare CR', 'a\rBcc: eve', 'X: a Bcc: eve\r\n'],
  ['an end of the header section', 'a\r\n\r\n<h1>', 'X: a    <h1>\r\n'],
  ['terminal escapes', '\u001b[2Ja', 'X: [2Ja\r\n'],
  ['the other direction', 'a\u202efdp.exe', 'X: a fdp.exe\r\n'],
  ['a long value', 'word '.repeat(20), `X:${' word'.repeat(14)}\r\n${' word'.repeat(6)}\r\n`],
  ['a long address', `a ${'x'.repeat(200)}@b`, `X: a\r\n ${'x'.repeat(200)}@b\r\n`],
  ['many blanks', `a${' '.repeat(100)}b`, `X: a${' '.repeat(99)}\r\n b\r\n`],
  ['nothing', '', 'X: \r\n'],
];

for (const [name, value, written] of fields) {
  test(`a field: ${name}`, () => assert.equal(field('X', value), written));
}

const texts: readonly [name: string, text: string, written: string][] = [
  ['ASCII', 'Dinner on Sunday', 'Subject: Dinner on Sunday\r\n'],
  ['letters of Köln', 'Köln', 'Subject: =?utf-8?B?S8O2bG4=?=\r\n'],
  ['what looks like an encoded word', '=?x?q?a?=', 'Subject: =?utf-8?B?PT94P3E/YT89?=\r\n'],
];

for (const [name, text, written] of texts) {
  test(`a text field: ${name}`, () => assert.equal(textField('Subject', text), written));
}

test('any text comes back from a text field, which is one field of short lines', () => {
  const random = new SeededRandom('fields');
  const pieces = [
    'a',
    'word ',
    'ü',
    '😀',
    '東京',
    '\r\n',
    '\n',
    '\0',
    '=?',
    '?=',
    ': ',
    '\u202e',
    ' ',
  ];
  for (let round = 0; round < 500; round++) {
    let text = '';
    for (let i = random.below(60); i > 0; i--) text += random.pick(pieces);
    const written = textField('Subject', text);
    assert.match(written, /^Subject: [ -~]*\r\n(?: [ -~]+\r\n)*$/);
    for (const line of written.split('\r\n')) assert.ok(line.length <= 76, line);
    const blanks = (shown: string) => shown.replace(/ +/g, ' ').trim();
    const { subject } = summaryOf(Buffer.from(written));
    assert.equal(blanks(subject), blanks(printable(text, 120)));
  }
});

test('text is wrapped, and a word that no line can carry is broken', () => {
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
  assert.deepEqual(wrap('one reallylongword two', 7), ['one', 'reallylongword', 'two']);
  assert.deepEqual(wrap('', 7), ['']);
  const broken = wrap('ü'.repeat(1000), 76);
  assert.equal(broken.join(''), 'ü'.repeat(1000));
  for (const line of broken) assert.ok(Buffer.byteLength(line) <= 998);
});

test('a text is cut between characters', () => {
  assert.equal(printable('abcdef', 4), 'abc…');
  assert.equal(printable('abcd', 4), 'abcd');
  assert.equal(printable('😀😀😀', 2), '😀…');
});
