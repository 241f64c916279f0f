/* settings.json as people write it: what is read, and where a mistake is said to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFlatJson } from '#settings/flat-json';

test('reads texts, numbers, flags and lists, and skips a byte order mark', () => {
  const read = readFlatJson(
    '\uFEFF{ "a": "x\\n\\u00fc", "b": -1.5e2,\r\n"c": [ "1", "2" ], "d": true }',
  );
  assert.ok(read.ok);
  assert.deepEqual(Object.fromEntries(read.value), {
    a: 'x\nü',
    b: -150,
    c: ['1', '2'],
    d: true,
  });
});

test('an empty object and an empty list are fine', () => {
  const read = readFlatJson(' {"a": [ ]}\n');
  assert.ok(read.ok && read.value.get('a') !== undefined);
  assert.ok(readFlatJson('{}').ok);
});

const faults: readonly [string, string, number, number, RegExp][] = [
  ['nothing', '', 1, 1, /opening brace/],
  ['no object', '25', 1, 1, /opening brace/],
  ['a comma too many', '{\n  "a": 1,\n}', 3, 1, /name in double quotes/],
  ['a comma missing', '{\n  "a": 1\n  "b": 2\n}', 3, 3, /comma/],
  ['single quotes', "{ 'a': 1 }", 1, 3, /name in double quotes/],
  ['no colon', '{ "a" 1 }', 1, 7, /colon/],
  ['a bare word', '{ "a": yes }', 1, 8, /text in double quotes, a number/],
  ['null', '{ "a": null }', 1, 8, /text in double quotes, a number/],
  ['an object inside', '{ "a": {} }', 1, 8, /text in double quotes, a number/],
  ['a number in a list', '{ "a": ["x", 1] }', 1, 14, /text in double quotes/],
  ['cut short', '{ "a": "x', 1, 8, /text in double quotes/],
  ['cut short after a value', '{ "a": "x"', 1, 11, /closing brace/],
  ['two objects', '{}\n{}', 2, 1, /nothing more/],
  ['a name twice', '{ "a": 1,\n  "a": 2 }', 2, 3, /"a" stands there twice/],
  ['a line end in a text', '{ "a": "x\ny" }', 1, 8, /text/],
  ['octets of nothing', '\u0000\u0000', 1, 1, /opening brace/],
];

for (const [name, source, line, column, expected] of faults) {
  test(`says where the mistake is: ${name}`, () => {
    const read = readFlatJson(source);
    assert.ok(!read.ok);
    assert.deepEqual([read.error.line, read.error.column], [line, column]);
    assert.match(read.error.expected, expected);
  });
}
