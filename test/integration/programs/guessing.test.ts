/*
 * A program that guesses Ann's password, from the address that the whole house shares: she is
 * locked for that address and nobody else is; status says so, and one command lifts it.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { missingProgram } from '../../support/programs.ts';
import { openTestbed, type Ran, type Testbed } from './testbed.ts';

/** More than are forgiven; at once, so that their delays pass together. */
const guesses = 12;

describe('curl guesses a password', { skip: missingProgram('curl') }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await openTestbed();
    await bed.box.addAccount('ann', 'tuna fish');
    await bed.box.addAccount('bob', 'salmon');
    await Promise.all(
      Array.from({ length: guesses }, (_, number) => collect('ann', `guess ${number}`)),
    );
  });
  after(() => bed.close());

  async function curl(name: string, password: string, ...words: string[]): Promise<Ran> {
    const config = await bed.write(`${name}-${password}.conf`, `user = "${name}:${password}"\n`);
    return bed.run('curl', ['-sSv', '-K', config, '--cacert', bed.box.caFile, ...words]);
  }

  const collect = (name: string, password: string) =>
    curl(name, password, `pop3s://localhost:${bed.box.ports.pop3s}/`);

  test('and then even the right one is refused, in words, on every port', async () => {
    const words = /Too many wrong passwords; try again in 1[45] minutes/;
    const pop3 = await collect('ann', 'tuna fish');
    assert.notEqual(pop3.status, 0);
    assert.match(pop3.said, /< -ERR \[SYS\/TEMP\] /);
    assert.match(pop3.said, words);
    const url = `smtps://localhost:${bed.box.ports.submissions}`;
    const smtp = await curl('ann', 'tuna fish', '--mail-from', 'ann@restante.local', url);
    assert.notEqual(smtp.status, 0);
    assert.match(smtp.said, /< 454 4\.7\.0 /);
    assert.match(smtp.said, words);
  });

  test('and Bob, at the same address, comes in', async () => {
    const ran = await collect('bob', 'salmon');
    assert.equal(ran.status, 0, ran.said);
  });

  test('and status says so, also after a restart', async () => {
    const worried = /Ann's password is being tried wrongly from 127\.0\.0\.1/;
    assert.match((await bed.box.cli(['status'])).stdout, worried);
    await bed.box.restart();
    assert.match((await bed.box.cli(['status'])).stdout, worried);
    assert.notEqual((await collect('ann', 'tuna fish')).status, 0);
  });

  test('and one command lets Ann in again', async () => {
    const lifted = await bed.box.cli(['account', 'unlock', 'ann']);
    assert.equal(lifted.status, 0, lifted.stderr);
    const ran = await collect('ann', 'tuna fish');
    assert.equal(ran.status, 0, ran.said);
    assert.doesNotMatch((await bed.box.cli(['status'])).stdout, /tried wrongly/);
  });
});
