/*
 * What pages of other sites can do to a box whose owner is signed in, in a real browser: another host,
 * and another port of the very same one, to which the browser sends the owner's cookie along.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startBox, type TestBox } from '../support/box.ts';
import { TestAuthority } from '../support/certificates.ts';
import { Chromium, desk, missingChromium } from '../support/chromium.ts';

const program = fileURLToPath(new URL('../support/flows-stand-in.ts', import.meta.url));
const password = 'correct horse';
const skip = missingChromium() ?? false;

/** Tries whatever a page can, and notes what came of it. */
function hostile(box: string): string {
  return `<!doctype html><title>Other</title><iframe name="out"></iframe><iframe src="${box}/"></iframe>
<form method="post" action="${box}/hold" target="out"><input name="a" value="b"></form>
<script type="module">
const came = {};
const fetched = (path, more) => fetch('${box}' + path, { credentials: 'include', ...more })
  .then((answer) => 'read ' + answer.type, () => 'refused');
const loaded = (element, url) => new Promise((resolve) => {
  element.onload = () => resolve('loaded');
  element.onerror = () => resolve('refused');
  element.src = '${box}' + url;
  document.body.append(element);
});
came.read = await fetched('/live');
came.blind = await fetched('/gate.css', { mode: 'no-cors' });
came.post = await fetched('/hold', { method: 'POST', mode: 'no-cors', body: 'a=b' });
came.image = await loaded(new Image(), '/gate.svg');
came.script = await loaded(document.createElement('script'), '/assets/page.js');
came.socket = await new Promise((resolve) => {
  const socket = new WebSocket('${box}/comms'.replace('https', 'wss'));
  socket.onopen = () => resolve('open');
  socket.onerror = () => resolve('refused');
});
document.forms[0].submit();
window.came = came;
</script>`;
}

describe('other sites', { skip, timeout: 300_000 }, () => {
  const parts = new AsyncDisposableStack();
  let box: TestBox;
  let page: Page;
  let port: number;
  before(async () => {
    box = parts.use(await startBox({ env: { RESTANTE_FLOWS_PROGRAM: program } }));
    await box.cli(['owner', 'password', '--password-stdin'], password);
    // One authority that the browser trusts, for the box and for the other site.
    const authority = await TestAuthority.make();
    const [own, other] = [
      await authority.issue({ names: ['localhost'] }),
      await authority.issue({ names: ['localhost', 'other.localhost'] }),
    ];
    const [file, key, ca] = ['own.pem', 'own.key', 'own-ca.pem'].map((name) =>
      join(box.data, name),
    );
    assert.ok(file && key && ca);
    await writeFile(file, own.cert);
    await writeFile(key, own.key);
    await writeFile(ca, authority.pem);
    await box.cli(['settings', 'set', 'tls.certificate', file]);
    const swapped = box.saidAgain(/^New connections get the new certificate/);
    await box.cli(['settings', 'set', 'tls.key', key]);
    await swapped;
    const site = `https://localhost:${box.ports.webs}`;
    const server = createServer(other, (_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(hostile(site));
    }).listen(0, '127.0.0.1');
    parts.defer(() => void server.close());
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    const chromium = parts.use(await Chromium.open(ca));
    page = await chromium.window(desk);
    await page.goto(`${site}/sign-in`);
    await page.fill('input[name=password]', password);
    await page.click('button');
    await page.waitForURL(`${site}/`);
  });
  after(() => parts.disposeAsync());

  for (const [host, hasCookie] of [
    ['other.localhost', false],
    ['localhost', true],
  ] as const) {
    test(`${host} on another port reads nothing and changes nothing`, async () => {
      const context = page.context();
      const elsewhere = await context.newPage();
      const answered = context.waitForEvent('response', (response) => {
        const request = response.request();
        return request.method() === 'POST' && request.isNavigationRequest();
      });
      await elsewhere.goto(`https://${host}:${port}/`);
      const form = await answered;
      assert.equal(form.status(), 403);
      const { cookie } = await form.request().allHeaders();
      assert.equal(
        cookie?.startsWith('__Host-restante=') ?? false,
        hasCookie,
        'what the test is for',
      );
      const came = await elsewhere.evaluate('window.came');
      const all = ['read', 'blind', 'post', 'image', 'script', 'socket'];
      assert.deepEqual(came, Object.fromEntries(all.map((name) => [name, 'refused'])));
      const framed = elsewhere
        .frames()
        .filter((frame) => frame.url().startsWith('https://localhost'));
      for (const frame of framed.filter((one) => one !== elsewhere.mainFrame())) {
        assert.equal(await frame.locator('main').count(), 0);
      }
      await elsewhere.close();
    });
  }
});
