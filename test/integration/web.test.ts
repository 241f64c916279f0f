/*
 * The web ports of a whole box, over real sockets and TLS, with a stand-in for Node-RED: who gets
 * through, what a hostile network cannot do, and that mail takes no notice.
 */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBox, type TestBox } from '../support/box.ts';
import { answerOf, Browser } from '../support/browser.ts';
import { TestAuthority } from '../support/certificates.ts';
import { NetPeer } from '../support/net-peer.ts';

const program = fileURLToPath(new URL('../support/flows-stand-in.ts', import.meta.url));
const password = 'correct horse';

function boxWithPages(set: Record<string, string> = {}): Promise<TestBox> {
  return startBox({ env: { RESTANTE_FLOWS_PROGRAM: program }, set });
}

/** A box that has an owner, and a browser of the owner's. */
async function owned(box: TestBox): Promise<Browser> {
  const set = await box.cli(['owner', 'password', '--password-stdin'], password);
  assert.equal(set.status, 0, set.stderr);
  return signedIn(box);
}

async function signedIn(box: TestBox): Promise<Browser> {
  const browser = await Browser.open(box);
  const answer = await browser.post('/sign-in', { password });
  assert.equal(answer.status, 303, answer.text);
  return browser;
}

/** Asks until Node-RED is ready. */
async function ready(browser: Browser): Promise<void> {
  // A script's request waits for it.
  const answer = await browser.get('/', { 'sec-fetch-mode': 'cors' });
  assert.equal(answer.status, 200, answer.text);
}

describe('a new box', () => {
  let box: TestBox;
  before(async () => {
    box = await boxWithPages();
  });
  after(() => box[Symbol.asyncDispose]());

  test('explains itself over plain http, and nothing else', async () => {
    const browser = await Browser.open(box);
    const first = await browser.plain('/', { headers: { host: 'localhost:80' } });
    assert.equal(first.status, 200);
    assert.match(first.text, new RegExp(`href="https://localhost:${box.ports.webs}/"`));
    const fingerprint = new X509Certificate(browser.ca).fingerprint256;
    assert.ok(first.text.replaceAll('\n', ':').includes(fingerprint));
    for (const path of ['/people', '/sign-in', '/setup', '/live', '/editor']) {
      const answer = await browser.plain(path);
      assert.deepEqual([answer.status, answer.headers.location], [303, '/'], path);
    }
    const posted = await browser.plain('/sign-in', { method: 'POST' });
    assert.equal(posted.status, 403);
  });

  test('says where it is to who comes to the encrypted port without TLS', async () => {
    const place = `localhost:${box.ports.webs}`;
    const peer = await NetPeer.dial(box.ports.webs);
    peer.say(`GET /people HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
    const said = await peer.hearEnd();
    assert.match(said, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.ok(said.includes(`<a href="https://${place}/">`), said);
    // By another's name, or by none, it says its own.
    const lost = await NetPeer.dial(box.ports.webs);
    lost.say('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n');
    const own = new RegExp(`<a href="https://[a-z.]+:${box.ports.webs}/">`);
    assert.match(await lost.hearEnd(), own);
    assert.equal((await (await Browser.open(box)).get('/sign-in')).status, 303);
  });

  test('hands out its authority in every form, on both ports', async () => {
    const browser = await Browser.open(box);
    const { fingerprint256 } = new X509Certificate(browser.ca);
    const pem = await browser.plain('/ca.pem');
    assert.equal(pem.text, browser.ca);
    const fetched = browser.begin({ path: '/ca.crt' });
    fetched.end();
    const [response] = await once(fetched, 'response');
    assert.equal(response.headers['content-type'], 'application/x-x509-ca-cert');
    assert.match(response.headers['content-disposition'], /restante-ca\.crt/);
    const der = Buffer.concat(await response.toArray());
    assert.equal(new X509Certificate(der).fingerprint256, fingerprint256);
  });

  test('wakes nothing and shows nothing while nobody owns it', async () => {
    const browser = await Browser.open(box);
    for (const path of ['/', '/people', '/sign-in']) {
      const answer = await browser.get(path);
      assert.deepEqual([answer.status, answer.headers.location], [303, '/setup'], path);
    }
    const status = JSON.parse((await box.cli(['status', '--json'])).stdout);
    assert.equal(status.flows.state, 'stopped');
    assert.equal(status.web.owner, 'none');
  });

  test('becomes its owner’s by the link of its log, once', async () => {
    const said = await box.said(/^Set this box up in a browser/);
    const [, code = ''] = /\/setup\?code=([a-z-]+)/.exec(said) ?? [];
    const [owner, thief] = [await Browser.open(box), await Browser.open(box)];
    const page = await owner.get(`/setup?code=${code}`);
    assert.match(page.text, new RegExp(`name="code"[^>]*value="${code}"`));
    const wrong = await thief.post('/setup', { code: 'aaaa-aaaa', password, again: password });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /That is not the code/);
    const short = await owner.post('/setup', { code, password: 'short', again: 'short' });
    assert.match(short.text, /at least 8 characters/);
    const unlike = await owner.post('/setup', { code, password, again: 'correct house' });
    assert.match(unlike.text, /not the same/);
    const made = await owner.post('/setup', { code, password, again: password });
    assert.deepEqual([made.status, made.headers.location], [303, '/welcome']);
    assert.match(
      made.headers['set-cookie']?.[0] ?? '',
      /^__Host-restante=[\w-]{43}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
    );
    const again = await thief.post('/setup', { code, password: 'my own one', again: 'my own one' });
    assert.equal(again.status, 403);
    assert.equal((await thief.post('/sign-in', { password: 'my own one' })).status, 422);
    assert.equal((await thief.post('/sign-in', { password })).status, 303);
    assert.doesNotMatch(box.log.join('\n'), /correct horse/);
  });

  test('a forgotten password is set anew by a link from the box', async () => {
    const before = await signedIn(box);
    const opened = await box.cli(['setup', 'open', '--json']);
    const { links, code } = JSON.parse(opened.stdout);
    assert.ok(links[0].endsWith(`/setup?code=${code}`));
    const browser = await Browser.open(box);
    const fresh = 'battery staple';
    const made = await browser.post('/setup', { code, password: fresh, again: fresh });
    assert.equal(made.status, 303);
    const sent = await before.get('/people');
    assert.equal(sent.headers.location, '/sign-in?next=%2Fpeople', 'older sessions have ended');
    assert.equal((await browser.post('/sign-in', { password: fresh })).status, 303);
  });
});

test('the link of the log is good no more when the owner is set in another way', async () => {
  await using box = await boxWithPages();
  const said = await box.said(/^Set this box up in a browser/);
  const [, code = ''] = /\/setup\?code=([a-z-]+)/.exec(said) ?? [];
  const browser = await owned(box);
  const late = await browser
    .stranger()
    .post('/setup', { code, password: 'mine, now', again: 'mine, now' });
  assert.equal(late.status, 403);
});

describe('a box with an owner', () => {
  let box: TestBox;
  let browser: Browser;
  before(async () => {
    box = await boxWithPages();
    browser = await owned(box);
    await ready(browser);
  });
  after(() => box[Symbol.asyncDispose]());

  test('passes the owner on, and neither keys nor the box’s environment', async () => {
    const answer = await browser.get('/queue?x=1', { authorization: 'Basic x', 'x-mine': '1' });
    const { method, url, headers, environment } = JSON.parse(answer.text);
    assert.deepEqual([method, url, headers['x-mine']], ['GET', '/queue?x=1', '1']);
    assert.equal(headers['x-forwarded-proto'], 'https');
    assert.equal(headers['x-forwarded-host'], browser.host);
    assert.deepEqual([headers.cookie, headers.authorization], [undefined, undefined]);
    assert.equal(environment.RESTANTE_DATA, undefined);
    assert.match(environment.RESTANTE_CONTROL, /flows-control\.sock$/);
  });

  test('keeps its own policies and cookies, whatever Node-RED says', async () => {
    const { headers } = await browser.ask({ path: '/policy' });
    assert.equal(headers['set-cookie'], undefined);
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['strict-transport-security'], undefined);
  });

  test('shows nothing to strangers', async () => {
    const stranger = browser.stranger();
    stranger.cookie = `__Host-restante=${'A'.repeat(43)}`;
    assert.equal((await stranger.get('/')).headers.location, '/sign-in');
    assert.equal((await stranger.get('/live', { 'sec-fetch-mode': 'cors' })).status, 401);
    assert.equal((await stranger.post('/flush', {})).status, 401);
  });

  test('is asked by no other name (DNS rebinding)', async () => {
    for (const host of ['evil.example', `evil.example:${box.ports.webs}`, '10.9.8.7']) {
      const answer = await browser.get('/', { host });
      assert.equal(answer.status, 421, host);
      assert.match(answer.text, /Open it as localhost,/);
      assert.equal((await browser.plain('/', { headers: { host } })).status, 421, host);
    }
    assert.equal((await browser.get('/', { host: `127.0.0.1:${box.ports.webs}` })).status, 200);
    assert.equal((await browser.get('/', { host: 'restante.local' })).status, 200);
  });

  test('takes no form from another site’s page', async () => {
    for (const origin of ['https://evil.example', 'null', `http://${browser.host}`]) {
      const answer = await browser.post('/flush', {}, { origin });
      assert.equal(answer.status, 403, origin);
    }
    const silent = await browser.ask({ path: '/flush', method: 'POST' });
    assert.equal(silent.status, 403);
    assert.equal((await browser.post('/flush', {})).status, 200);
  });

  test('sends nobody elsewhere after signing in', async () => {
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/\\evil',
      '/x\r\nset-cookie:a',
    ]) {
      const answer = await browser.post('/sign-in', { password, next });
      assert.deepEqual([answer.status, answer.headers.location], [303, '/'], next);
    }
    const inside = await browser.post('/sign-in', { password, next: '/queue?x=1' });
    assert.equal(inside.headers.location, '/queue?x=1');
  });

  test('shows what was typed as text', async () => {
    const hostile = '"><script>alert(1)</script>';
    for (const path of ['/setup?code=', '/sign-in?next=/']) {
      const page = await browser.stranger().get(`${path}${encodeURIComponent(hostile)}`);
      assert.doesNotMatch(page.text, /<script/);
    }
  });

  const head = (line: string, ...fields: string[]) => [line, ...fields, '', ''].join('\r\n');

  const upgrade = (about: Browser, ...fields: string[]) =>
    head(
      'GET /comms HTTP/1.1',
      ...[`Host: ${about.host}`, 'Connection: Upgrade', 'Upgrade: websocket'],
      ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...fields],
    );

  test('keeps the editor shut, under all its spellings', async () => {
    for (const path of ['/editor', '/EDITOR/', '/%65ditor', '/editor/flows']) {
      assert.equal((await browser.get(path)).status, 404, path);
    }
    await box.cli(['settings', 'set', 'flows.editor', 'on']);
    const open = await browser.get('/editor/');
    assert.equal(open.status, 200);
    assert.match(String(open.headers['content-security-policy']), /unsafe-eval/);
    const said = [`Cookie: ${browser.cookie}`, `Origin: ${browser.origin}`];
    const [inside, outside] = [await browser.dial(), await browser.dial()];
    inside.say(upgrade(browser, ...said).replace('/comms', '/editor/comms'));
    await inside.hear('\r\n\r\n');
    outside.say(upgrade(browser, ...said));
    await outside.hear('\r\n\r\n');
    await box.cli(['settings', 'set', 'flows.editor', 'off']);
    await inside.hearEnd();
    outside.say('still here');
    await outside.hear('still here');
    outside.socket.destroy();
  });

  const malformed: readonly [string, (host: string) => string, RegExp][] = [
    ['an empty segment', (host) => head('GET //people HTTP/1.1', `Host: ${host}`), / 400 /],
    ['a way up', (host) => head('GET /a/../editor HTTP/1.1', `Host: ${host}`), / 400 /],
    ['an encoded way up', (host) => head('GET /a/%2e%2e/x HTTP/1.1', `Host: ${host}`), / 400 /],
    ['an encoded slash', (host) => head('GET /a%2fb HTTP/1.1', `Host: ${host}`), / 400 /],
    ['a whole address', (host) => head(`GET https://${host}/ HTTP/1.1`, `Host: ${host}`), / 400 /],
    ['no host', () => head('GET / HTTP/1.1'), / 400 /],
    ['two hosts', (host) => head('GET / HTTP/1.1', `Host: ${host}`, 'Host: evil'), / 400 /],
    ['no HTTP', () => 'EHLO client.example\r\n\r\n', / 400 /],
    [
      'a length beside a coding',
      (host) =>
        `${head(
          'POST /x HTTP/1.1',
          ...[`Host: ${host}`, 'Content-Length: 4', 'Transfer-Encoding: chunked'],
        )}0\r\n\r\nGET /editor HTTP/1.1\r\n\r\n`,
      / 400 /,
    ],
    [
      'two lengths',
      (host) => head('POST /x HTTP/1.1', `Host: ${host}`, 'Content-Length: 4', 'Content-Length: 5'),
      / 400 /,
    ],
    [
      'another coding',
      (host) => head('POST /x HTTP/1.1', `Host: ${host}`, 'Transfer-Encoding: gzip, chunked'),
      / 400 /,
    ],
    [
      'a coding that is none',
      (host) => head('POST /x HTTP/1.1', `Host: ${host}`, 'Transfer-Encoding: xchunked'),
      / 400 /,
    ],
    [
      'a body where pages send none',
      (host) =>
        `${head('GET /x HTTP/1.1', `Host: ${host}`, 'Transfer-Encoding: chunked')}0\r\n\r\n`,
      / 400 /,
    ],
    [
      'a folded field',
      (host) => head('GET / HTTP/1.1', `Host: ${host}`, 'X-A: b\r\n c', 'X-A : d'),
      / 400 /,
    ],
    [
      'a head without end',
      (host) => head('GET / HTTP/1.1', `Host: ${host}`, `X-A: ${'a'.repeat(20_000)}`),
      / 431 /,
    ],
  ];

  for (const [name, text, expected] of malformed) {
    test(`refuses ${name}`, async () => {
      const request = text(browser.host).replace(/\r\n\r\n/, '\r\nConnection: close\r\n\r\n');
      const heard = await browser.say(request);
      assert.match(heard, expected);
      assert.equal(heard.match(/^HTTP\/1\.1 /gm)?.length, 1, 'one answer');
    });
  }

  test('passes on a body of unknown length, and refuses one that is too long', async () => {
    const headers = { origin: browser.origin, 'transfer-encoding': 'chunked' };
    const passed = await browser.ask({ path: '/x', method: 'POST', headers }, 'a=b');
    const { body, headers: heard } = JSON.parse(passed.text);
    assert.deepEqual([body, heard['transfer-encoding']], ['a=b', 'chunked']);
    const deleted = await browser.ask({ path: '/x', method: 'DELETE', headers }, 'a=b');
    assert.equal(JSON.parse(deleted.text).body, 'a=b');
    const long = { origin: browser.origin, 'content-length': String(7 * 1024 ** 2) };
    const early = await browser.ask({ path: '/x', method: 'POST', headers: long }, 'a');
    assert.equal(early.status, 413);
    const form = 'a'.repeat(20_000);
    assert.equal((await browser.post('/sign-in', { password: form })).status, 413);
  });

  test('passes much on as fast as it is read', async () => {
    const asked = browser.begin({ path: '/much' });
    asked.end();
    const [answer] = await once(asked, 'response');
    let octets = 0;
    for await (const piece of answer) octets += piece.length;
    assert.equal(octets, 8 * 1024 ** 2);
  });

  test('answers one request after the other, and keeps no line of them', async () => {
    const look = (path: string, ...more: string[]) =>
      head(`GET ${path} HTTP/1.1`, `Host: ${browser.host}`, ...more);
    const two = look('/gate.css') + look('/gate.svg', 'Connection: close');
    const heard = await browser.say(two);
    assert.deepEqual(heard.match(/content-type: \S+/gi), [
      'content-type: text/css;',
      'content-type: image/svg+xml',
    ]);
    const many = await browser.say(look('/gate.css').repeat(50));
    assert.ok((many.match(/^HTTP\/1\.1 200 /gm) ?? []).length <= 1);
  });

  test('survives whatever Node-RED answers', async () => {
    assert.equal((await browser.get('/wrong')).status, 502);
    assert.equal((await browser.get('/no-http')).status, 502);
    await assert.rejects(browser.get('/broken'));
    const leaves = browser.begin({ path: '/endless' });
    leaves.end();
    await once(leaves, 'response');
    leaves.destroy();
    assert.equal((await browser.get('/x')).status, 200);
  });

  test('opens web sockets to the owner alone, from its own pages alone', async () => {
    const cookie = `Cookie: ${browser.cookie}`;
    const origin = `Origin: ${browser.origin}`;
    assert.match(await browser.say(upgrade(browser, origin)), /^HTTP\/1\.1 401 /);
    assert.match(await browser.say(upgrade(browser, cookie)), /^HTTP\/1\.1 403 /);
    const evil = 'Origin: https://evil.example';
    assert.match(await browser.say(upgrade(browser, cookie, evil)), /^HTTP\/1\.1 403 /);
    const peer = await browser.dial();
    peer.say(upgrade(browser, cookie, origin));
    const answer = await peer.hear('\r\n\r\n');
    // RFC 6455 §1.3: the answer to the sample nonce.
    assert.match(answer, /sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
    assert.doesNotMatch(answer, /cookie/i);
    peer.say('whatever');
    await peer.hear('whatever');
    peer.socket.destroy();
  });

  test('tells live how it is, until the session ends; web sockets end with it', async () => {
    const other = await signedIn(box);
    const peer = await other.dial();
    const cookie = `Cookie: ${other.cookie}`;
    peer.say(head('GET /live HTTP/1.1', `Host: ${other.host}`, cookie, 'Sec-Fetch-Mode: cors'));
    await peer.hear('text/event-stream');
    await peer.hear('data: ');
    const state = JSON.parse(
      await peer.hear('\n\n').then((text) => text.trim().split('\r')[0] ?? ''),
    );
    assert.deepEqual(
      state.lamps.map(({ lamp }: { lamp: string }) => lamp),
      ['mail', 'queue', 'status'],
    );
    assert.equal(state.queue.messages, 0);
    const socket = await other.dial();
    socket.say(upgrade(other, cookie, `Origin: ${other.origin}`));
    await socket.hear('\r\n\r\n');
    await box.addAccount('live', 'secret word');
    const news = await peer.hear('"name":"live"');
    assert.ok(news);
    const out = await other.post('/sign-out', {});
    assert.match(out.headers['set-cookie']?.[0] ?? '', /^__Host-restante=; Max-Age=0;/);
    await peer.hear('0\r\n\r\n');
    await socket.hearEnd();
    assert.equal((await other.get('/')).headers.location, '/sign-in');
  });

  test('is tried wrongly ten times from an address, and no more', async () => {
    const tries = Array.from({ length: 14 }, (_, index) =>
      browser.stranger().post('/sign-in', { password: `wrong number ${index}` }),
    );
    // Until all are answered, for one that is still looked at is counted anew.
    const locked = (await Promise.all(tries)).find(({ status }) => status === 429);
    assert.match(locked?.text ?? '', /Too many wrong passwords/);
    assert.equal((await browser.get('/')).status, 200, 'who is signed in stays so');
    const status = await box.cli(['status']);
    assert.match(status.stdout, /owner's password is being tried wrongly/);
    const { code } = JSON.parse((await box.cli(['setup', 'open', '--json'])).stdout);
    assert.ok(code);
    assert.equal((await browser.stranger().post('/sign-in', { password })).status, 303);
  });

  test('serves thousands of requests on connections that stay', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const paths = ['/gate.css', '/x', '/sign-in', '/much'];
    const one = async (index: number) => {
      const path = paths[index % (index % 50 === 3 ? 4 : 3)] ?? '/';
      const asked = browser.begin({ path, agent });
      asked.end();
      const [answer] = await once(asked, 'response');
      for await (const _piece of answer);
      return answer.statusCode;
    };
    const lanes = [0, 1, 2, 3].map(async (lane) => {
      const seen = new Set<number>();
      for (let index = 0; index < 300; index += 1) seen.add(await one(lane + index * 4));
      return seen;
    });
    const seen = (await Promise.all(lanes)).flatMap((set) => [...set]);
    assert.deepEqual([...new Set(seen)].sort(), [200, 303]);
    agent.destroy();
  });

  test('takes a new certificate up for whoever comes next', async () => {
    const authority = await TestAuthority.make();
    const { cert, key } = await authority.issue({ names: ['mail.example.org', 'localhost'] });
    const [certFile, keyFile] = [join(box.data, 'own.pem'), join(box.data, 'own.key')];
    await writeFile(certFile, cert);
    await writeFile(keyFile, key);
    const swapped = () => box.saidAgain(/^New connections get the new certificate/);
    await box.cli(['settings', 'set', 'tls.certificate', certFile]);
    const theirs = swapped();
    await box.cli(['settings', 'set', 'tls.key', keyFile]);
    await theirs;
    const page = { path: '/ca.pem', ca: authority.pem };
    const answer = await browser.ask({ ...page, headers: { host: 'mail.example.org' } });
    assert.equal(answer.status, 200, 'under the names of that certificate');
    const own = swapped();
    await box.cli(['settings', 'unset', 'tls.certificate']);
    await own;
    await box.cli(['settings', 'unset', 'tls.key']);
    assert.equal((await browser.get('/ca.pem', { host: 'mail.example.org' })).status, 421);
  });

  test('a flood of browsers takes no place of mail’s', async () => {
    const peers: NetPeer[] = [];
    for (let count = 0; count < 80; count += 1) peers.push(await NetPeer.dial(box.ports.webs));
    const smtp = await NetPeer.dial(box.ports.smtp);
    await smtp.hear('220 ');
    smtp.vanish();
    for (const peer of peers) peer.vanish();
  });

  test('does not reach what makes an owner by the control socket of the flows', async () => {
    const path = join(box.data, 'flows-control.sock');
    const ask = async (socketPath: string, path: string, method: string, body = '') => {
      const asked = request({ socketPath, path, method });
      return (await answerOf(asked, body)).status;
    };
    assert.equal(await ask(path, '/v1/status', 'GET'), 200);
    assert.equal(await ask(path, '/v1/owner/password', 'POST', '{"secret":"another one"}'), 422);
    assert.equal(await ask(path, '/v1/setup/open', 'POST', '{}'), 422);
  });
});

describe('Node-RED', () => {
  test('that starts slowly has a page that says so, and loses no form', async () => {
    await using box = await boxWithPages();
    const folder = join(box.data, 'flows');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'behaviour'), 'slow');
    const browser = await owned(box);
    const page = await browser.get('/people');
    assert.equal(page.status, 503);
    assert.equal(page.headers['refresh'], '2');
    assert.match(page.text, /<progress max="100" value="\d+"/);
    const form = browser.post('/people', { name: 'ann' });
    const status = JSON.parse((await box.cli(['status', '--json'])).stdout);
    assert.equal(status.flows.state, 'starting');
    await writeFile(join(folder, 'go'), '');
    const { body } = JSON.parse((await form).text);
    assert.equal(body, 'name=ann');
    assert.equal((await browser.get('/people')).status, 200);
  });

  test('that crashes is told, never touches mail, and is started anew', async () => {
    await using box = await boxWithPages();
    const browser = await owned(box);
    await ready(browser);
    const broken = await browser.get('/crash');
    assert.equal(broken.status, 502);
    await box.said(/^Node-RED is down: It ended with status 3/);
    const smtp = await NetPeer.dial(box.ports.smtp);
    await smtp.hear('220 ');
    smtp.vanish();
    const status = await box.cli(['status']);
    assert.match(status.stdout, /The web pages do not start: It ended with status 3/);
    const page = await browser.get('/');
    assert.equal(page.status, 503);
    assert.match(page.text, /One moment/);
    // Whoever cannot look again by itself waits; a form is not lost.
    const { body } = JSON.parse((await browser.post('/people', { name: 'ann' })).text);
    assert.equal(body, 'name=ann');
  });

  test('that cannot start says why on the page and in status', async () => {
    await using box = await boxWithPages();
    const folder = join(box.data, 'flows');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'behaviour'), 'crash');
    const browser = await owned(box);
    const waited = await browser.get('/', { 'sec-fetch-mode': 'cors' });
    assert.equal(waited.status, 503);
    const page = await browser.get('/');
    assert.match(page.text, /The flows cannot be read/);
    const status = await box.cli(['status']);
    assert.match(status.stdout, /The web pages do not start: .*The flows cannot be read/);
    await box.cli(['settings', 'set', 'flows.run', 'off']);
    const off = await browser.get('/');
    assert.match(off.text, /settings set flows\.run demand/);
    await rm(folder, { recursive: true });
  });

  test('that is not there says what to do', async () => {
    const env = { RESTANTE_FLOWS_PROGRAM: join(program, '..', 'never-there.js') };
    await using box = await startBox({ env });
    const browser = await owned(box);
    const page = await browser.get('/');
    assert.match(page.text, /scripts\/build/);
  });

  test('ends with the box, even when that is killed', async () => {
    const box = await boxWithPages();
    try {
      const browser = await owned(box);
      await ready(browser);
      const { environment } = JSON.parse((await browser.get('/')).text);
      const socket: string = environment.RESTANTE_FLOWS_SOCKET;
      const held = connect(socket);
      held.on('error', () => {});
      const gone = once(held, 'close');
      await once(held, 'connect');
      await box.kill('SIGKILL');
      await gone;
      assert.ok(await readFile(join(box.data, 'mail.db')));
    } finally {
      await box[Symbol.asyncDispose]();
    }
  });

  test('stays on when a flow wants it, also after a restart', async () => {
    await using box = await boxWithPages();
    const stayed = await box.cli(['flows', 'stay', '--stay', '--why', 'the flow Door bell']);
    assert.equal(stayed.status, 0, stayed.stderr);
    await box.said(/^Node-RED is ready/);
    await box.restart();
    await box.said(/^Node-RED is ready/);
    const status = await box.cli(['status']);
    assert.match(
      status.stdout,
      /ready \(flows.run is demand, .* MB of memory\); they stay on: the flow Door bell/,
    );
  });
});

test('a port that another program has costs the pages, not the mail', async () => {
  await using other = await boxWithPages();
  await using box = await startBox({ set: { 'webs.port': String(other.ports.webs) } });
  const status = await box.cli(['status']);
  assert.match(status.stdout, /There are no web pages on it/);
  const smtp = await NetPeer.dial(box.ports.smtp);
  await smtp.hear('220 ');
  smtp.vanish();
});
