/*
 * The pages of an appliance: Node-RED as another user than the box, both installed as
 * hardware/system/install does it. It reads nothing of the mail and asks only what the pages need;
 * it comes when a page is wanted and goes when none is; and mail does not notice whether it is there.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startBox, type TestBox } from '../support/box.ts';
import { Browser } from '../support/browser.ts';
import { as, FlowsUnit, users } from '../support/flows-unit.ts';
import { missingProgram } from '../support/programs.ts';
import { collect, SmtpSender } from '../support/smtp-peer.ts';

const run = promisify(execFile);
const install = fileURLToPath(new URL('../../hardware/system/install', import.meta.url));
const isRoot = process.getuid?.() === 0;
const missing = ['systemd-sysusers', 'setpriv', 'curl']
  .map(missingProgram)
  .find((why) => why !== undefined);
const skip = missing ?? (isRoot ? false : 'only root can run programs as other users');
const [ownersPassword, annsPassword] = ['correct horse', 'battery staple'] as const;

describe('pages of another user', { skip }, () => {
  let base: string;
  let root: string;
  let unit: FlowsUnit;
  let box: TestBox;
  let browser: Browser;

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'apart-'));
    await chmod(base, 0o755);
    root = join(base, 'root');
    await run('mkdir', ['-m', '755', root]);
    await run(install, ['--root', root]);
    unit = new FlowsUnit(root, base);
    await unit.start();
    box = await startBox({
      data: unit.data,
      env: unit.boxEnvironment,
      program: as('box', join(root, 'opt/restante/scripts/start')),
    });
    await box.addAccount('ann', annsPassword);
    const owner = await box.cli(['owner', 'password', '--password-stdin'], ownersPassword);
    assert.equal(owner.status, 0, owner.stderr);
    browser = await Browser.open(box);
    assert.equal((await browser.post('/sign-in', { password: ownersPassword })).status, 303);
  });

  after(async () => {
    await box?.[Symbol.asyncDispose]();
    await unit?.[Symbol.asyncDispose]();
    await rm(base, { recursive: true, force: true });
  });

  /** A page as a script asks for it, which waits until Node-RED is ready. */
  const page = (path: string) => browser.get(path, { 'sec-fetch-mode': 'cors' });
  /** What the other user is told when it tries. */
  const tried = (...words: string[]) => {
    const [command = '', ...rest] = as('flows', ...words);
    return run(command, rest).then(
      ({ stdout }) => ({ worked: true, told: stdout }),
      (error) => ({ worked: false, told: String(error.stderr) }),
    );
  };
  const asked = (socket: string, path: string, ...more: string[]) =>
    tried('curl', '-sS', '--unix-socket', socket, `http://box${path}`, ...more);
  const ownersDoor = () => join(unit.data, 'control.sock');
  const flowsDoor = () => join(base, 'run/restante-flows/control.sock');

  test('start when one is wanted, as their own user', async () => {
    assert.equal(unit.pid, undefined, 'a sign-in alone starts nothing');
    const home = await page('/');
    assert.equal(home.status, 200, unit.said.join(''));
    assert.match(home.text, /Restante/);
    const people = await page('/people');
    assert.match(people.text, /ann/);
    const status = readFileSync(`/proc/${unit.pid}/status`, 'utf8');
    assert.match(status, new RegExp(`^Uid:${`\t${users.flows}`.repeat(4)}$`, 'm'));
    assert.match(status, /^Groups:\s*$/m);
    assert.match(status, /^CapEff:\t0+$/m);
  });

  test('cannot open anything of the mail', async () => {
    const there = readdirSync(unit.data);
    for (const name of ['mail.db', 'secret.key', 'control.sock', 'tls']) {
      assert.ok(there.includes(name), name);
    }
    for (const name of there) {
      const path = join(unit.data, name);
      assert.deepEqual(await tried('cat', path), {
        worked: false,
        told: `cat: ${path}: Permission denied\n`,
      });
    }
    for (const words of [
      ['ls', unit.data],
      ['touch', join(unit.data, 'x')],
    ]) {
      const { worked, told } = await tried(...words);
      assert.ok(!worked && /Permission denied/.test(told), told);
    }
    // Neither by the process of the box.
    const environment = await tried('cat', `/proc/${box.pid}/environ`);
    assert.ok(!environment.worked, environment.told);
    assert.equal((await asked(ownersDoor(), '/v1/status')).worked, false);
  });

  test('ask at a door that is theirs, and not everything', async () => {
    const { mode, uid, gid } = statSync(flowsDoor());
    assert.deepEqual([mode & 0o777, uid, gid], [0o660, users.box, users.flows]);
    assert.match((await asked(flowsDoor(), '/v1/status')).told, /"version":/);
    const fields = ['--json', '{"secret":"mine from now on"}'];
    const refused = await asked(flowsDoor(), '/v1/owner/password', ...fields);
    assert.match(refused.told, /not for the flows/);
    const nobody = await run('setpriv', [
      ...['--reuid=61803', '--regid=61803', '--clear-groups', '--'],
      ...['curl', '-sS', '--unix-socket', flowsDoor(), 'http://box/v1/status'],
    ]).catch((error) => error);
    assert.ok(nobody instanceof Error, 'a third user has no door at all');
  });

  test('cannot say themselves that they are wanted, nor put a door where theirs is', async () => {
    for (const words of [
      ['touch', `${unit.marker}.mine`],
      ['rm', '-f', unit.marker],
      ['mv', flowsDoor(), `${flowsDoor()}.old`],
    ]) {
      assert.match((await tried(...words)).told, /Permission denied/, words.join(' '));
    }
  });

  test('are not missed by mail when they are killed, and come back', async () => {
    unit.stayAway();
    unit.kill();
    await unit.over;
    const sender = await SmtpSender.dial(box.ports.smtp);
    assert.match(
      (await sender.send('ann@restante.local', 'Subject: x\r\n\r\nhello')) ?? '',
      /^250/,
    );
    sender.hangUp();
    const [message = ''] = await collect(box.ports.pop3, 'ann', annsPassword);
    assert.match(message, /hello/);
    const starts = box.saidAgain(/^Node-RED starts/);
    const light = await browser.get('/');
    assert.equal(light.status, 503);
    assert.match(light.text, /One moment/);
    const form = browser.post('/queue/hold', {});
    await starts;
    unit.comeBack();
    assert.equal((await form).headers.location?.split('?')[0], '/queue', unit.said.join(''));
    assert.equal((await box.cli(['release'])).status, 0);
  });

  test('say at once why they cannot start, and how they are tried again', async () => {
    const flows = join(base, 'var/lib/restante-flows/flows.json');
    const sound = readFileSync(flows);
    await box.cli(['settings', 'set', 'flows.run', 'off']);
    await unit.over;
    writeFileSync(flows, '[{');
    await box.cli(['settings', 'set', 'flows.run', 'demand']);
    assert.equal((await page('/')).status, 503);
    assert.ok(!existsSync(unit.marker), 'it is not started again and again in vain');
    writeFileSync(flows, sound);
    const ready = box.saidAgain(/^Node-RED is ready/);
    const told = await browser.get('/');
    assert.match(told.text, /ended with status 1.*flows\.json is broken\. Put it right/);
    assert.match(told.text, /Try again/);
    // By whoever looked at that page.
    await ready;
    assert.equal((await page('/')).status, 200, unit.said.join(''));
  });

  test('go when nobody may look any more', async () => {
    assert.ok(existsSync(unit.marker));
    const set = await box.cli(['settings', 'set', 'flows.run', 'off']);
    assert.equal(set.status, 0, set.stderr);
    await unit.over;
    assert.ok(!existsSync(unit.marker));
    assert.equal(unit.pid, undefined);
    await box.cli(['settings', 'set', 'flows.run', 'demand']);
    assert.equal((await page('/')).status, 200, unit.said.join(''));
  });

  test('are in its backup, and come back with it', async () => {
    const flows = join(base, 'var/lib/restante-flows/flows.json');
    const tab = { id: 'mine', type: 'tab', label: 'My own', disabled: false, info: '', env: [] };
    writeFileSync(flows, JSON.stringify([...JSON.parse(readFileSync(flows, 'utf8')), tab]));
    const shelf = join(base, 'shelf');
    await run('mkdir', ['-m', '777', shelf]);
    const backup = join(shelf, 'monday');
    const made = await box.cli(['backup', backup, '--password-stdin'], 'tuna fish');
    assert.equal(made.status, 0, made.stderr);
    writeFileSync(flows, '[]');
    await box.kill();
    const words = ['restore', backup, '--yes', '--password-stdin', '--data', unit.data];
    const [command = '', ...rest] = as(
      'box',
      join(root, 'opt/restante/scripts/restante'),
      ...words,
    );
    const restoring = run(command, rest);
    restoring.child.stdin?.end('tuna fish');
    await restoring;
    await box.start();
    browser = await Browser.open(box);
    assert.equal((await browser.post('/sign-in', { password: ownersPassword })).status, 303);
    assert.equal((await page('/people')).status, 200, unit.said.join(''));
    assert.match(readFileSync(flows, 'utf8'), /"My own"/);
    assert.equal(
      readFileSync(flows.replace(/flows\.json$/, 'flows.before-restore.json'), 'utf8'),
      '[]',
    );
  });

  test('do not outlive a box that was killed', async () => {
    await box.restart('SIGKILL');
    // A box finds the marker of one that was killed, and takes it away.
    await unit.over;
    assert.ok(!existsSync(unit.marker));
    assert.equal((await browser.post('/sign-in', { password: ownersPassword })).status, 303);
    assert.equal((await page('/people')).status, 200, unit.said.join(''));
  });
});
