/* The parameters of MAIL and RCPT, xtext, bare line ends, and quoted text in replies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from '#base/cursor';
import { decodeXtext, parseParameters } from '#protocol/smtp/parameters';
import { reply } from '#protocol/smtp/reply';
import { newlineRule } from '#protocol/smtp/terms';

const rows: [text: string, found: Record<string, string | undefined> | undefined][] = [
  ['', {}],
  [' ', {}],
  [' SIZE=10', { SIZE: '10' }],
  [' size=10  Body=8BITMIME', { SIZE: '10', BODY: '8BITMIME' }],
  [' SMTPUTF8', { SMTPUTF8: undefined }],
  [' ENVID=<a>;b', { ENVID: '<a>;b' }],
  [' ORCPT=utf-8;jürgen', { ORCPT: 'utf-8;jürgen' }],
  ['SIZE=10', undefined],
  [' SIZE=', undefined],
  [' SIZE=1=2', undefined],
  [' =1', undefined],
  [' A A', undefined],
  [' A=1\t', undefined],
  [' A=\x01', undefined],
];

for (const [text, found] of rows) {
  test(`parameters ${JSON.stringify(text)}`, () => {
    const parameters = parseParameters(new Cursor(text));
    assert.deepEqual(parameters && Object.fromEntries(parameters), found);
  });
}

const xtexts: [text: string, octets: string | undefined][] = [
  ['ann@example.org', 'ann@example.org'],
  ['a+2Bb+3D', 'a+b='],
  ['+C3+BC', 'ü'],
  ['<>', '<>'],
  ['', ''],
  ['a+2b', undefined],
  ['a+', undefined],
  ['a=b', undefined],
  ['a b', undefined],
];

for (const [text, octets] of xtexts) {
  test(`xtext ${JSON.stringify(text)}`, () => assert.equal(decodeXtext(text), octets));
}

test('bare CR and LF: mended near us and for who signed in, refused from strangers', () => {
  assert.equal(newlineRule('auto', 'loopback', false), 'repair');
  assert.equal(newlineRule('auto', 'local', false), 'repair');
  assert.equal(newlineRule('auto', 'far', true), 'repair');
  assert.equal(newlineRule('auto', 'far', false), 'refuse');
  assert.equal(newlineRule('repair', 'far', false), 'repair');
  assert.equal(newlineRule('refuse', 'loopback', true), 'refuse');
});

test('nothing that a reply quotes can end its line or begin another', () => {
  const { text } = reply(550, '5.1.1', 'a\r\n250 OK', 'b\0\x7fü\u2028');
  assert.equal(text, '550-5.1.1 a??250 OK\r\n550 5.1.1 b????\r\n');
});
