/*
 * The box as an appliance: hardware/system/install into an empty root, again, and undone; the unit as
 * systemd reads it; what the box tells systemd, and its end by the button.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { waitUntil } from '../../scripts/bench/processes.ts';
import { startBox } from '../support/box.ts';
import { missingProgram } from '../support/programs.ts';

const run = promisify(execFile);
const install = fileURLToPath(new URL('../../hardware/system/install', import.meta.url));
const isRoot = process.getuid?.() === 0;
const noSystemd = ['systemd-analyze', 'systemd-sysusers']
  .map(missingProgram)
  .find((why) => why !== undefined);
const skip = noSystemd ?? (isRoot ? false : 'users are made by root only');

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'install-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An environment in which these programs write down how they are called, and do it. */
async function noting(t: TestContext, ...programs: readonly string[]) {
  const folder = await emptyFolder(t);
  const notes = join(folder, 'notes');
  for (const program of programs) {
    const words = `echo "${program} $*" >>'${notes}'; PATH=\${PATH#*:} exec ${program} "$@"`;
    writeFileSync(join(folder, program), `#!/bin/sh\n${words}\n`, { mode: 0o755 });
  }
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
  return { env, lines: () => readFileSync(notes, 'utf8').trim().split('\n') };
}

/** What lies in a folder and is no folder: its mode and owner, its size, and when it was written. */
async function listing(root: string): Promise<ReadonlyMap<string, string>> {
  const told = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode, size, mtimeMs, uid } = await lstat(path);
    told.set(relative(root, path), `${mode.toString(8)} ${uid} ${size} ${mtimeMs}`);
  }
  return told;
}

test('install: all of it works where it lies, twice is once, and undo leaves the mail', {
  skip,
}, async (t) => {
  const root = await emptyFolder(t);
  const there = (path: string) => join(root, path);
  const noted = await noting(t, 'sync', 'mv');
  await run(install, ['--root', root], { env: noted.env });
  const [placed, ...onDisk] = noted
    .lines()
    .reverse()
    .map((line) => line.replaceAll(root, ''));
  assert.match(placed ?? '', /^sync -f /, 'the power may go when it says that it is done');
  const moved = onDisk.indexOf('mv /opt/restante.new /opt/restante');
  assert.match(
    onDisk[moved + 1] ?? '',
    /^sync -f \/opt\/restante.new$/,
    'no empty files after that',
  );

  const started = await run(there('opt/restante/scripts/start'), ['--version']);
  assert.match(started.stdout, /^\d+\.\d+\.\d+$/m);
  assert.equal(started.stderr, '', 'nothing is set up or compiled again');
  assert.deepEqual(
    globSync('opt/restante/**', { cwd: root, withFileTypes: true })
      .map((entry) => statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }))
      .filter((found) => found !== undefined && (found.mode & 0o22 || found.uid !== 0)),
    [],
    'nobody but root can change the program',
  );
  const groups = readFileSync(there('etc/group'), 'utf8');
  for (const group of ['gpio', 'dialout', 'restante-flows']) {
    assert.match(groups, new RegExp(`^${group}:.*:restante$`, 'm'));
  }
  await readsWell(root);

  const before = await listing(root);
  await run(install, ['--root', root]);
  const after = await listing(root);
  const names = [...new Set([...before.keys(), ...after.keys()])];
  assert.deepEqual(
    names.filter((name) => before.get(name) !== after.get(name)),
    [],
  );

  const kept = ['var/lib/restante-flows/flows.json', 'var/lib/restante/mail.db'];
  for (const file of kept) {
    mkdirSync(dirname(there(file)), { recursive: true });
    writeFileSync(there(file), 'mail');
  }
  for (const _ of ['once', 'twice']) {
    const undone = await run(install, ['--root', root, '--undo']);
    assert.match(
      undone.stdout,
      /Its mail is in .*\/var\/lib\/restante;.*\n.* in .*restante-flows\./,
    );
    const left = [...(await listing(root)).keys()].filter((name) => /restante/.test(name));
    assert.deepEqual(left.toSorted(), kept);
    for (const user of users) assert.match(readFileSync(there('etc/passwd'), 'utf8'), user);
  }
  await run(install, ['--root', root, '--undo', '--with-mail']);
  const left = [...(await listing(root)).keys()].filter((name) => /restante/.test(name));
  assert.deepEqual(left, []);
  for (const file of ['etc/passwd', 'etc/group']) {
    for (const user of users) assert.doesNotMatch(readFileSync(there(file), 'utf8'), user);
  }
});

const users = [/^restante:/m, /^restante-flows:/m];

/** systemd finds nothing to complain about in the units, and calls them well guarded. */
async function readsWell(root: string): Promise<void> {
  // The units name a shell, and stand on systemd's own.
  const units = 'usr/lib/systemd/system';
  for (const folder of ['bin', units]) mkdirSync(join(root, folder), { recursive: true });
  for (const program of ['sh', 'rm']) copyFileSync(`/bin/${program}`, join(root, 'bin', program));
  for (const unit of globSync(`/${units}/*.{target,slice}`)) {
    copyFileSync(unit, join(root, units, basename(unit)));
  }
  const verified = await run('systemd-analyze', [
    ...['verify', '--man=no', `--root=${root}`],
    ...['restante.service', 'restante-flows.service', 'restante-flows.path'],
  ]);
  assert.deepEqual(verified, { stdout: '', stderr: '' });
  const guarded = ['--offline=true', '--threshold=25', '--no-pager', `--root=${root}`];
  const services = ['restante.service', 'restante-flows.service'];
  await run('systemd-analyze', ['security', ...guarded, ...services]);
}

test('install: words that make no sense, and no root', async (t) => {
  const root = await emptyFolder(t);
  for (const words of [['--help'], ['--with-mail'], ['--root']]) {
    await assert.rejects(run(install, words), {
      code: 2,
      stderr: /sudo hardware\/system\/install/,
    });
  }
  await assert.rejects(run(install, ['--root', join(root, 'missing')]), {
    code: 1,
    stderr: /there is no folder/,
  });
});

const noNotify = ['systemd-notify', 'socat'].map(missingProgram).find((why) => why !== undefined);

test('systemd is told that the box is ready', { skip: noNotify ?? false }, async (t) => {
  const socket = join(await emptyFolder(t), 'notify');
  const systemd = spawn('socat', ['-u', `UNIX-RECV:${socket}`, '-'], { stdio: 'pipe' });
  t.after(() => systemd.kill());
  const told = once(systemd.stdout, 'data');
  await waitUntil('its socket', () => existsSync(socket));
  await using _ = await startBox({ env: { NOTIFY_SOCKET: socket } });
  assert.match(String((await told)[0]), /^READY=1/);
});

test('eight seconds on the button end the box, and ask for the end of the machine', async () => {
  await using box = await startBox({ set: { profile: 'appliance', 'web.port': '0' } });
  const pressed = box.cli(['panel', 'press', 'flush', '--hold', '8s']);
  const { status } = await box.ended;
  await pressed;
  assert.equal(status, 10);
  assert.ok(box.log.some((line) => /Powering off: the button was pressed/.test(line)));
});
