/* Paths mean one thing to everybody, or are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEditor, parseTarget, safePlace } from '#web/target';

const good: readonly [string, string][] = [
  ['/', '/'],
  ['/people/ann', '/people/ann'],
  ['/People/', '/people/'],
  ['/log?q=a/../b&c=%2F', '/log'],
  ['/%70eople', '/people'],
  ['/people/b%C3%BCcher', '/people/b%c3%bccher'],
  ['/%45DITOR/x', '/editor/x'],
  ['/editor/nodes/@flowfuse%2Fnode-red-dashboard', '/editor/nodes/@flowfuse%2fnode-red-dashboard'],
  ['/a..b/...', '/a..b/...'],
];

for (const [text, plain] of good) {
  test(`takes ${text}`, () => assert.equal(parseTarget(text)?.plain, plain));
}

const bad: readonly string[] = [
  '',
  '*',
  'people',
  'http://restante.local/people',
  'restante.local:443',
  '//evil.example/',
  '/people//ann',
  '/a/../editor',
  '/a/%2e%2e/editor',
  '/a/.%2E/editor',
  '/./editor',
  '/..',
  '/a%2f..%2feditor',
  '/a%2Fb',
  '/editor%2f..%2fx',
  '/editor/..%2f..%2fx',
  '/editor/x%2f%2e%2e%2fy',
  '/a\\b',
  '/a%5cb',
  '/a%00',
  '/a%0d%0aset-cookie:x',
  '/a%7f',
  '/a%2565',
  '/a%zz',
  '/a%',
  '/a b',
  '/a\tb',
  '/ü',
  '/a#b',
  `/${'a'.repeat(2048)}`,
];

for (const text of bad) {
  test(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.equal(parseTarget(text), undefined);
  });
}

test('the editor is found under all its spellings', () => {
  for (const text of ['/editor', '/EDITOR/', '/%65ditor/flows', '/editor/x?y']) {
    assert.ok(isEditor(parseTarget(text)?.plain ?? ''), text);
  }
  for (const text of ['/editors', '/my/editor', '/']) {
    assert.ok(!isEditor(parseTarget(text)?.plain ?? ''), text);
  }
});

test('nobody is sent to another site', () => {
  assert.equal(safePlace('/queue?x=1'), '/queue?x=1');
  for (const text of [
    ...['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)'],
    ...['/\r\nset-cookie: x', '', null, undefined, '/%2f/evil.example'],
  ]) {
    assert.equal(safePlace(text), '/');
  }
});
