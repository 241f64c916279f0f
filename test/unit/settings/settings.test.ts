/* Settings from a real data directory: their sources, their mistakes, and changes while running. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type LiveSettings, loadSettings } from '#settings/settings';

function dataDir(t: TestContext, file?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'restante-settings-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  if (file !== undefined) writeFileSync(join(path, 'settings.json'), file);
  return path;
}

async function load(dir: string, ...overrides: string[]): Promise<LiveSettings> {
  const loaded = await loadSettings(dir, overrides);
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.value;
}

async function mistakes(dir: string, ...overrides: string[]): Promise<string[]> {
  const loaded = await loadSettings(dir, overrides);
  assert.ok(!loaded.ok);
  return loaded.error.map((error) => error.say);
}

function onDisk(dir: string): unknown {
  return JSON.parse(readFileSync(join(dir, 'settings.json'), 'utf8'));
}

test('without a file, the checkout defaults hold', async (t) => {
  const { current } = await load(dataDir(t));
  assert.equal(current['smtp.port'], 2525);
  assert.deepEqual(current['listen.host'], ['127.0.0.1', '::1']);
  assert.equal(current['mail.maxOctets'], 104_857_600);
});

test('the profile changes the defaults, the file wins over it, and --set over the file', async (t) => {
  const dir = dataDir(t, '{ "profile": "appliance", "pop3.port": 1110, "smtp.port": 26 }');
  const { current } = await load(dir, 'smtp.port=27', 'mail.domains=a.example, b.example');
  assert.equal(current['imaps.port'], 993);
  assert.equal(current['pop3.port'], 1110);
  assert.equal(current['smtp.port'], 27);
  assert.deepEqual(current['mail.domains'], ['a.example', 'b.example']);
});

test('all mistakes are said at once, with name, value and what is allowed', async (t) => {
  const dir = dataDir(t, '{ "smtp.prot": 25, "auth.rounds": 5, "log.level": "loud" }');
  assert.deepEqual(await mistakes(dir, 'pop3.port=x', 'nonsense'), [
    '--set "nonsense" has no name and value. Write it as --set smtp.port=2525.',
    'There is no setting "smtp.prot". Did you mean smtp.port?',
    'auth.rounds cannot be "5". Allowed: a whole number from 15000 to 1000000.',
    'log.level cannot be "loud". Allowed: one of error, warn, info, debug, trace.',
  ]);
  assert.match((await mistakes(dir, 'pop3.port=x')).join('\n'), /pop3\.port cannot be "x"/);
});

test('a broken settings.json is named with line and column, and is left alone', async (t) => {
  const broken = '{\n  "smtp.port": 25,\n}\n';
  const dir = dataDir(t, broken);
  const [say] = await mistakes(dir);
  assert.match(
    say ?? '',
    /settings\.json is not as it should be in line 3, column 1: expected a name/,
  );
  assert.equal(readFileSync(join(dir, 'settings.json'), 'utf8'), broken);
});

test('a settings.json that is a folder is said in words', async (t) => {
  const dir = dataDir(t);
  mkdirSync(join(dir, 'settings.json'));
  assert.match((await mistakes(dir)).join(), /settings\.json cannot be read: it is a folder\./);
});

test('one port for two listeners is a contradiction', async (t) => {
  const say = (await mistakes(dataDir(t), 'pop3.port=2525')).join('\n');
  assert.match(say, /pop3\.port cannot be 2525, because smtp\.port is/);
  await load(dataDir(t), 'smtp.port=0', 'pop3.port=0');
});

test('names of JavaScript are not settings', async (t) => {
  assert.equal((await mistakes(dataDir(t, '{ "__proto__": 1, "toString": "x" }'))).length, 2);
});

test('control characters in a value reach no terminal', async (t) => {
  const [say] = await mistakes(dataDir(t), 'log.level=\u001b[2J\u009b1m');
  assert.doesNotMatch(say ?? '', /[\u0000-\u001f\u007f-\u009f]/);
});

test('a live change is on disk, in current, and told to watchers', async (t) => {
  const dir = dataDir(t);
  const settings = await load(dir);
  const told: string[][] = [];
  const watching = settings.watch((changed) => void told.push([...changed]));
  assert.deepEqual(await settings.set('pop3.idle', '700 s'), { ok: true, value: 'live' });
  assert.equal(settings.current['pop3.idle'], 700);
  assert.deepEqual(onDisk(dir), { 'pop3.idle': 700 });
  assert.deepEqual(await settings.unset('pop3.idle'), { ok: true, value: 'live' });
  assert.equal(settings.current['pop3.idle'], 600);
  assert.deepEqual(onDisk(dir), {});
  watching[Symbol.dispose]();
  await settings.set('pop3.idle', '800');
  assert.deepEqual(told, [['pop3.idle'], ['pop3.idle']]);
});

test('a change that needs a restart is kept, and waits', async (t) => {
  const dir = dataDir(t);
  const settings = await load(dir);
  assert.deepEqual(await settings.set('listen.host', '0.0.0.0, ::'), {
    ok: true,
    value: 'restart',
  });
  assert.deepEqual(settings.current['listen.host'], ['127.0.0.1', '::1']);
  assert.deepEqual(settings.awaitingRestart, ['listen.host']);
  const state = settings.get('listen.host');
  assert.ok(state.ok);
  assert.equal(state.value.value, '127.0.0.1, ::1');
  assert.equal(state.value.next, '0.0.0.0, ::');
  assert.deepEqual((await load(dir)).current['listen.host'], ['0.0.0.0', '::']);
});

test('a setting given with --set is written, and does not take while the box runs', async (t) => {
  const dir = dataDir(t);
  const settings = await load(dir, 'pop3.idle=900');
  assert.deepEqual(await settings.set('pop3.idle', '700'), { ok: true, value: 'overridden' });
  assert.equal(settings.current['pop3.idle'], 900);
  assert.deepEqual(onDisk(dir), { 'pop3.idle': 700 });
});

test('a bad change changes nothing', async (t) => {
  const dir = dataDir(t, '{ "pop3.idle": 650 }');
  const settings = await load(dir);
  const refused = await settings.change({ 'pop3.idle': '700', 'auth.rounds': '1' });
  assert.ok(!refused.ok);
  assert.equal(refused.error[0]?.name, 'auth.rounds');
  const unknown = await settings.set('pop3.idel', '700');
  assert.match(unknown.ok ? '' : (unknown.error[0]?.say ?? ''), /Did you mean pop3\.idle\?/);
  assert.equal(settings.current['pop3.idle'], 650);
  assert.deepEqual(onDisk(dir), { 'pop3.idle': 650 });
});

test('several are set together, or one after the other', async (t) => {
  const settings = await load(dataDir(t));
  assert.ok((await settings.set('tls.key', '/k.pem')).ok);
  assert.ok((await settings.change({ 'tls.key': '/l.pem', 'tls.certificate': '/c.pem' })).ok);
  assert.equal(settings.current['tls.key'], '/l.pem');
  assert.equal(settings.current['tls.certificate'], '/c.pem');
});

test('what was written by hand meanwhile is kept, and a file broken by hand is not overwritten', async (t) => {
  const dir = dataDir(t);
  const settings = await load(dir);
  const path = join(dir, 'settings.json');
  writeFileSync(path, '{ "smtp.idle": 400 }');
  await Promise.all([settings.set('pop3.idle', '700'), settings.set('log.level', 'debug')]);
  assert.deepEqual(onDisk(dir), { 'smtp.idle': 400, 'pop3.idle': 700, 'log.level': 'debug' });
  assert.equal(settings.current['smtp.idle'], 400);
  writeFileSync(path, '{ broken');
  assert.ok(!(await settings.set('pop3.idle', '800')).ok);
  assert.equal(readFileSync(path, 'utf8'), '{ broken');
  assert.equal(settings.current['pop3.idle'], 700);
});

test('a data directory that cannot be written is said in words', async (t) => {
  const dir = dataDir(t);
  const settings = await load(dir);
  rmSync(dir, { recursive: true });
  writeFileSync(dir, '');
  chmodSync(dir, 0o400);
  const refused = await settings.set('pop3.idle', '700');
  assert.match(refused.ok ? '' : (refused.error[0]?.say ?? ''), /settings\.json cannot be/);
});
