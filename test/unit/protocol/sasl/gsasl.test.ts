/* Our server side against GNU SASL's client, on a household's real keys. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Exchange } from '../../../../firmware/protocol/sasl/exchange.ts';
import { mechanismNames } from '../../../../firmware/protocol/sasl/mechanism.ts';
import { AccountsHouse, context, good } from '../../mail/accounts/house.ts';

const missing = spawnSync('gsasl', ['--version']).error !== undefined;

/** Lets gsasl sign in; which password it was, or the code of the refusal. Did gsasl believe us? */
async function signIn(house: AccountsHouse, mechanism: string, name: string, password: string) {
  const args = ['--client', '--quiet', '--no-cb', '--mechanism', mechanism];
  const who = ['--authentication-id', name, '--authorization-id', '', '--password', password];
  const client = spawn('gsasl', [...args, ...who], { stdio: ['pipe', 'pipe', 'ignore'] });
  client.stdin.on('error', () => {});
  const exited = new Promise((resolve) => void client.on('exit', resolve));
  const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value ?? '*');
  const hostName = 'restante.local';
  const ports = { signIn: house.doorkeeper, random: house.random, hostName };
  const talk = new Exchange(ports, context(), mechanismNames);
  try {
    assert.equal(await next(), mechanism);
    // gsasl waits for the first challenge of LOGIN; CRAM-MD5 it begins with an empty line.
    const first = mechanism === 'LOGIN' ? undefined : await next();
    const begin = mechanism === 'CRAM-MD5' ? undefined : first;
    let step = await talk.start(mechanism, begin);
    while (step.kind === 'challenge') {
      client.stdin.write(`${step.text}\n`);
      step = await talk.line(await next());
    }
    client.stdin.end();
    if (step.kind === 'done') return `${step.identity.login} by ${step.identity.password}`;
    return step.kind === 'failed' ? step.failure.code : step.kind;
  } finally {
    client.kill();
    await exited;
  }
}

for (const mechanism of mechanismNames) {
  test(`${mechanism}: GNU SASL signs in with each password, and not with a wrong one`, {
    skip: missing && 'gsasl is not installed',
  }, async () => {
    const house = new AccountsHouse();
    house.household.useSettings({ ...house.household.settings, rounds: 15_000 });
    good(await house.household.addAccount('jürgen', 'Grüße, =und= mehr', true));
    const { password } = good(await house.household.addPassword('jürgen', 'phone', true));
    assert.equal(await signIn(house, mechanism, 'jürgen', 'Grüße, =und= mehr'), 'jürgen by main');
    assert.equal(await signIn(house, mechanism, 'jürgen', password), 'jürgen by phone');
    assert.equal(await signIn(house, mechanism, 'jürgen', 'wrong'), 'password');
    assert.equal(await signIn(house, mechanism, 'nobody', password), 'password');
  });
}
