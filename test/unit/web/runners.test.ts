/* The two ways to run Node-RED, against real processes and files. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log, type LogLine } from '#base/log';
import { ChildFlows } from '#web/flows/child-flows';
import { takesConnections } from '#web/flows/reachable';
import { SystemdFlows } from '#web/flows/systemd-flows';
import { until } from '../../support/net-peer.ts';

const clock = new SystemClock();

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'flows-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function child(text: string) {
  const place = await folder();
  const program = join(place.path, 'program.mjs');
  await writeFile(program, text);
  const lines: LogLine[] = [];
  const plan = {
    ...{ program, data: join(place.path, 'data'), control: join(place.path, 'control.sock') },
    socket: join(place.path, 'flows.sock'),
  };
  const runner = new ChildFlows(plan, clock, new Log((line) => lines.push(line), clock));
  /** Resolves at the next change of state. */
  const changed = () =>
    new Promise<void>((resolve) => {
      const watching = runner.watch(() => {
        watching[Symbol.dispose]();
        resolve();
      });
    });
  return { runner, lines, plan, changed, [Symbol.asyncDispose]: place[Symbol.asyncDispose] };
}

const waits = "process.on('SIGTERM', () => process.exit(0)); process.stdin.resume();";

test('a child runs with the least environment, and ends when it is asked to', async () => {
  process.env['A_SECRET_OF_THE_BOX'] = 'yes';
  await using open = await child(
    `console.log(Object.keys(process.env).sort().join(' ')); ${waits}`,
  );
  const { runner, changed } = open;
  assert.ok((await runner.start()).ok);
  assert.equal(runner.state.kind, 'on');
  await until('it has said what it has', () => open.lines.length === 1);
  assert.match(open.lines[0]?.say ?? '', /RESTANTE_CONTROL RESTANTE_FLOWS_DATA/);
  assert.doesNotMatch(open.lines[0]?.say ?? '', /A_SECRET/);
  assert.ok((runner.memory() ?? 0) > 1_000_000);
  const stopped = changed();
  await runner.stop();
  await stopped;
  assert.equal(runner.state.kind, 'off');
  assert.equal(runner.memory(), undefined);
  delete process.env['A_SECRET_OF_THE_BOX'];
});

test('a child that crashes says why, by its own words or the last it wrote', async () => {
  const rows = [
    ['console.log(\'{"state":"failed","say":"No flows."}\'); process.exit(1);', /No flows\./],
    ["console.error('Cannot find module'); process.exit(1);", /status 1.*Cannot find module/],
    ["process.kill(process.pid, 'SIGKILL');", /by SIGKILL/],
  ] as const;
  for (const [text, expected] of rows) {
    await using open = await child(text);
    const changed = open.changed();
    await open.runner.start();
    await changed;
    const { state } = open.runner;
    assert.ok(state.kind === 'ended');
    assert.match(state.say, expected);
  }
});

test('from the call on, the end of the one before is past', async () => {
  await using open = await child('process.exit(1);');
  const { runner, changed } = open;
  const kind = () => runner.state.kind;
  const first = changed();
  assert.ok((await runner.start()).ok);
  await first;
  assert.equal(kind(), 'ended');
  const second = changed();
  const again = runner.start();
  assert.equal(kind(), 'on');
  assert.ok((await again).ok);
  await second;
  assert.equal(kind(), 'ended');
});

test('one that is stopped while it starts does not stay behind', async () => {
  await using open = await child(waits);
  const { runner } = open;
  const starting = runner.start();
  await runner.stop();
  assert.ok((await starting).ok);
  assert.equal(runner.state.kind, 'off');
  assert.equal(runner.memory(), undefined);
});

test('a child that talks without end costs neither memory nor the log', async () => {
  const rows = [
    "for (let i = 0; i < 2000; i++) console.log('x'.repeat(5000)); process.exitCode = 1;",
    "const piece = 'x'.repeat(1e6); for (let i = 0; i < 60; i++) process.stdout.write(piece);",
  ];
  for (const text of rows) {
    await using open = await child(text);
    const before = process.memoryUsage().heapUsed;
    const changed = open.changed();
    await open.runner.start();
    await changed;
    assert.ok(open.lines.length > 0 && open.lines.length <= 501);
    assert.ok(open.lines.every(({ say }) => say.length <= 2_000));
    assert.ok(process.memoryUsage().heapUsed - before < 40_000_000);
  }
});

test('a program that is not there is told with what to do', async () => {
  await using open = await child('');
  await rm(open.plan.program);
  const started = await open.runner.start();
  assert.ok(!started.ok && /scripts\/build/.test(started.error.say));
});

test('the marker is made and taken away, never through what lies there', async () => {
  await using place = await folder();
  const marker = join(place.path, 'wanted');
  const other = join(place.path, 'mail.db');
  await writeFile(other, 'mail');
  await symlink(other, marker);
  await symlink(other, `${marker}.new`);
  const runner = new SystemdFlows({ marker, reachable: async () => false }, clock);
  assert.ok((await runner.start()).ok);
  const kept = await stat(other);
  assert.equal(kept.size, 4);
  assert.equal((await stat(marker)).size, 0);
  assert.equal((await stat(marker)).mode & 0o777, 0o640);
  await runner.stop();
  assert.deepEqual(await readdir(place.path), ['mail.db']);
});

test('a folder that is not there is told with what to do', async () => {
  const marker = '/proc/never/wanted';
  const runner = new SystemdFlows({ marker, reachable: async () => false }, clock);
  const started = await runner.start();
  assert.ok(!started.ok && /hardware\/system\/install/.test(started.error.say));
});

test('why it ended is read from its note, once, and only from a file', async () => {
  await using place = await folder();
  const [marker, note] = [join(place.path, 'wanted'), join(place.path, 'ended')];
  await writeFile(note, 'It ended long ago.');
  const plan = { marker, note, reachable: async () => false };
  const runner = new SystemdFlows(plan, clock);
  const kind = () => runner.state.kind;
  await runner.start();
  await runner.look();
  assert.equal(kind(), 'on', 'what lay there before');
  await writeFile(`${note}.new`, `It ended by SIGKILL.\u001b[2J\n${'x'.repeat(5_000)}`);
  await rename(`${note}.new`, note);
  await runner.look();
  const { state } = runner;
  assert.ok(state.kind === 'ended');
  assert.match(state.say, /^It ended by SIGKILL\. \[2J x{400,}\.\.\.$/);
  assert.deepEqual(await readdir(place.path), ['ended'], 'and it is not wanted any more');
  await runner.start();
  assert.equal(kind(), 'on');
  for (const strange of [
    ['mkfifo', note],
    ['ln', '-s', '/etc/hostname', note],
    ['mkdir', note],
  ]) {
    await rm(note, { recursive: true });
    execFileSync(strange[0] ?? '', strange.slice(1));
    await runner.look();
    assert.equal(kind(), 'on', strange.join(' '));
  }
});

test('a socket that is only a file is not reachable', async () => {
  await using place = await folder();
  const path = join(place.path, 'socket');
  assert.equal(await takesConnections(path), false);
  const server = createServer().listen(path);
  await once(server, 'listening');
  assert.equal(await takesConnections(path), true);
  await once(server.close(), 'close');
  await writeFile(path, '');
  assert.equal(await takesConnections(path), false);
});
