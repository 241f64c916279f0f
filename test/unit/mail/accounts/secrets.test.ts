/* Passwords that can be read again: who signs in with them, and what others notice of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seal } from '#base/seal';
import { failuresBeforeLock } from '#mail/accounts/failed-sign-ins';
import { openSecret, sealSecret } from '#mail/accounts/secrets';
import { AccountsHouse, context, good, refused } from './house.ts';

/** Ann's main password and her camera's are recoverable, her phone's is not, and Bob has none. */
async function family(): Promise<{ house: AccountsHouse; camera: string; phone: string }> {
  const house = new AccountsHouse();
  const { household } = house;
  good(await household.addAccount('ann', 'right', true));
  good(await household.addAccount('bob', 'salmon'));
  const camera = good(await household.addPassword('ann', 'camera', true)).password;
  const phone = good(await household.addPassword('ann', 'phone')).password;
  return { house, camera, phone };
}

/** Signs in as a client that knows `secret`; which password it was, or the code of the refusal. */
async function prove(house: AccountsHouse, login: string, secret: string): Promise<string> {
  const proves = (other: string) => other === secret;
  const answer = await house.doorkeeper.withSecret(login, proves, context());
  return answer.ok ? answer.value.password : answer.error.code;
}

test('recoverable passwords prove themselves, others do not', async () => {
  const { house, camera, phone } = await family();
  assert.equal(await prove(house, 'ann', 'right'), 'main');
  assert.equal(await prove(house, 'Ann@restante.local', camera), 'camera');
  for (const [login, secret] of [
    ['ann', phone],
    ['ann', ''],
    ['bob', 'salmon'],
    ['bob', 'right'],
    ['nobody', 'right'],
  ] as const) {
    assert.equal(await prove(house, login, secret), 'password', `${login} ${secret}`);
    house.doorkeeper.unlock(login);
  }
  assert.equal((await house.signIn('ann', camera)).outcome, 'camera');
});

test('for every login the same number of secrets is tried', async () => {
  const { house } = await family();
  for (const login of ['ann', 'bob', 'nobody']) {
    const tried = new Set<string>();
    let count = 0;
    const proves = (secret: string) => {
      count += 1;
      tried.add(secret);
      return false;
    };
    refused(await house.doorkeeper.withSecret(login, proves, context()), 'password');
    assert.equal(count, 2, login);
    assert.equal(tried.has('right'), login === 'ann');
    assert.ok(!tried.has('salmon'));
  }
});

test('what a stranger would answer to the invented secret does not let him in', async () => {
  const { house } = await family();
  const answer = await house.doorkeeper.withSecret('nobody', () => true, context());
  refused(answer, 'password');
  refused(await house.doorkeeper.withSecret('bob', () => true, context()), 'password');
});

test('failures count and lock as those of every other way do', async () => {
  const { house } = await family();
  for (let i = 0; i < failuresBeforeLock; i++) {
    const answer = prove(house, 'ann', 'wrong');
    house.clock.advance(8000);
    assert.equal(await answer, 'password');
  }
  assert.equal(await prove(house, 'ann', 'right'), 'locked');
  assert.equal((await house.signIn('ann', 'right')).outcome, 'locked');
  assert.ok(!JSON.stringify(house.log).includes('right'));
  assert.match(house.doorkeeper.worries()[0]?.say ?? '', /^Ann's password is being tried wrongly/);
});

test('setting the password without the wish switches it off', async () => {
  const { house } = await family();
  assert.equal(house.household.mostSecrets, 2);
  good(await house.household.setPassword('ann', 'right'));
  assert.equal(await prove(house, 'ann', 'right'), 'password');
  assert.equal((await house.signIn('ann', 'right')).outcome, 'main');
  assert.equal(house.household.mostSecrets, 1);
  good(await house.household.revokePassword('ann', 'camera'));
  assert.equal(house.household.mostSecrets, 0);
  good(await house.household.setPassword('bob', 'trout', true));
  assert.equal(await prove(house, 'bob', 'trout'), 'main');
});

test('the list shows which are recoverable, and after a restart they still are', async () => {
  const { house, camera } = await family();
  const again = await house.restarted();
  const [ann, bob] = again.household.list();
  const shown = ann?.passwords.map(({ name, recoverable }) => `${name} ${recoverable}`);
  assert.deepEqual(shown, ['main true', 'camera true', 'phone false']);
  assert.equal(bob?.passwords[0]?.recoverable, false);
  assert.equal(await prove(again, 'ann', camera), 'camera');
});

test('another device key opens none, and then nothing is offered', async () => {
  const { house } = await family();
  const moved = await house.restarted(new Seal(Buffer.alloc(32, 9)));
  assert.equal(moved.household.mostSecrets, 0);
  assert.equal(await prove(moved, 'ann', 'right'), 'password');
  assert.equal(moved.household.list()[0]?.passwords[0]?.recoverable, false);
});

test('it is kept sealed, for its account and its name alone', async () => {
  const { house } = await family();
  const { passwords } = await house.records.load();
  const kept = passwords.filter(({ secret }) => secret !== undefined).map(({ name }) => name);
  assert.deepEqual(kept, ['main', 'camera']);
  assert.ok(!passwords.some(({ secret }) => secret?.includes('right')));

  const [seal, salt] = [new Seal(Buffer.alloc(32, 7)), Buffer.alloc(16, 1)];
  const sealed = sealSecret(seal, salt, 'main', 'Grüße');
  assert.equal(openSecret(seal, salt, 'main', sealed), 'Grüße');
  assert.equal(openSecret(seal, salt, 'phone', sealed), undefined);
  assert.equal(openSecret(seal, Buffer.alloc(16, 2), 'main', sealed), undefined);
  assert.equal(openSecret(new Seal(Buffer.alloc(32, 8)), salt, 'main', sealed), undefined);
});
