/* Powering on and off: what it says, and a sentence for each thing that is in the way. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cli, powerOn, startBox } from '../support/box.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-'));
});
after(() => rm(folder, { recursive: true }));

describe('a box that cannot start says why, in one sentence', () => {
  async function refusal(words: readonly string[]): Promise<string> {
    const ended = await powerOn(words);
    assert.notEqual(ended.status, 0);
    assert.equal(ended.signal, null);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'a stack trace is no sentence');
    return ended.stderr;
  }

  test('a path too long for a Unix socket', async () => {
    const data = join(folder, 'x'.repeat(100));
    assert.match(await refusal(['--data', data]), /a Unix socket may have 107.*shorter path/);
    await assert.rejects(stat(data), 'nothing was made');
  });

  test('a file in the place of the folder', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    assert.match(await refusal(['--data', file]), /is not a folder/);
    assert.match(await refusal(['--data', join(file, 'below')]), /is not a folder/);
  });

  test('a place where no folder can be made', { timeout: 120_000 }, async () => {
    assert.match(await refusal(['--data', '/proc/restante/data']), /cannot be used/);
  });

  test('a folder that cannot be written', async () => {
    const locked = join(folder, 'locked');
    await mkdir(locked);
    await chmod(locked, 0o500);
    // Root may write everywhere but on a file system that nobody may write.
    const root = process.getuid?.() === 0;
    if (root) execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', locked]);
    try {
      const words = root ? /mounted read-only/ : /cannot be written/;
      assert.match(await refusal(['--data', locked]), words);
    } finally {
      if (root) execFileSync('umount', [locked]);
    }
  });

  test('settings that are wrong, all of them at once', async () => {
    const set = ['--set', 'smtp.port=x', '--set', 'pop3.prt=1'];
    const said = await refusal(['--data', join(folder, 'a'), ...set]);
    assert.match(said, /smtp\.port/);
    assert.match(said, /pop3\.prt/);
  });

  test('a settings.json that is not JSON', async () => {
    const data = join(folder, 'b');
    await mkdir(data);
    await writeFile(join(data, 'settings.json'), '{\n  "smtp.port": }');
    assert.match(await refusal(['--data', data]), /line 2/);
  });

  test('words that make no sense', async () => {
    const ended = await powerOn(['--dta', 'x']);
    assert.equal(ended.status, 2);
    assert.match(ended.stderr, /--dta/);
  });

  test('a secret.key that is gone while there is mail', async () => {
    await using box = await startBox();
    await box.kill();
    await rm(join(box.data, 'secret.key'));
    assert.match(await refusal(['--data', box.data]), /secret\.key is gone.*restore/s);
    await assert.rejects(stat(join(box.data, 'secret.key')), 'no new key was made');
  });

  test('another box on the same data directory', async () => {
    await using box = await startBox();
    assert.match(await refusal(['--data', box.data]), /running already on/);
  });

  test('a port in use', async () => {
    await using box = await startBox();
    const set = Object.entries(box.ports).flatMap(([name, port]) => [
      '--set',
      `${name}.port=${port}`,
    ]);
    const said = await refusal(['--data', join(folder, 'c'), ...set]);
    // Whoever frees one port does not start the box again only to hear of the next one.
    const names = ['smtp', 'submission', 'submissions', 'pop3', 'pop3s'] as const;
    assert.deepEqual(
      said.split('\n'),
      names.map(
        (name) =>
          `Port ${box.ports[name]} (setting ${name}.port) is already in use on 127.0.0.1 by ` +
          `another program: end that one, or set ${name}.port to another port.`,
      ),
    );
  });

  test('an address that this machine does not have, once for all its ports', async () => {
    const set = ['--set', 'listen.host=192.0.2.1'];
    const said = await refusal(['--data', join(folder, 'd'), ...set]);
    assert.equal(said, 'This machine does not have the address 192.0.2.1 (setting listen.host).');
  });
});

/** Two seconds (ms), and more on a machine that is busy with other things: a start, which is work
 * alone, tells how busy. */
const twoSeconds = (start: number) => 2_000 + start / 4;

describe('a box that starts', () => {
  test('says what to type next while there is no account', async () => {
    await using box = await startBox();
    await box.said(/account add/);
    await box.addAccount('ann', 'secret');
    await box.restart();
    assert.doesNotMatch(box.log.join('\n'), /account add/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`powers off clean within two seconds at ${signal}`, async () => {
      const began = performance.now();
      await using box = await startBox();
      const asked = performance.now();
      const ended = await box.kill(signal);
      assert.equal(ended.status, 0, box.log.join('\n'));
      assert.ok(performance.now() - asked < twoSeconds(asked - began));
      await assert.rejects(stat(join(box.data, 'control.sock')), 'the socket is gone');
    });
  }

  test('powers off within two seconds though a client hangs on', async () => {
    const began = performance.now();
    await using box = await startBox();
    const ready = performance.now();
    const clients = [box.ports.pop3, box.ports.smtp, box.ports.pop3s].map((port) =>
      connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {}),
    );
    await Promise.all(clients.map((client) => once(client, 'connect')));
    await Promise.all(clients.slice(0, 2).map((client) => once(client, 'data')));
    const asked = performance.now();
    assert.equal((await box.kill()).status, 0);
    assert.ok(performance.now() - asked < twoSeconds(ready - began));
    for (const client of clients) client.destroy();
  });

  test('starts again after a power cut', async () => {
    await using box = await startBox();
    await box.restart('SIGKILL');
    assert.equal((await box.cli(['status'])).status, 0);
  });

  test('keeps its folder and its key to itself', async () => {
    await using box = await startBox();
    assert.equal((await stat(join(box.data, 'secret.key'))).mode & 0o777, 0o600);
    assert.equal((await stat(join(box.data, 'mail.db'))).mode & 0o777, 0o600);
    assert.equal((await stat(join(box.data, 'control.sock'))).mode & 0o777, 0o600);
  });
});

test('--help names the settings, --version the version', async () => {
  assert.match((await powerOn(['--help'])).stdout, /pop3\.lockWait/);
  assert.match((await powerOn(['--version'])).stdout, /^\d+\.\d+\.\d+$/);
});

test('the command says how to start a box that is off', async () => {
  const ended = await cli(['status', '--data', folder]);
  assert.equal(ended.status, 1);
  assert.match(ended.stderr, /^The box is not running on .*start --data /);
});
