/* What the flows' process may ask: a table that every verb stands in, and paths that lead nowhere. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import { isInside } from '#boot/flows-door';
import { ask } from '#control/client';
import { Door } from '#control/door';
import { flowsAllowed, flowsMayAsk } from '#control/flows-door';
import type { Call, Verb } from '#control/verb';
import { verbs } from '#control/verbs/table';
import { MemoryBox } from './memory-box.ts';

let folder: string;
let data: string;
let usb: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flows-door-'));
  [data, usb] = [join(folder, 'data'), join(folder, 'usb')];
  await mkdir(data);
  await mkdir(usb);
  await symlink(data, join(usb, 'link'));
});
after(() => rm(folder, { recursive: true }));

function verb(words: string): Verb {
  const found = verbs.find((one) => one.words.join(' ') === words);
  assert.ok(found, words);
  return found;
}

const call = (values: Record<string, string>, secret?: string): Call => ({
  values,
  flags: new Set(),
  ...(secret === undefined ? {} : { secret }),
});

test('somebody has decided about every verb', () => {
  const missing = verbs.map(({ words }) => words.join(' ')).filter((one) => !(one in flowsMayAsk));
  assert.deepEqual(missing, []);
  for (const words of ['restore', 'start', 'owner password', 'setup open']) {
    assert.equal(flowsMayAsk[words], 'no');
  }
});

describe('paths', () => {
  const rows: readonly [string, () => Record<string, string>, boolean][] = [
    ['backup', () => ({ file: join(usb, 'mine.backup') }), true],
    ['backup', () => ({ file: join(folder, 'mine.backup') }), false],
    ['backup', () => ({ file: join(usb, '..', 'mine.backup') }), false],
    ['backup', () => ({ file: join(usb, 'link', 'mine.backup') }), false],
    ['backup', () => ({ file: 'mine.backup' }), false],
    ['settings set', () => ({ name: 'backup.to', value: usb }), true],
    ['settings set', () => ({ name: 'log.level', value: 'debug' }), true],
    ['settings set', () => ({ name: 'oauth.own.secret', value: join(data, 'secret.key') }), false],
    ['settings set', () => ({ name: 'oauth.own.secret', value: ` ${data}/secret.key` }), false],
    ['settings set', () => ({ name: 'oauth.own.secret', value: `\t${data}/secret.key\n` }), false],
    ['settings set', () => ({ name: 'tls.key', value: join(usb, 'link', 'x') }), false],
    ['backup schedule', () => ({ to: join(data, 'new', 'folder') }), false],
    ['backup schedule', () => ({ to: usb }), true],
    ['restore', () => ({ file: join(usb, 'mine.backup') }), false],
    ['status', () => ({}), true],
  ];
  for (const [words, values, allowed] of rows) {
    test(`${words} ${values.toString().slice(6, 70)}: ${allowed ? 'yes' : 'no'}`, async () => {
      const ground = { isInside, data, backupFolder: () => usb };
      const answer = await flowsAllowed(verb(words), call(values()), ground);
      assert.equal(answer.ok, allowed);
      if (!answer.ok) assert.equal(answer.error.code, 'not-for-flows');
    });
  }

  test('no backup goes anywhere while there is no folder for them', async () => {
    const ground = { isInside, data, backupFolder: () => '' };
    const values = { file: join(usb, 'mine.backup') };
    assert.ok(!(await flowsAllowed(verb('backup'), call(values), ground)).ok);
  });
});

describe('passwords that the box keeps', () => {
  const isp = { name: 'isp', user: 'ann@isp.example' };
  const gmail = { name: 'more', provider: 'gmail', user: 'ann@gmail.example' };
  const evil = { host: 'evil.example' };
  const rows: readonly [string, Record<string, string>, boolean][] = [
    ['source change', { name: 'isp', every: '10m' }, true],
    ['source change', { name: 'isp', protocol: 'imap' }, true],
    ['source change', { name: 'isp', ...evil }, false],
    ['source change', { name: 'isp', port: '1' }, false],
    ['source change', { name: 'isp', security: 'none' }, false],
    ['source change', { name: 'isp', provider: 'gmail', ...evil }, false],
    ['source change', { name: 'isp', ca: '-----BEGIN' }, false],
    ['source add', { ...isp, host: 'pop.isp.example' }, true],
    ['source add', gmail, true],
    ['source add', { ...gmail, ...evil }, false],
    ['source add', { ...isp, host: 'pop.isp.example', ca: '-----BEGIN' }, false],
    ['uplink add', { ...gmail, ...evil }, false],
    ['uplink add', { name: 'relay', host: 'relay.example', ca: '-----BEGIN' }, true],
    ['provider connect', { account: 'ann', ...gmail }, true],
    ['provider connect', { account: 'ann', ...gmail, 'imap-host': 'evil.example' }, false],
    ['provider connect', { account: 'ann', ...gmail, 'smtp-host': 'evil.example' }, false],
    ['provider connect', { account: 'ann', ...isp, 'imap-host': 'x.example', ca: '-----' }, false],
  ];
  for (const [words, values, allowed] of rows) {
    test(`${words} ${JSON.stringify(values)}: ${allowed ? 'yes' : 'no'}`, async () => {
      const ground = { isInside, data, backupFolder: () => usb };
      const asked = await flowsAllowed(verb(words), call(values), ground);
      assert.equal(asked.ok, allowed);
      if (!asked.ok) assert.match(asked.error.say, /Give the password, too/);
      const given = await flowsAllowed(verb(words), call(values, 'given anew'), ground);
      assert.ok(given.ok, 'whoever knows the password may send it anywhere');
      for (const no of [call(values, ''), { ...call(values, 'x'), flags: new Set(['pasted']) }]) {
        assert.equal((await flowsAllowed(verb(words), no, ground)).ok, allowed, 'no password');
      }
    });
  }
});

test('the key of a try that failed stands for the password that was given with it', async () => {
  const ground = { isInside, data, backupFolder: () => usb };
  const values = { account: 'ann', user: 'ann@isp.example', 'imap-host': 'isp.example', ca: 'PEM' };
  const asked = async (more: Record<string, string>, ...flags: string[]) => {
    const wanted = { ...call({ ...values, ...more }), flags: new Set(flags) };
    return (await flowsAllowed(verb('provider connect'), wanted, ground)).ok;
  };
  assert.equal(await asked({}), false);
  assert.equal(await asked({ again: 'key' }), true);
  assert.equal(await asked({ again: '' }), false);
  assert.equal(await asked({ again: 'key' }, 'wait'), false);
});

test('a password that was typed a moment ago counts as one', async () => {
  const ground = { isInside, data, backupFolder: () => usb };
  const place = { account: 'ann', user: 'ann@isp.example', 'imap-host': 'x.example', ca: '-----' };
  const ask = (again: string) => {
    return flowsAllowed(verb('provider connect'), call({ ...place, again }), ground);
  };
  assert.ok((await ask('a key')).ok);
  assert.ok(!(await ask('')).ok);
});

test('a second door, open to its group, refuses in words', async () => {
  const path = join(folder, 'flows.sock');
  const clock = new SystemClock();
  const ground = { isInside, data, backupFolder: () => usb };
  const door = new Door(path, verbs, new MemoryBox(), clock, new Log(() => {}, clock), {
    mode: 0o660,
    mayAsk: (asked, with_) => flowsAllowed(asked, with_, ground),
  });
  await door.start();
  assert.equal((await stat(path)).mode & 0o777, 0o660);
  assert.ok((await ask(path, verb('status'), call({}))).ok);
  const refused = await ask(path, verb('restore'), call({ file: join(usb, 'x') }, 'words'));
  assert.equal(refused.ok ? '' : refused.error.code, 'not-for-flows');
  await door.stop();
});
