/* The `restante` command against a running box: each verb as a person types it. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readBuild } from '#machine/build';
import { cli, startBox, type TestBox } from '../support/box.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../firmware/cli.ts', import.meta.url));

let box: TestBox;
before(async () => {
  box = await startBox();
});
after(() => box[Symbol.asyncDispose]());

async function answer(words: readonly string[], input = ''): Promise<string> {
  const ended = await box.cli(words, input);
  assert.equal(ended.status, 0, ended.stderr);
  return ended.stdout;
}

async function refusal(words: readonly string[], input = ''): Promise<string> {
  const ended = await box.cli(words, input);
  assert.equal(ended.status, 1, `${ended.stdout}${ended.stderr}`);
  assert.equal(ended.stderr.split('\n').length, 1, 'one sentence');
  return ended.stderr;
}

test('a reader who has seen enough is no fault', async () => {
  const words = ['--conditions=source', command, 'status', '--data', box.data];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (octets) => {
    said += octets;
  });
  assert.deepEqual(await once(child, 'close'), [0, null]);
  assert.equal(said, '');
});

describe('accounts', () => {
  test('are added with what to type into a mail client', async () => {
    const said = await answer(['account', 'add', 'ann', '--password-stdin'], 'secret\n');
    assert.match(said, /User name +ann/);
    assert.match(said, new RegExp(`POP3 +localhost, port ${box.ports.pop3s}, SSL/TLS`));
    assert.match(said, new RegExp(`SMTP +localhost, port ${box.ports.submissions}, SSL/TLS`));
    assert.match(said, new RegExp(`CA file +${box.caFile}`));
    assert.match(await refusal(['account', 'add', 'ann', '--password-stdin'], 'x'), /ann already/);
  });

  test('receive and collect with curl over TLS', async () => {
    const sending = ['-sS', '--cacert', box.caFile, '-u', 'ann:secret', '-T', '-'];
    const envelope = ['--mail-from', 'ann@restante.local', '--mail-rcpt', 'ann@restante.local'];
    const curl = spawn(
      'curl',
      [...sending, ...envelope, `smtps://localhost:${box.ports.submissions}`],
      { stdio: ['pipe', 'inherit', 'inherit'] },
    );
    curl.stdin.end('Subject: hello\r\n\r\nHello, Ann.\r\n');
    assert.deepEqual(await once(curl, 'close'), [0, null]);
    const url = `pop3s://localhost:${box.ports.pop3s}/1`;
    const got = await run('curl', ['-sS', '--cacert', box.caFile, '-u', 'ann:secret', url]);
    assert.match(got.stdout, /^Return-Path: <ann@restante\.local>.*Hello, Ann\.\r\n$/s);
    assert.match(await answer(['account', 'list']), /ann +1 message .*ann@restante\.local/);
  });

  test('change their password', async () => {
    await answer(['account', 'password', 'ann', '--password-stdin'], 'other');
    const url = `pop3s://localhost:${box.ports.pop3s}/`;
    await run('curl', ['-sS', '--cacert', box.caFile, '-u', 'ann:other', url]);
  });

  test('have app passwords that are shown once and can be revoked', async () => {
    const made = await answer(['account', 'passwords', 'add', 'ann', "Ann's iPad", '--json']);
    const { password } = JSON.parse(made);
    const url = `pop3s://localhost:${box.ports.pop3s}/`;
    const collect = () =>
      run('curl', ['-sS', '--cacert', box.caFile, '-u', `ann:${password}`, url]);
    await collect();
    const listed = await answer(['account', 'passwords', 'list', 'ann']);
    assert.match(listed, /Ann's iPad .*last used .* from 127\.0\.0\.1/);
    assert.ok(!listed.includes(password));
    await answer(['account', 'passwords', 'revoke', 'ann', "Ann's iPad"]);
    await assert.rejects(collect());
  });

  test('are removed only when that is confirmed, with their mail', async () => {
    await answer(['account', 'add', 'bob', '--password-stdin'], 'pw');
    assert.match(await refusal(['account', 'remove', 'bob']), /0 messages.*bob@.*Add --yes/);
    assert.match(await answer(['account', 'list']), /bob/);
    await answer(['account', 'remove', 'bob', '--yes']);
    assert.doesNotMatch(await answer(['account', 'list']), /bob/);
    assert.match(await refusal(['account', 'unlock', 'bob']), /no account bob/);
  });

  test('never take a password without a terminal or --password-stdin', async () => {
    const ended = await box.cli(['account', 'add', 'carol']);
    assert.equal(ended.status, 2);
    assert.match(ended.stderr, /--password-stdin/);
  });
});

test('addresses are added, listed and removed', async () => {
  await answer(['address', 'add', 'ann', 'info@restante.local']);
  await answer(['address', 'add', 'ann', 'ann@example.org', '--outside']);
  const listed = await answer(['address', 'list', 'ann']);
  assert.match(listed, /info@restante\.local +ann +local/);
  assert.match(listed, /ann@example\.org +ann +outside/);
  await answer(['address', 'remove', 'ann', 'info@restante.local']);
  assert.doesNotMatch(await answer(['address', 'list']), /info@/);
});

test('settings change live, wait for a restart, or are refused in words', async () => {
  assert.match(await answer(['settings', 'set', 'pop3.lockWait', '7']), /from now on/);
  assert.equal(await answer(['settings', 'get', 'pop3.lockWait']), '7');
  assert.match(await answer(['settings', 'set', 'host.name', 'post.local']), /next start/);
  assert.match(await answer(['settings', 'list']), /host\.name .*next start on: post\.local/);
  assert.match(await answer(['status']), /Warning: .*host\.name/);
  await answer(['settings', 'unset', 'host.name']);
  assert.match(await refusal(['settings', 'set', 'pop3.lockWait', 'soon']), /pop3\.lockWait/);
  assert.match(await refusal(['settings', 'get', 'pop3.lockwait']), /pop3\.lockWait/);
  assert.match(await answer(['settings', 'set', 'smtp.port', '26']), /started with --set/);
});

test('status is for people, and for machines', async () => {
  assert.match(await answer(['status']), /CA SHA-256 +([0-9A-F]{2}:){31}[0-9A-F]{2}/);
  const report = JSON.parse(await answer(['status', '--json']));
  assert.equal(report.process, box.pid);
  assert.deepEqual(
    report.listeners.find((one: { name: string }) => one.name === 'pop3s'),
    {
      name: 'pop3s',
      address: '127.0.0.1',
      port: box.ports.pop3s,
      security: 'tls',
    },
  );
});

test('a failure in JSON has a code and a sentence', async () => {
  const ended = await box.cli(['account', 'unlock', 'nobody', '--json']);
  assert.equal(ended.status, 1);
  assert.deepEqual(JSON.parse(ended.stdout).error.code, 'unknown');
});

test('words that make no sense are answered in JSON, too', async () => {
  for (const words of [['acount'], ['account', 'add'], ['status', '--jso', '--json']]) {
    const ended = await box.cli([...words, '--json']);
    assert.equal(ended.status, 2);
    assert.equal(JSON.parse(ended.stdout).error.code, 'usage');
  }
  const { status, stdout } = await box.cli(['account', 'add', 'eve', '--json']);
  assert.equal(status, 2);
  assert.match(JSON.parse(stdout).error.say, /--password-stdin/);
});

test('log shows what was said, secrets never', async () => {
  const said = await answer(['log', '--lines', '500']);
  assert.match(said, /Restante .* powers on/);
  assert.doesNotMatch(said, /secret|other/);
  assert.equal((await answer(['log', '--lines', '1'])).split('\n').length, 1);
});

test('log --follow goes on until the box stops', async () => {
  await using other = await startBox({ set: { 'log.level': 'debug' } });
  const ended = other.cli(['log', '--follow', '--json']);
  await other.said(/Asked on the control socket/);
  await other.kill();
  const { status, stdout } = await ended;
  assert.equal(status, 0);
  assert.match(stdout, /Powering off: SIGTERM/);
});

test('words that make no sense end with 2', async () => {
  assert.equal((await cli(['acount'])).status, 2);
  assert.equal((await cli(['log', '--lines', 'many', '--data', box.data])).status, 2);
  assert.equal((await cli(['--help'])).status, 0);
});

test('a file that is not there is said in words', async () => {
  const uplink = ['uplink', 'add', 'x', '--host', 'localhost', '--ca', '/nowhere/ca.pem'];
  const { status, stderr } = await box.cli(uplink);
  assert.equal(status, 2);
  assert.equal(stderr, '/nowhere/ca.pem (--ca) cannot be read: it is not there.');
  const target = join(box.data, 'nowhere', 'backup');
  const backedUp = await box.cli(['backup', target, '--password-stdin'], 'tuna fish\n');
  assert.match(backedUp.stderr, /^There is no folder \S+\/nowhere: make it, choose another, or /);
});

test('says its version', async () => {
  const { status, stdout } = await cli(['--version']);
  assert.deepEqual([status, stdout], [0, (await readBuild()).version]);
});

test('of a box that is off it says how to start it, with nothing glued to the path', async () => {
  const data = join(tmpdir(), 'restante-no-box');
  const { status, stderr } = await cli(['status', '--data', data]);
  assert.equal(status, 1);
  assert.match(stderr, / Start it with "scripts\/restante start --data \S+\/restante-no-box"\.$/);
});

describe('backup, restore and verify', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backup-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('go the whole way with the box running', async () => {
    const file = join(folder, 'running');
    assert.match(await refusal(['backup', file, '--password-stdin'], ''), /cannot be empty/);
    await answer(['backup', file, '--password-stdin'], 'passphrase');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(await refusal(['backup', file, '--password-stdin'], 'x'), /exists already/);
    await answer(['account', 'add', 'later', '--password-stdin'], 'pw');
    const words = ['restore', file, '--password-stdin'];
    assert.match(await refusal(words, 'passphrase'), /will be replaced.*Add --yes/);
    assert.match(await refusal([...words, '--yes'], 'wrong'), /passphrase/);
    const restarted = box.saidAgain(/^ready\b/i);
    assert.match(await answer([...words, '--yes'], 'passphrase'), /starts anew/);
    await restarted;
    const accounts = await answer(['account', 'list']);
    assert.match(accounts, /ann/);
    assert.doesNotMatch(accounts, /later/);
    assert.match(await answer(['verify']), /All is sound/);
  });

  test('go the whole way with the box off, into an empty folder', async () => {
    const [file, data] = [join(folder, 'off'), join(folder, 'data')];
    await answer(['backup', file, '--password-stdin'], 'passphrase');
    const restored = await cli(
      ['restore', file, '--password-stdin', '--data', data],
      'passphrase\n',
    );
    assert.equal(restored.status, 0, restored.stderr);
    assert.match((await cli(['verify', '--data', data])).stdout, /All is sound: 1 message/);
    await using other = await startBox({ data });
    const url = `pop3s://localhost:${other.ports.pop3s}/1`;
    const got = await run('curl', ['-sS', '--cacert', other.caFile, '-u', 'ann:other', url]);
    assert.match(got.stdout, /Hello, Ann\./);
  });

  test('say when there is nothing to verify', async () => {
    const nowhere = join(folder, 'nowhere');
    const ended = await cli(['verify', '--data', nowhere]);
    assert.equal(ended.status, 1);
    assert.match(ended.stderr, /no data directory/);
    await assert.rejects(stat(nowhere), 'nothing was made');
    assert.match((await cli(['verify', '--data', folder])).stderr, /no mail store/);
  });
});
