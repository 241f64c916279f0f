/*
 * Signing in by OAuth, and staying signed in, against a real server over TLS: device code, pasted
 * code, renewal with and without rotation, refusals, a full disk at the worst moment, and servers
 * that are not what they ought to be.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log, type LogLine } from '#base/log';
import { SystemRandom } from '#base/random';
import type { Result } from '#base/result';
import { NodeHttpsPost } from '#net/https-post';
import { AccessTokens, type SignInWarning } from '#provider/oauth/access-tokens';
import type { OAuthSettings } from '#provider/oauth/endpoints';
import { SetProviders } from '#provider/oauth/providers';
import { type BegunSignIn, SignIns } from '#provider/oauth/sign-ins';
import { FakeClock } from '../support/fake-clock.ts';
import { MemoryVault } from '../support/memory-vault.ts';
import { until } from '../support/net-peer.ts';
import { OAuthServer, type OAuthServerOptions } from '../support/oauth-server.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

let scratch = '';
before(() => {
  scratch = mkdtempSync(join(tmpdir(), 'restante-oauth-'));
});
after(() => rmSync(scratch, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(scratch, `file-${files++}`);
  writeFileSync(path, text);
  return path;
}

type Way = 'device' | 'code';

/** A box with one uplink, 'mail', and its provider. */
async function stage(t: TestContext, way: Way, options: OAuthServerOptions = {}) {
  const server = await OAuthServer.start(options);
  t.after(() => server.stop());
  const clock = new FakeClock();
  const vault = new MemoryVault();
  const warnings: SignInWarning<string>[] = [];
  const lines: LogLine[] = [];
  const log = new Log((line) => lines.push(line), clock);
  const state = { clockIsSane: true };
  const own = {
    client: server.client,
    token: server.address('token'),
    scope: server.scope,
    caFile: file(server.ca),
    ...(way === 'device'
      ? { device: server.address('device') }
      : { authorize: server.address('authorize') }),
  };
  const none = { client: '', token: 'https://127.0.0.1:1/', device: 'https://127.0.0.1:1/' };
  const settings = { own, google: none, microsoft: none } satisfies OAuthSettings;
  const providers = new SetProviders(() => settings);
  const https = new NodeHttpsPost(new SystemClock());
  const clockIsSane = () => state.clockIsSane;
  const asking = { https, providers, clock, clockIsSane, log };
  const warn = (warning: SignInWarning<string>) => warnings.push(warning);
  /** Another one is the box after a restart. */
  const open = () => new AccessTokens({ ...asking, vault, warn });
  const tokens = open();
  const adopt = tokens.adopt.bind(tokens);
  const signIns = new SignIns<string>({ ...asking, random: new SystemRandom(), adopt });
  return { server, clock, vault, warnings, lines, state, settings, tokens, signIns, open };
}

type Stage = Awaited<ReturnType<typeof stage>>;

function good<T>(result: Result<T, { readonly say: string }>): T {
  assert.ok(result.ok, result.ok ? '' : result.error.say);
  return result.value;
}

function say(result: Result<unknown, { readonly say: string }>): string {
  assert.ok(!result.ok, 'it should have failed');
  return result.error.say;
}

async function begin<S extends BegunSignIn['step']>({ signIns }: Stage, step: S) {
  const begun = good(await signIns.begin('mail', 'own', 'ann@example.com'));
  assert.equal(begun.step, step);
  return begun as Extract<BegunSignIn, { step: S }>;
}

async function signIn(box: Stage): Promise<void> {
  const { address } = await begin(box, 'paste');
  good(await box.signIns.finish('mail', await box.server.browse(address)));
}

/** Turns the clock on to the next time that the box asks. */
async function nextPoll({ clock, server }: Stage, ms: number): Promise<void> {
  await until('the box waits to ask', () => clock.waiting > 0);
  const before = server.asked.length;
  clock.advance(ms - 1);
  assert.equal(server.asked.length, before, 'asked too early');
  clock.advance(1);
  await until('the box asks', () => server.asked.length > before);
}

test('device code: shown, typed, signed in', async (t) => {
  const box = await stage(t, 'device');
  const begun = await begin(box, 'device');
  assert.equal(begun.address, box.server.address('activate'));
  assert.equal(begun.expiresAt, box.clock.now() + 15 * minute);
  const waiting = box.signIns.wait('mail');
  const alsoWaiting = box.signIns.wait('mail');
  await nextPoll(box, 1000);
  box.server.approve(begun.code);
  await nextPoll(box, 1000);
  good(await waiting);
  good(await alsoWaiting);
  assert.equal(box.server.asked.length, 3, 'two who wait ask as one');
  assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
  assert.deepEqual(box.tokens.health('mail'), { kind: 'well' });
  assert.match(say(await box.signIns.wait('mail')), /No sign-in is under way/);
});

test('device code: slower when the server asks for it, or cannot be heard', async (t) => {
  const box = await stage(t, 'device');
  const { code } = await begin(box, 'device');
  const slowDown = { status: 400, body: '{"error":"slow_down"}' };
  box.server.nextAnswers.push(slowDown, slowDown, 'hang up');
  const waiting = box.signIns.wait('mail');
  await nextPoll(box, 1000);
  await nextPoll(box, 6000);
  await nextPoll(box, 11_000);
  box.server.approve(code);
  await nextPoll(box, 22_000);
  good(await waiting);
});

test('device code: declined, or never typed', async (t) => {
  const box = await stage(t, 'device');
  box.server.decline((await begin(box, 'device')).code);
  const declined = box.signIns.wait('mail');
  await nextPoll(box, 1000);
  assert.match(say(await declined), /was declined/);
  box.server.deviceSeconds = 30;
  box.server.interval = 20;
  await begin(box, 'device');
  const tooLate = box.signIns.wait('mail');
  await nextPoll(box, 20_000);
  await until('the box waits', () => box.clock.waiting > 0);
  box.clock.advance(20_000);
  assert.match(say(await tooLate), /ran out/);
  assert.deepEqual(box.tokens.health('mail'), { kind: 'none' });
});

test('device code: beginning anew ends what was begun', async (t) => {
  const box = await stage(t, 'device');
  const first = await begin(box, 'device');
  const waiting = box.signIns.wait('mail');
  await until('the box waits', () => box.clock.waiting > 0);
  await begin(box, 'device');
  box.server.approve(first.code);
  const asked = box.server.asked.length;
  box.clock.advance(1000);
  assert.match(say(await waiting), /began anew/);
  assert.equal(box.server.asked.length, asked, 'nobody asks for the first any more');
});

test('pasted code: the address the browser ended at, or the code alone', async (t) => {
  for (const bare of [false, true]) {
    const box = await stage(t, 'code');
    const { address } = await begin(box, 'paste');
    assert.equal(new URL(address).searchParams.get('login_hint'), 'ann@example.com');
    const ended = await box.server.browse(address);
    assert.match(ended, /^http:\/\/127\.0\.0\.1:53117\/\?code=/);
    const code = new URL(ended).searchParams.get('code') ?? '';
    good(await box.signIns.finish('mail', bare ? code : ended));
    assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
  }
});

test('pasted code: of another sign-in, spent, or too late', async (t) => {
  const box = await stage(t, 'code');
  const first = await begin(box, 'paste');
  const second = await begin(box, 'paste');
  const old = await box.server.browse(first.address);
  assert.match(say(await box.signIns.finish('mail', old)), /another sign-in/);
  // Somebody else's code: the server sees that it was not this box that began.
  const bare = new URL(old).searchParams.get('code') ?? '';
  assert.match(say(await box.signIns.finish('mail', bare)), /does not take this answer/);
  const ended = await box.server.browse(second.address);
  assert.match(say(await box.signIns.finish('mail', ended)), /No sign-in is under way/);
  const third = await begin(box, 'paste');
  box.clock.advance(15 * minute);
  const late = await box.server.browse(third.address);
  assert.match(say(await box.signIns.finish('mail', late)), /longer than 15 minutes/);
});

test('pasted code: when the server was not heard it can be pasted again', async (t) => {
  const box = await stage(t, 'code');
  const { address } = await begin(box, 'paste');
  const ended = await box.server.browse(address);
  box.server.nextAnswers.push('hang up', { status: 503, body: '<h1>Busy</h1>' });
  assert.match(say(await box.signIns.finish('mail', ended)), /could not be spoken with/);
  assert.match(say(await box.signIns.finish('mail', ended)), /it answered 503/);
  good(await box.signIns.finish('mail', ended));
});

test('a client with a secret, from a file', async (t) => {
  const box = await stage(t, 'code', { secret: 'not so secret' });
  const { address } = await begin(box, 'paste');
  const ended = await box.server.browse(address);
  assert.match(say(await box.signIns.finish('mail', ended)), /client_secret is missing/);
  const json = JSON.stringify({ installed: { client_secret: 'not so secret' } });
  for (const text of ['not so secret\n', json]) {
    Object.assign(box.settings.own, { secretFile: file(text) });
    await signIn(box);
    box.clock.advance(56 * minute);
    good(await box.tokens.accessTokenFor('mail'));
  }
});

test('a refresh token is shown to nobody but the server that gave it', async (t) => {
  const box = await stage(t, 'code');
  const other = await OAuthServer.start();
  t.after(() => other.stop());
  box.server.rotates = false;
  await signIn(box);
  box.clock.advance(56 * minute);
  // By a flow that is not its owner's, say.
  Object.assign(box.settings.own, { token: other.address('token') });
  assert.match(
    say(await box.tokens.accessTokenFor('mail')),
    /gave this sign-in at .*set oauth\.own\.token back to/,
  );
  assert.equal(other.asked.length, 0);
  assert.deepEqual(
    box.warnings.map(({ kind }) => kind),
    ['refused'],
  );
  // Nobody was asked, so nobody need rest from it.
  Object.assign(box.settings.own, { token: box.server.address('token') });
  good(await box.tokens.accessTokenFor('mail'));
  assert.equal(box.tokens.health('mail').kind, 'well');
});

test('tokens from before their server was kept go on, and are kept with it', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  const { server: _, ...old } = JSON.parse(box.vault.load('mail') ?? '');
  await box.vault.save('mail', JSON.stringify(old));
  box.clock.advance(56 * minute);
  good(await box.tokens.accessTokenFor('mail'));
  assert.equal(JSON.parse(box.vault.load('mail') ?? '').server, box.server.address('token'));
});

test('what was not granted is said', async (t) => {
  const box = await stage(t, 'code');
  box.server.grantedScope = 'mail.read profile';
  const { address } = await begin(box, 'paste');
  const ended = await box.server.browse(address);
  assert.match(
    say(await box.signIns.finish('mail', ended)),
    /did not allow sending and reading mail/,
  );
  box.server.grantedScope = undefined;
  box.server.givesRefreshTokens = false;
  const again = await begin(box, 'paste');
  const endedAgain = await box.server.browse(again.address);
  assert.match(say(await box.signIns.finish('mail', endedAgain)), /for a moment only/);
  assert.deepEqual(box.tokens.health('mail'), { kind: 'none' });
});

test('renewed before its end, once for all who ask, with rotation', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  const first = good(await box.tokens.accessTokenFor('mail'));
  box.clock.advance(54 * minute);
  assert.equal(good(await box.tokens.accessTokenFor('mail')), first);
  box.clock.advance(2 * minute);
  const asked = box.server.asked.length;
  const both = await Promise.all([
    box.tokens.accessTokenFor('mail'),
    box.tokens.accessTokenFor('mail'),
  ]);
  const [second, same] = both.map(good);
  assert.equal(second, same);
  assert.notEqual(second, first);
  assert.equal(box.server.asked.length, asked + 1);
  // Who waits for a server that cannot be heard waits together, too.
  box.clock.advance(56 * minute);
  box.server.nextAnswers.push('hang up');
  const none = await Promise.all([
    box.tokens.accessTokenFor('mail'),
    box.tokens.accessTokenFor('mail'),
  ]);
  for (const one of none) assert.match(say(one), /could not be spoken with/);
  assert.equal(box.server.asked.length, asked + 2);
  // The rotated refresh token lies on disk: the box after a power cut goes on with it.
  for (let round = 0; round < 3; round++) {
    box.clock.advance(56 * minute);
    assert.ok(box.server.accepts(good(await box.open().accessTokenFor('mail'))));
  }
});

test('a server that keeps its refresh token', async (t) => {
  const box = await stage(t, 'code');
  box.server.rotates = false;
  await signIn(box);
  for (let round = 0; round < 3; round++) {
    box.clock.advance(56 * minute);
    assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
  }
});

test('disk full at a rotation: unused until saved, and never lost', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  box.clock.advance(56 * minute);
  box.vault.full = true;
  const asked = box.server.asked.length;
  for (let round = 0; round < 3; round++) {
    const result = await box.tokens.accessTokenFor('mail');
    assert.match(say(result), /could not be saved, so it is not used yet: The disk is full/);
    assert.equal(!result.ok && result.error.kind, 'unreachable');
  }
  assert.equal(box.server.asked.length, asked + 1, 'renewed once');
  box.vault.full = false;
  assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
  assert.ok(box.server.accepts(good(await box.open().accessTokenFor('mail'))));
  assert.equal(box.server.asked.length, asked + 1);
});

test('disk full, and the refresh token is the same: mail goes on', async (t) => {
  const box = await stage(t, 'code');
  box.server.rotates = false;
  await signIn(box);
  box.clock.advance(56 * minute);
  box.vault.full = true;
  for (let round = 0; round < 3; round++) {
    assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
    box.clock.advance(56 * minute);
  }
});

test('revoked: said once, not hammered, mended by signing in anew', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  box.server.revokeAll();
  box.clock.advance(56 * minute);
  const asked = box.server.asked.length;
  for (let round = 0; round < 3; round++) {
    const result = await box.tokens.accessTokenFor('mail');
    assert.match(say(result), /has ended the sign-in.*Sign in anew/);
    assert.equal(!result.ok && result.error.kind, 'sign-in');
  }
  assert.equal(box.server.asked.length, asked + 1);
  box.clock.advance(10 * minute);
  say(await box.tokens.accessTokenFor('mail'));
  assert.equal(box.server.asked.length, asked + 2);
  assert.deepEqual(
    box.warnings.map(({ id, kind }) => [id, kind]),
    [['mail', 'refused']],
  );
  assert.equal(box.tokens.health('mail').kind, 'refused');
  await signIn(box);
  assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
  assert.equal(box.tokens.health('mail').kind, 'well');
});

test('a token that the mail server refuses is renewed, whatever its age', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  const refused = good(await box.tokens.accessTokenFor('mail'));
  const asked = box.server.asked.length;
  const anew = good(await box.tokens.inPlaceOf(refused));
  assert.notEqual(anew, refused);
  assert.equal(good(await box.tokens.accessTokenFor('mail')), anew);
  assert.equal(good(await box.tokens.inPlaceOf(refused)), anew, 'of another connection');
  assert.equal(box.server.asked.length, asked + 1);
  assert.match(say(await box.tokens.inPlaceOf('nobody knows it')), /tried again/);
});

test('signing in anew while a renewal runs: the new sign-in counts', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  box.clock.advance(56 * minute);
  const renewing = box.tokens.accessTokenFor('mail');
  await signIn(box);
  await renewing;
  assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
  box.clock.advance(56 * minute);
  assert.ok(box.server.accepts(good(await box.tokens.accessTokenFor('mail'))));
});

test('the uplink is removed while a renewal runs: its tokens do not come back', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  box.clock.advance(56 * minute);
  const asked = box.server.asked.length;
  const renewing = box.tokens.accessTokenFor('mail');
  await until('the server was asked', () => box.server.asked.length > asked);
  box.vault.remove('mail');
  say(await renewing);
  assert.equal(box.vault.load('mail'), undefined);
});

test('a sign-in whose end was told: kept alive where that helps, else people are warned', async (t) => {
  const box = await stage(t, 'code');
  box.server.refreshSeconds = (30 * day) / 1000;
  await signIn(box);
  const end = box.clock.now() + 30 * day;
  assert.deepEqual(box.tokens.health('mail'), { kind: 'well', endsAt: end });
  const asked = box.server.asked.length;
  box.clock.advance(14 * day);
  await box.tokens.care();
  assert.equal(box.server.asked.length, asked, 'half of it is not over');
  box.clock.advance(2 * day);
  await box.tokens.care();
  assert.deepEqual(box.tokens.health('mail'), { kind: 'well', endsAt: end + 16 * day });

  // From now on its end stands.
  box.server.rotates = false;
  box.server.refreshSeconds = undefined;
  box.clock.advance(22 * day);
  await box.tokens.care();
  assert.equal(box.warnings.length, 0);
  box.clock.advance(2 * day);
  await box.tokens.care();
  await box.tokens.care();
  assert.deepEqual(
    box.warnings.map(({ kind, endsAt }) => [kind, endsAt]),
    [['dying', end + 16 * day]],
  );
  assert.match(box.warnings[0]?.say ?? '', /^The sign-in ends on \d{4}-\d\d-\d\d\. Sign in anew/);
  box.clock.advance(5.5 * day);
  await box.tokens.care();
  assert.equal(box.warnings.length, 2, 'and on the last day');
  assert.equal(box.tokens.health('mail').kind, 'dying');
});

test('it looks after the sign-ins once a day, and only with a clock', async (t) => {
  const box = await stage(t, 'code');
  box.server.refreshSeconds = (2 * day) / 1000;
  await signIn(box);
  const asked = box.server.asked.length;
  box.state.clockIsSane = false;
  box.clock.advance(1.5 * day);
  box.tokens.start();
  box.clock.advance(day);
  assert.equal(box.server.asked.length, asked);
  box.state.clockIsSane = true;
  box.clock.advance(day);
  await until('the sign-in is used', () => box.server.asked.length > asked);
  box.tokens.stop();
  assert.equal(box.clock.waiting, 0);
});

test('what is no token endpoint: said in words, tried again, and the sign-in stays', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  const html = { status: 200, body: '<html>Accept our terms</html>' };
  const away = { status: 302, body: '', headers: { location: 'https://127.0.0.1:1/' } };
  const huge = { status: 200, body: `{"access_token":"${'a'.repeat(70_000)}"}` };
  const rows = [
    [html, /it answered 200, but not with a token/],
    [away, /it answered 302, a redirect/],
    [huge, /far more than a sign-in needs/],
    [{ status: 500, body: 'oops' }, /it answered 500/],
    [{ status: 404, body: '<h1>Not found</h1>' }, /it answered 404, without saying why/],
    ['hang up', /could not be spoken with/],
  ] as const;
  for (const [answer, words] of rows) {
    box.clock.advance(56 * minute);
    box.server.nextAnswers.push(answer);
    const result = await box.tokens.accessTokenFor('mail');
    assert.match(say(result), words);
    assert.equal(!result.ok && result.error.kind, 'unreachable');
    good(await box.tokens.accessTokenFor('mail'));
  }
  assert.deepEqual(box.warnings, []);
});

test('certificates: unknown authority, wrong name, out of date, a clock that is wrong', async (t) => {
  const other = await OAuthServer.start();
  t.after(() => other.stop());
  const rows = [
    [{}, other.ca, true, /comes from nobody the box trusts/],
    [{}, '', true, /comes from nobody the box trusts/],
    [{ names: ['example.com'] }, undefined, true, /its certificate has a different name/],
    [{ from: -30, to: -1 }, undefined, true, /is out of date/],
    [{ from: 1, to: 30 }, undefined, true, /is not valid yet\. That is for its owner/],
    [{ from: 1, to: 30 }, undefined, false, /The box's clock is wrong/],
  ] as const;
  for (const [certificate, ca, clockIsSane, words] of rows) {
    const box = await stage(t, 'device', { certificate });
    if (ca !== undefined) {
      Object.assign(box.settings.own, { caFile: ca === '' ? '' : file(ca) });
    }
    box.state.clockIsSane = clockIsSane;
    assert.match(say(await box.signIns.begin('mail', 'own')), words);
    assert.deepEqual(box.server.asked, []);
  }
});

test('a port where nobody is, and one that says nothing', async (t) => {
  const silent = createTcpServer().listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await until('it listens', () => silent.listening);
  const { port } = silent.address() as { port: number };
  const clock = new FakeClock();
  const https = new NodeHttpsPost(clock);
  const waiting = https.post(`https://127.0.0.1:${port}/`, {});
  await until('it waits', () => clock.waiting > 0);
  clock.advance(30_000);
  assert.deepEqual(await waiting, {
    ok: false,
    error: { code: 'TIMEOUT', detail: 'no answer in time' },
  });
  const box = await stage(t, 'device');
  await box.server.stop();
  assert.match(say(await box.signIns.begin('mail', 'own')), /refuses connections/);
  box.server.stop = async () => {};
  const plain = await https.post('http://127.0.0.1:1/', {});
  assert.equal(!plain.ok && plain.error.code, 'NOT_HTTPS');
});

test('what is not set is said, with what to do', async (t) => {
  const box = await stage(t, 'code');
  const { signIns, settings } = box;
  assert.match(say(await signIns.begin('mail', 'microsoft')), /entra\.microsoft\.com.*oauth\.mic/);
  assert.match(say(await signIns.begin('mail', 'google')), /app password/);
  assert.match(say(await signIns.begin('mail', 'gmx')), /it takes a password/);
  Object.assign(settings.own, { caFile: '/nowhere/ca.pem' });
  assert.match(
    say(await signIns.begin('mail', 'own')),
    /ca\.pem \(setting oauth\.own\.ca\) cannot/,
  );
  Object.assign(settings.own, { authorize: '' });
  assert.match(say(await signIns.begin('mail', 'own')), /settings set oauth\.own\.device ADDRESS/);
  assert.match(say(await signIns.finish('mail', 'code')), /No sign-in is under way/);
});

test('no token and no secret is ever logged', async (t) => {
  const box = await stage(t, 'code');
  await signIn(box);
  const kept = box.vault.load('mail') ?? '';
  box.server.revokeAll();
  box.clock.advance(56 * minute);
  say(await box.tokens.accessTokenFor('mail'));
  const { access, refresh } = JSON.parse(kept);
  const logged = JSON.stringify(box.lines);
  assert.ok(box.lines.length > 0);
  assert.ok(!logged.includes(access) && !logged.includes(refresh));
});
