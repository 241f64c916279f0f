/* What goes no further than the gate, in either direction. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cookieOf, keysIn } from '#web/cookie';
import { passedBack, passedOn } from '#web/headers';
import { html } from '#web/light/html';

const key = 'A'.repeat(43);

test('Node-RED hears no keys, and nothing that only this hop means', () => {
  const passed = passedOn(
    {
      accept: 'text/html',
      cookie: `__Host-restante=${key}`,
      authorization: 'Basic x',
      'proxy-authorization': 'x',
      connection: 'close, X-Secret',
      'x-secret': '1',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      'transfer-encoding': 'chunked',
      upgrade: 'websocket',
      expect: '100-continue',
      host: 'evil.example',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-proto': 'http',
      forwarded: 'for=1.2.3.4',
    },
    'restante.local:8443',
  );
  assert.deepEqual(passed, {
    accept: 'text/html',
    host: 'restante.local:8443',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'restante.local:8443',
  });
});

test('browsers get the policies of the gate, whatever Node-RED says', () => {
  const passed = passedBack(
    {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'max-age=1000',
      'content-security-policy': 'default-src *',
      'access-control-allow-origin': '*',
      'set-cookie': ['a=b'],
      'strict-transport-security': 'max-age=1',
      'x-powered-by': 'Express',
      'transfer-encoding': 'chunked',
      etag: '"1"',
    },
    false,
  );
  assert.equal(passed['cache-control'], 'no-store');
  assert.match(String(passed['content-security-policy']), /^default-src 'none'/);
  assert.doesNotMatch(String(passed['content-security-policy']), /unsafe/);
  assert.equal(passed['etag'], '"1"');
  for (const name of [
    ...['access-control-allow-origin', 'set-cookie', 'strict-transport-security'],
    ...['x-powered-by', 'transfer-encoding'],
  ]) {
    assert.equal(passed[name], undefined, name);
  }
});

test('what is no page keeps its caching; the editor alone may run what it makes', () => {
  const script = { 'content-type': 'text/javascript', 'cache-control': 'max-age=9' };
  assert.equal(passedBack(script, false)['cache-control'], 'max-age=9');
  assert.match(String(passedBack({}, true)['content-security-policy']), /unsafe-eval/);
});

const cookies: readonly [string, string | undefined, readonly string[]][] = [
  ['none', undefined, []],
  ['ours', `__Host-restante=${key}`, [key]],
  ['ours among others', `a=b; __Host-restante=${key}; c=d`, [key]],
  ['one that looks like it', `restante=${key}; x__Host-restante=${key}`, []],
  ['too short', '__Host-restante=abc', []],
  ['with other signs', `__Host-restante=${'A'.repeat(42)}.`, []],
  ['a thousand of them', Array(1000).fill(`__Host-restante=${key}`).join(';'), Array(4).fill(key)],
];

for (const [name, field, keys] of cookies) {
  test(`cookies: ${name}`, () => assert.deepEqual(keysIn(field), keys));
}

test('the cookie is for this host, over TLS, for no script and no other site', () => {
  assert.equal(
    cookieOf(key, 60),
    `__Host-restante=${key}; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict`,
  );
});

test('what is put into HTML is text', () => {
  const hostile = `"><script>alert('1')</script>&\``;
  assert.equal(
    html`<p title="${hostile}">${html`<b>${1}</b>`}${['a', '<']}${undefined}${false}</p>`.text,
    '<p title="&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;&#96;">' +
      '<b>1</b>a&#60;</p>',
  );
});
