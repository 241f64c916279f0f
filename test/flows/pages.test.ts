/*
 * The pages as a browser gets them: the real program in its own process, over a household in memory
 * at the real control door. Forms without script; refusals beside their fields; secrets that stay
 * out of whatever the program says or keeps; strangers' texts that stay so; the box away and back.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nasty } from './household.ts';
import { skeletonOf } from './skeleton.ts';
import { openBox, type Pages, startPages } from './stand-in.ts';

const everything = [
  '/',
  '/welcome',
  '/welcome/ann/provider',
  '/welcome/ann/provider?provider=gmail',
  '/welcome/ann/provider?provider=other',
  '/welcome/ann/phone',
  '/people',
  '/people/ann',
  '/providers',
  '/providers/add',
  '/providers/add?provider=outlook',
  '/queue',
  '/queue/a1b2c3',
  '/shelf',
  '/box',
  '/log',
  '/log?address=dora@example.net',
  '/settings?open=queue',
];

const now = Date.UTC(2026, 10, 26, 12, 0);
type Box = Awaited<ReturnType<typeof openBox>>;

let box: Box;
let pages: Pages;

before(async () => {
  const build = fileURLToPath(new URL('../../scripts/build', import.meta.url));
  await promisify(execFile)(build);
  box = await openBox(now);
  pages = await startPages(box.path, box.folder);
});

after(async () => {
  await pages?.stop();
  await box?.[Symbol.asyncDispose]();
});

async function get(path: string, site = pages.site) {
  const response = await fetch(`${site}${path}`, { redirect: 'manual' });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

async function post(path: string, fields: Record<string, string>) {
  const body = new URLSearchParams(fields);
  const response = await fetch(`${pages.site}${path}`, {
    method: 'POST',
    body,
    redirect: 'manual',
  });
  const location = response.headers.get('location') ?? '';
  return { status: response.status, text: await response.text(), location };
}

/** What the page says to which a form leads. */
async function said(path: string, fields: Record<string, string>): Promise<string> {
  const { status, location, text } = await post(path, fields);
  assert.equal(status, 303, text);
  const { text: page } = await get(location);
  return /<p class="note[^>]*>([^<]*)/.exec(page)?.[1] ?? '';
}

describe('every page', () => {
  for (const path of everything) {
    test(path, async () => {
      const { status, text, headers } = await get(path);
      assert.equal(status, 200, text);
      assert.match(headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-powered-by'), null);
      const skeleton = skeletonOf(text);
      assert.equal(skeleton.filter((tag) => tag.split(' ')[0] === 'h1').length, 1, 'one heading');
      assert.doesNotMatch(text, /undefined|\[object|NaN|\{\{/);
      // Each id once, and each label's field is there.
      const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
      assert.equal(
        new Set(ids).size,
        ids.length,
        `twice: ${ids.filter((a, i) => ids.indexOf(a) !== i)}`,
      );
      for (const [, id] of text.matchAll(/\s(?:for|aria-describedby|aria-labelledby)="([^"]+)"/g)) {
        assert.ok(ids.includes(id), `nothing has the id ${id}`);
      }
    });
  }

  test('a trouble that nothing can be done about has no button', async () => {
    const { text } = await get('/');
    const items = text.match(/<li class="trouble">[\s\S]*?<\/li>/g) ?? [];
    assert.equal(items.length, 3);
    assert.doesNotMatch(items.at(-1) ?? '', /<a/);
  });

  test('Home shows every lamp that the panel has', async () => {
    const { panel } = box.box;
    const report = panel.report();
    const lamp = { lamp: 'mail.ann', pattern: 'on', say: 'New mail waits.' } as const;
    Object.assign(box.box, {
      panel: { ...panel, report: () => ({ ...report, lamps: [...report.lamps, lamp] }) },
    });
    const { text } = await get('/');
    Object.assign(box.box, { panel });
    assert.match(text, /class="bulb mail\.ann on"[\s\S]*<b>mail\.ann<\/b>/);
    assert.doesNotMatch(text, /class="dot mail\.ann/);
  });

  test('what is not there says so', async () => {
    assert.equal((await get('/nowhere')).status, 404);
    assert.equal((await get('/people/nobody')).status, 404);
    assert.equal((await get('/queue/ffffff')).status, 404);
  });

  test('weighs little', async () => {
    const { text } = await get('/');
    const parts = await Promise.all(
      ['style.css', 'live.js', 'icon.svg'].map((n) => get(`/assets/${n}`)),
    );
    const octets = [text, ...parts.map((part) => part.text)].join('').length;
    assert.ok(octets < 64_000, `the first page takes ${octets} octets`);
  });
});

describe('forms', () => {
  test('send what waits, hold and release', async () => {
    assert.match(
      await said('/queue/flush', {}),
      /2 sent, 1 to be tried again later\. 4 collected\./,
    );
    assert.match(await said('/queue/hold', {}), /On hold/);
    assert.equal(box.box.queue.held, true);
    assert.match((await get('/')).text, /On hold: mail is taken in/);
    assert.match(await said('/queue/release', {}), /goes out again/);
    assert.equal(box.box.queue.held, false);
  });

  test('a note is said once', async () => {
    const { location } = await post('/queue/hold', {});
    assert.match((await get(location)).text, /class="note"/);
    assert.doesNotMatch((await get(location)).text, /class="note"/);
    await post('/queue/release', {});
    assert.doesNotMatch((await get('/?note=Pay+here')).text, /Pay here/);
  });

  test('nothing is dropped without a yes', async () => {
    const asked = await post('/queue/a1b2c3/drop', { quiet: 'true' });
    assert.match(asked.text, /Are you sure\?[\s\S]*bob@example\.net will not get it/);
    assert.match(asked.text, /name="quiet" value="true"/);
    assert.deepEqual(box.box.queue.dropped, []);
    assert.match(await said('/queue/a1b2c3/drop', { quiet: 'true', yes: 'true' }), /Dropped/);
    assert.deepEqual(box.box.queue.dropped, [['a1b2c3', false]]);
  });

  test('a setting is changed, and what is wrong stands beside its field', async () => {
    assert.match(
      await said('/settings/queue.giveUp', { value: '3d' }),
      /queue\.giveUp is 3d, and holds from now on\./,
    );
    const wrong = await post('/settings/queue.giveUp', { value: 'soon' });
    assert.equal(wrong.status, 422);
    const field = /<form[^>]*id="queue-giveUp">[\s\S]*?<\/form>/.exec(wrong.text)?.[0] ?? '';
    assert.match(field, /value="soon"[^>]*aria-invalid="true"/);
    assert.match(field, /role="alert">[^<]*duration/);
    assert.equal([...wrong.text.matchAll(/role="alert"/g)].length, 1);
    assert.match(await said('/settings/queue.giveUp/unset', {}), /queue\.giveUp is 5d, and holds/);
    assert.match(
      await said('/settings/host.name', { value: 'post.local' }),
      /host\.name is post\.local, and holds from the next start of the box on\./,
    );
    await post('/settings/host.name/unset', {});
  });

  test('the first start: a person, a provider, a phone', async () => {
    const person = await post('/welcome', { account: 'dan', secret: 'paper-boat-7' });
    assert.equal(person.location, '/welcome/dan/provider');
    assert.equal(box.box.passwordOf.get('dan'), 'paper-boat-7');
    const again = await post('/welcome', { account: 'dan', secret: 'paper-boat-7' });
    assert.equal(again.status, 422);
    assert.match(again.text, /role="alert">dan is there already/);
    assert.match(again.text, /value="dan"/);
    const fields = {
      provider: 'gmail',
      user: 'dan@gmail.com',
      secret: 'paper-boat-8',
      send: 'true',
    };
    const connected = await post('/welcome/dan/provider', fields);
    assert.match(connected.text, /<h1>That works<\/h1>/);
    const phone = (await get('/welcome/dan/phone')).text;
    assert.match(phone, /<svg class="qr"[\s\S]*href="[^"]*join/);
    assert.match(phone, />https:&#47;&#47;restante\.local&#47;join&#47;token</);
    box.box.passwordOf.delete('dan');
  });

  test('one person has mail here, several have', async () => {
    const { passwordOf } = box.box;
    assert.match((await get('/welcome')).text, /Ann, Bob and Cleo already have mail here\./);
    const [ann = ['ann', 'pw'], ...others] = [...passwordOf];
    passwordOf.clear();
    passwordOf.set(...ann);
    assert.match((await get('/welcome')).text, /Ann already has mail here\./);
    for (const one of others) passwordOf.set(...one);
  });

  test('a name is taken as phones type it: with a capital letter, and a blank behind it', async () => {
    const person = await post('/welcome', { account: 'Dan ', secret: ' paper-boat-7 ' });
    assert.equal(person.location, '/welcome/dan/provider', person.text);
    assert.equal(box.box.passwordOf.get('Dan'), ' paper-boat-7 ');
    box.box.passwordOf.delete('Dan');
  });

  test('a server that is not trusted: its certificate is shown, and trusted after that', async () => {
    const { connect } = box.box.providers;
    const say =
      'It is not trusted. If you trust it all the same, give its authority with --ca FILE.';
    const asked: unknown[] = [];
    box.box.providers.connect = async (wish) => {
      asked.push({ ca: wish.ca, again: wish.again, password: wish.password });
      const step = { step: 'collecting', ok: false, say, trouble: 'certificate' } as const;
      return { ok: true, value: { account: 'ann', done: false, steps: [step], again: 'a-key' } };
    };
    const typed = { user: 'a@example.org', 'imap-host': 'localhost', 'imap-port': '1143' };
    const result = await post('/welcome/ann/provider', { ...typed, secret: 'paper-boat-9' });
    assert.match(result.text, /give its certificate below/);
    assert.doesNotMatch(result.text, /--ca|type="password"|paper-boat/);
    const look = '/welcome/ann/provider/certificate';
    assert.ok(result.text.includes(`action="${look.replaceAll('/', '&#47;')}"`), result.text);
    const kept = { ...typed, again: 'a-key' };
    const wrong = await post(look, { ...kept, ca: 'hello' });
    assert.equal(wrong.status, 422);
    assert.match(wrong.text, /role="alert">This is no certificate/);
    assert.match(wrong.text, /name="again" value="a-key"/);
    const pem = '-----BEGIN CERTIFICATE-----\r\nAAAA';
    const shown = await post(look, { ...kept, ca: pem });
    assert.match(shown.text, /class="print">AB:CD</);
    assert.match(shown.text, /name="ca" value="-----BEGIN CERTIFICATE-----\nAAAA"/);
    assert.doesNotMatch(shown.text, /type="password"/);
    await post('/welcome/ann/provider', { ...kept, ca: pem });
    box.box.providers.connect = connect;
    assert.deepEqual(asked, [
      { ca: undefined, again: undefined, password: 'paper-boat-9' },
      { ca: pem, again: 'a-key', password: undefined },
    ]);
  });

  test('a port that is wrong: the servers are asked for again, and the password is not', async () => {
    const { connect } = box.box.providers;
    const say = 'It does not begin with TLS. Try --security starttls, mostly with --port 143.';
    const step = { step: 'collecting', ok: false, say, trouble: 'settings' } as const;
    const value = { account: 'ann', done: false, steps: [step], again: 'a-key' };
    box.box.providers.connect = async () => ({ ok: true, value });
    const typed = { user: 'a@example.org', 'imap-host': 'mail.example.org', 'imap-port': '993' };
    const { text } = await post('/providers/add', { account: 'ann', ...typed, secret: 'x y z' });
    box.box.providers.connect = connect;
    assert.match(text, /Try STARTTLS, mostly with the port 143\./);
    assert.match(text, /name="imap-port"[^>]*value="993"/);
    assert.doesNotMatch(text, /type="password"|type="hidden" name="imap-|name="smtp-/);
    assert.match(text, /type="hidden" name="again" value="a-key"/);
    assert.match(text, /type="hidden" name="user"/);
  });

  test('a provider that refuses: what is wrong, and the way back to its form', async () => {
    const { connect } = box.box.providers;
    const say = 'Gmail does not take this password.';
    box.box.providers.connect = async ({ account }) => ({
      ok: true,
      value: { account, done: false, steps: [{ step: 'sending', ok: false, say }] },
    });
    const { text } = await post('/welcome/ann/provider', {
      provider: 'gmail',
      user: 'a@gmail.com',
    });
    box.box.providers.connect = connect;
    assert.match(text, /<li class="wrong">[\s\S]*Gmail does not take this password\./);
    // All that was typed is there still, but for the password.
    assert.match(text, /<input type="hidden" name="user" value="a@gmail\.com">/);
    assert.match(text, /<input id="secret" name="secret" type="password" required/);
    assert.match(text, /href="[^"]*\?provider=gmail">Change the rest/);
  });

  test('an app password is shown once', async () => {
    const { text } = await post('/people/ann/passwords', { name: "Ann's phone" });
    assert.match(text, /kofi-mule-zero/);
    assert.doesNotMatch((await get('/people/ann')).text, /kofi-mule-zero/);
  });

  test('signing in by a code: address, code, QR code, and on', async () => {
    const { text } = await post('/providers/uplink/outlook/sign-in', {});
    assert.match(text, /WDJB-MJHT/);
    assert.match(
      text,
      /href="https:&#x?[0-9a-f]+;&#x?[0-9a-f]+;example\.com|href="https:[^"]*example/,
    );
    assert.match(text, /<svg class="qr"/);
    const on = await post('/providers/uplink/outlook/sign-in', { wait: 'true' });
    assert.match(on.text, /Signed in\./);
  });

  test('a test says what is wrong, on its own card', async () => {
    const { text } = await post('/providers/uplink/gmail/test', {});
    const card = /<article class="card" id="uplink-gmail"[\s\S]*?<\/article>/.exec(text)?.[0] ?? '';
    assert.match(card, /role="status">It is closed\.[\s\S]*The server said: 554 no/);
    assert.equal([...text.matchAll(/It is closed/g)].length, 1);
  });

  test('collecting now says what it brought', async () => {
    const { text } = await post('/providers/source/gmail/collect', {});
    const card = /<article class="card" id="source-gmail"[\s\S]*?<\/article>/.exec(text)?.[0] ?? '';
    assert.match(card, /role="status">2 messages collected\./);
  });

  test('nothing chosen from the shelf, and half an address in the log, are said in words', async () => {
    assert.match(
      (await post('/shelf/restore', {})).text,
      /role="alert">Tick first what you mean\./,
    );
    const { why, whyAddress } = box.box.queue;
    const say = '"bob" is not a mail address; write all of it';
    box.box.queue.whyAddress = async () => ({
      ok: false,
      error: { kind: 'refusal', code: 'bad-address', say },
    });
    const { text } = await get('/log?address=bob');
    Object.assign(box.box.queue, { why, whyAddress });
    assert.match(text, /is not a mail address/);
    assert.doesNotMatch(text, /knows of no mail/);
  });

  test('several messages are put back from the shelf', async () => {
    const body = new URLSearchParams([
      ['id', '1'],
      ['id', '2'],
    ]);
    const sent = await fetch(`${pages.site}/shelf/restore`, { method: 'POST', body });
    assert.match(await sent.text(), /Put back: 2\./);
  });

  test('no form leads to another site', async () => {
    const { location } = await post('/welcome', { account: '/evil.example', secret: 'pw' });
    assert.match(location, /^\/welcome\/%2Fevil\.example\/provider$/);
    box.box.passwordOf.delete('/evil.example');
  });

  test('passwords are in nothing that the program says or keeps', async () => {
    const files = await readdir(join(box.folder, 'flows'), {
      recursive: true,
      withFileTypes: true,
    });
    const kept = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    );
    for (const text of [...kept, ...pages.said]) assert.doesNotMatch(text, /paper-boat|kofi-mule/);
  });
});

describe('strangers', () => {
  test('their texts stay texts on every page', async () => {
    await using hostile = await openBox(now, true);
    const served = await startPages(hostile.path, hostile.folder);
    try {
      let seen = 0;
      for (const path of everything) {
        const [{ text }, usual] = [await get(path, served.site), await get(path)];
        assert.deepEqual(skeletonOf(text), skeletonOf(usual.text), path);
        if (text.includes('alert(1)')) seen += 1;
      }
      assert.ok(seen > 6, `only ${seen} pages showed them, so little was tried`);
      const query = encodeURIComponent(nasty);
      for (const path of [
        `/log?address=${query}`,
        `/providers/add?provider=${query}&account=${query}`,
      ]) {
        skeletonOf((await get(path, served.site)).text);
      }
    } finally {
      await served.stop();
    }
  });
});

describe('the box', () => {
  test('away: the page says so, and works again when it is back', async () => {
    await box.away();
    const { status, text } = await get('/');
    assert.equal(status, 503);
    assert.match(text, /The box does not answer/);
    assert.equal((await post('/queue/flush', {})).status, 503);
    await box.back();
    assert.equal((await get('/')).status, 200);
  });
});
