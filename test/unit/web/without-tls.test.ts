/* What a browser hears that comes to the encrypted port without TLS. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerWithoutTls } from '#web/without-tls';

const own = { names: ['restante.local', 'localhost'], addresses: ['192.168.1.5', '::1'] };

/** [the Host field, the address that is shown] */
const rows: readonly [string, string][] = [
  ['Host: restante.local:8443', 'https://restante.local:8443/'],
  ['host:192.168.1.5:8443', 'https://192.168.1.5:8443/'],
  ['HOST:   [::1]:8443  ', 'https://[::1]:8443/'],
  // Behind a router that leads another port here.
  ['Host: localhost:9000', 'https://localhost:9000/'],
  ['Host: evil.example', 'https://usual.local:8443/'],
  ['Host: restante.local"><script>', 'https://usual.local:8443/'],
  [`Host: ${'a'.repeat(400)}`, 'https://usual.local:8443/'],
  ['Accept: */*', 'https://usual.local:8443/'],
  [`X: ${'x'.repeat(5_000)}\r\nHost: localhost`, 'https://usual.local:8443/'],
];

for (const [field, address] of rows) {
  test(`${field.slice(0, 60)} leads to ${address}`, () => {
    const begin = Buffer.from(`GET /?<b> HTTP/1.1\r\nA: b\r\n${field}\r\nCookie: key\r\n\r\n`);
    const answer = answerWithoutTls(begin, own, 'usual.local:8443');
    assert.ok(answer.includes(`<a href="${address}">${address}</a>`), answer);
    assert.doesNotMatch(answer, /evil|script>|<b>|key/);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    assert.match(head, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(head, /\r\nconnection: close$/);
    assert.ok(head.includes(`content-length: ${Buffer.byteLength(body)}\r\n`));
  });
}

test('octets that are no request get the same answer', () => {
  const answer = answerWithoutTls(Buffer.from([0, 255, 13, 10]), own, 'usual.local');
  assert.match(answer, /https:\/\/usual\.local\//);
});
