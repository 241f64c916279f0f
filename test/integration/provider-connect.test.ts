/*
 * Connecting somebody with their provider over the control socket of a real box: what works is
 * kept, what is refused leaves nothing, what cannot be reached is kept and told, and who was cut
 * off connects again. The provider is a scripted server.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AddressReport, ConnectReport, UplinkReport } from '#control/types';
import { freePort } from '../../scripts/bench/processes.ts';
import { type OutgoingBox, startOutgoingBox } from '../support/outgoing-box.ts';
import { ScriptedSmtpServer } from '../support/scripted-smtp-server.ts';

let box: OutgoingBox;
before(async () => {
  box = await startOutgoingBox();
  for (const name of ['ann', 'bob', 'cleo', 'eve', 'joe']) await box.person(name);
});
after(() => box?.[Symbol.asyncDispose]());

const listen = () =>
  ScriptedSmtpServer.listen({
    mechanisms: ['PLAIN'],
    users: { 'ann@example.org': 'right', 'bob@example.org': 'right', 'cleo@example.org': 'right' },
  });

const connect = (name: string, port: number, password?: string, ...more: string[]) =>
  box.command<ConnectReport>(
    [
      ...['provider', 'connect', name, '--user', `${name}@example.org`],
      ...['--smtp-host', '127.0.0.1', '--smtp-port', `${port}`, '--smtp-security', 'none'],
      ...more,
    ],
    password,
  );

const uplinks = async (user: string) =>
  (await box.command<UplinkReport[]>(['uplink', 'list'])).filter((one) => one.user === user);

const outside = async (name: string) =>
  (await box.command<AddressReport[]>(['address', 'list', name])).filter(
    ({ kind }) => kind === 'outside',
  );

const went = ({ steps }: ConnectReport) => steps.map((one) => [one.step, one.ok]);

test('what works stays: the address she is known by, and an uplink for it', async () => {
  await using server = await listen();
  const done = await connect('ann', server.port, 'right');
  assert.deepEqual(went(done), [
    ['address', true],
    ['sending', true],
  ]);
  assert.ok(done.done);
  const [uplink] = await uplinks('ann@example.org');
  assert.deepEqual(uplink?.addresses, ['ann@example.org']);
  assert.equal(uplink?.name, 'ann-127.0.0.1');
  assert.equal((await outside('ann'))[0]?.knownAs, true);
  const again = await connect('ann', server.port, 'right');
  assert.ok(again.done);
  // A slip of the finger does not spoil what works.
  assert.ok((await connect('ann', server.port, 'wrong')).done);
  assert.equal((await uplinks('ann@example.org')).length, 1);
  const tested = await box.command<{ works: boolean }>(['uplink', 'test', uplink?.name ?? '']);
  assert.ok(tested.works);
});

test('a refused password leaves nothing, and the right one connects', async () => {
  await using server = await listen();
  const refused = await connect('bob', server.port, 'wrong');
  assert.deepEqual(went(refused), [
    ['address', true],
    ['sending', false],
    ['undone', true],
  ]);
  assert.match(refused.steps[1]?.say ?? '', /Nothing of it was kept\./);
  assert.doesNotMatch(JSON.stringify(refused), /wrong/);
  assert.deepEqual(await uplinks('bob@example.org'), []);
  assert.deepEqual(await outside('bob'), []);
  assert.ok((await connect('bob', server.port, 'right')).done);
});

test('who cannot be reached is kept and said so; connecting again mends it', async () => {
  const port = await freePort();
  const kept = await connect('eve', port, 'right');
  assert.equal(kept.done, false);
  assert.deepEqual(kept.steps[1], { ...kept.steps[1], step: 'sending', ok: false, kept: true });
  assert.match(kept.steps[1]?.say ?? '', /kept, and is tried again by itself/);
  assert.equal((await uplinks('eve@example.org')).length, 1);
  assert.equal((await outside('eve')).length, 1);
  // As after a power cut between two steps: the uplink is there, its password is old.
  const again = await connect('eve', port, 'right');
  assert.equal((await uplinks('eve@example.org')).length, 1);
  assert.ok(again.steps[1]?.kept);
});

test('what was there before is not taken away', async () => {
  await using server = await listen();
  await box.command(['address', 'add', 'joe', 'joe@example.org', '--outside']);
  const refused = await connect('joe', server.port, 'wrong');
  assert.deepEqual(went(refused), [
    ['address', true],
    ['sending', false],
  ]);
  assert.equal((await outside('joe')).length, 1);
});

test('when the password was not the trouble, it is given once, and only to be tried again', async () => {
  await using server = await listen();
  const wanted = ['--smtp-host', '127.0.0.1', '--smtp-port', `${server.port}`];
  const as = (name: string, security: string, ...more: string[]) => [
    ...['provider', 'connect', name, '--user', 'cleo@example.org', ...wanted],
    ...['--smtp-security', security, ...more],
  ];
  const first = await box.command<ConnectReport>(as('cleo', 'tls'), 'right');
  assert.equal(first.steps[1]?.trouble, 'settings');
  const { again = '' } = first;
  assert.doesNotMatch(JSON.stringify(first), /right/);
  const second = await box.command<ConnectReport>(as('cleo', 'none', '--again', again));
  assert.ok(second.done, JSON.stringify(second));
  assert.equal(second.again, undefined);
  const twice = await box.tried(as('cleo', 'none', '--again', again));
  assert.ok(!twice.ok && /type it once more/.test(twice.error.say));
  const refused = await connect('joe', server.port, 'wrong');
  assert.equal(refused.steps.find(({ ok }) => !ok)?.trouble, 'sign-in');
  assert.equal(refused.again, undefined, 'a wrong password is typed anew');
  // What is kept for one is given to nobody else.
  const other = await box.command<ConnectReport>(as('cleo', 'starttls'), 'right');
  const stolen = await box.tried(as('ann', 'none', '--again', other.again ?? ''));
  assert.ok(!stolen.ok && stolen.error.code === 'again');
});

test('what cannot be asked is said in words', async () => {
  await using server = await listen();
  const words = ['provider', 'connect', 'ann', '--provider', 'nosuch', '--user', 'ann@example.org'];
  const unknown = await box.command<ConnectReport>(words, 'x');
  assert.match(unknown.steps.at(-1)?.say ?? '', /does not know a provider "nosuch"/);
  const nobody = await box.tried([
    'provider',
    'connect',
    'zoe',
    '--user',
    'z',
    '--provider',
    'gmx',
  ]);
  assert.equal(nobody.ok ? '' : nobody.error.code, 'unknown');
  const where = ['--smtp-host', '127.0.0.1', '--smtp-port', `${server.port}`];
  const asked = ['provider', 'connect', 'ann', '--user', 'ann@example.org', ...where, '--collect'];
  const collects = await box.tried(asked, 'right');
  assert.match(collects.ok ? '' : collects.error.say, /--imap-host is missing/);
  const list = await box.command<{ name: string }[]>(['provider', 'list']);
  assert.ok(list.some(({ name }) => name === 'gmail'));
});
