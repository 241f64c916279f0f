/*
 * Backups that make themselves, on a real box: scheduled by the command, made on another disk that
 * is pulled out and gets full, restored on a box of another name, told by mail; and the door of the
 * flows, which may ask for one and not for a restore.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask } from '#control/client';
import type { BackupRunReport, BackupStatusReport, MailReport } from '#control/types';
import type { Verb } from '#control/verb';
import { verbs } from '#control/verbs/table';
import { waitUntil } from '../../scripts/bench/processes.ts';
import { cli, startBox, type TestBox } from '../support/box.ts';

const mayMount = process.getuid?.() === 0;
const passphrase = 'tuna fish sandwich';

let folder: string;
let usb: string;
let flowsSocket: string;
let box: TestBox;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usb-'));
  usb = join(folder, 'disk');
  execFileSync('mkdir', [usb]);
  if (mayMount) mount();
  flowsSocket = join(folder, 'flows.sock');
  box = await startBox({ env: { RESTANTE_FLOWS_CONTROL: flowsSocket } });
  await box.addAccount('ann', 'a password');
});

after(async () => {
  await box?.[Symbol.asyncDispose]();
  if (mayMount) unmount();
  await rm(folder, { recursive: true, force: true });
});

function mount() {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', usb]);
}

function unmount() {
  execFileSync('umount', ['-l', usb]);
}

async function answer<T>(words: readonly string[], input = ''): Promise<T> {
  const ended = await box.cli([...words, '--json'], input);
  assert.notEqual(ended.stdout, '', ended.stderr);
  return JSON.parse(ended.stdout);
}

const status = () => answer<BackupStatusReport>(['backup', 'status']);

test('scheduled, it makes one, tries it out and says so by mail', async () => {
  const off = await status();
  assert.deepEqual([off.state, off.passphrase, off.to], ['off', 'missing', '']);
  const words = ['backup', 'schedule', '--to', usb, '--every', '1d', '--keep', '2'];
  const set = await answer<BackupStatusReport>([...words, '--password-stdin'], passphrase);
  assert.equal(set.passphrase, 'set');
  await waitUntil('a backup', async () => (await status()).history.length === 1, 60);
  const { history, state, warnings, wellAt = 0, nextAt = 0 } = await status();
  assert.equal(state, 'waiting');
  assert.equal(nextAt - wellAt, 86_400_000);
  assert.deepEqual([history[0]?.works, history[0]?.rehearsed], [true, true]);
  assert.deepEqual(await readdir(usb), [history[0]?.file]);
  assert.equal(warnings.length, mayMount ? 0 : 1);
  const mail = await answer<MailReport[]>(['mail', 'list', '--account', 'ann']);
  assert.deepEqual(
    mail.map(({ subject }) => subject),
    ['The backups of your mail box work'],
  );
  assert.ok(!(await readdir(box.data)).includes('rehearsal'));
  for (const line of box.log) assert.doesNotMatch(line, new RegExp(passphrase));
});

test('the schedule lasts over a power cut', async () => {
  await box.restart('SIGKILL');
  const after = await status();
  assert.deepEqual([after.state, after.passphrase, after.history.length], ['waiting', 'set', 1]);
});

test('what it made restores, with the passphrase alone', async () => {
  const [file] = await readdir(usb);
  const data = join(folder, 'restored');
  const words = ['restore', join(usb, file ?? ''), '--data', data, '--password-stdin'];
  const restored = await cli(words, passphrase);
  assert.match(restored.stdout, /^Restored 0 messages/, restored.stderr);
  assert.equal((await cli(['verify', '--data', data])).status, 0);
});

test('a full disk and a pulled one are told, and nothing good is lost', {
  skip: !mayMount,
}, async () => {
  const [good] = await readdir(usb);
  await writeFile(join(usb, 'films'), Buffer.alloc(23.5 * 1024 * 1024));
  const full = await answer<BackupRunReport>(['backup', 'now']);
  assert.ok(!full.works);
  assert.match(full.say, /make room there|no room/);
  assert.deepEqual((await readdir(usb)).sort(), ['films', good].sort());
  await rm(join(usb, 'films'));
  const said = await box.cli(['status']);
  assert.match(said.stdout, /Warning: A backup wants/);
  const mail = await answer<MailReport[]>(['mail', 'list', '--account', 'ann']);
  assert.equal(mail.at(-1)?.subject, 'A backup of your mail box failed');
  unmount();
  const pulled = await answer<BackupRunReport>(['backup', 'now']);
  assert.match(pulled.say, /is its disk plugged in/);
  assert.deepEqual(await readdir(usb), [], 'nothing on the disk under it');
  mount();
  assert.ok((await answer<BackupRunReport>(['backup', 'now'])).works);
});

test('one at a time, kept to the number that was set', async () => {
  for (let count = 0; count < 3; count += 1) await answer(['backup', 'now']);
  assert.equal((await readdir(usb)).length, 2);
});

test('the flows may ask for one, and for nothing in the files of the device', async () => {
  const asked = (words: string, values: Record<string, string> = {}) => {
    const verb = verbs.find((one) => one.words.join(' ') === words) as Verb;
    const secret = verb.secret === undefined ? {} : { secret: passphrase };
    return ask(flowsSocket, verb, { values, flags: new Set(), ...secret });
  };
  assert.ok((await asked('backup now')).ok);
  assert.ok((await asked('status')).ok);
  assert.ok((await asked('backup', { file: join(usb, 'mine') })).ok);
  const refused = [
    await asked('restore', { file: join(usb, 'mine') }),
    await asked('backup', { file: join(folder, 'mine') }),
    await asked('settings set', { name: 'oauth.own.secret', value: join(box.data, 'secret.key') }),
  ];
  for (const one of refused) assert.equal(one.ok ? '' : one.error.code, 'not-for-flows');
});

test('off is off', async () => {
  const off = await answer<BackupStatusReport>(['backup', 'schedule', '--off']);
  assert.equal(off.state, 'off');
});
