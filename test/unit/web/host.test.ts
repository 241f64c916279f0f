/* Under which names and addresses the box is asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwn, parseHost, withPort } from '#web/host';

const own = {
  names: ['restante.local', 'localhost'],
  addresses: ['127.0.0.1', '::1', '192.168.1.5', 'fd00::2'],
};

const rows: readonly [string, 'own' | 'foreign' | 'none'][] = [
  ['restante.local', 'own'],
  ['RESTANTE.local:8443', 'own'],
  ['restante.local.', 'own'],
  ['localhost:8443', 'own'],
  ['192.168.1.5', 'own'],
  ['192.168.1.5:443', 'own'],
  ['[::1]:8443', 'own'],
  ['[0:0:0:0:0:0:0:1]', 'own'],
  ['[::ffff:192.168.1.5]', 'own'],
  ['[fd00::2]', 'own'],
  ['evil.example', 'foreign'],
  ['restante.local.evil.example', 'foreign'],
  ['192.168.1.6', 'foreign'],
  ['203.0.113.1', 'foreign'],
  ['[fd00::3]', 'foreign'],
  ['', 'none'],
  [':443', 'none'],
  ['a b', 'none'],
  ['restante.local:443:1', 'none'],
  ['restante.local@evil.example', 'none'],
  ['restante.local/evil', 'none'],
  ['[::1', 'none'],
  ['[restante.local]', 'none'],
  ['::1', 'none'],
];

for (const [text, expected] of rows) {
  test(`${JSON.stringify(text)} is ${expected}`, () => {
    const host = parseHost(text);
    const is = host === undefined ? 'none' : isOwn(host, own) ? 'own' : 'foreign';
    assert.equal(is, expected);
  });
}

test('the other port is named unless it is the usual one', () => {
  const [name, address] = [parseHost('box.local:8080'), parseHost('[::1]:8080')];
  assert.ok(name && address);
  assert.equal(withPort(name, 443, 443), 'box.local');
  assert.equal(withPort(name, 8443, 443), 'box.local:8443');
  assert.equal(withPort(address, 8443, 443), '[::1]:8443');
});
