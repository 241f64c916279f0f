/* Signing in: who comes in, and what failures lead to. */
import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { Derivations } from '#mail/accounts/derivations';
import { failuresBeforeLock, lockTime } from '#mail/accounts/failed-sign-ins';
import { deriveKeys } from '#mail/accounts/keys';
import { AccountsHouse, context, good, refused } from './house.ts';

async function annsHouse(house = new AccountsHouse()): Promise<AccountsHouse> {
  good(await house.household.addAccount('ann', 'right'));
  good(await house.household.addAddress('ann', 'ann@gmail.example', 'outside'));
  return house;
}

test('she signs in by name or address, without case; wrong ones do not', async () => {
  const house = await annsHouse();
  for (const login of [
    'ann',
    'ANN',
    'Ann@Restante.local',
    'ann@bücher.example',
    'ann@gmail.example',
  ]) {
    assert.deepEqual(await house.signIn(login, 'right'), {
      outcome: 'main',
      login: 'ann',
      held: 0,
    });
  }
  for (const [login, password] of [
    ['ann', 'wrong'],
    ['ann', 'Right'],
    ['ann', ''],
    ['ann', 'a\u0000b'],
    ['bob', 'right'],
    ['', ''],
    ['ann@elsewhere.example', 'right'],
  ] as const) {
    const house = await annsHouse();
    assert.equal((await house.signIn(login, password)).outcome, 'password', `${login} ${password}`);
  }
});

test('a password is the same however its letters were composed', async () => {
  const house = await annsHouse();
  good(await house.household.setPassword('ann', 'ju\u0308rgen\u00a0fu\u00adß'));
  assert.equal((await house.signIn('ann', 'jürgen fuß')).outcome, 'main');
});

test('a changed password works at once, the old one no more', async () => {
  const house = await annsHouse();
  assert.equal((await house.signIn('ann', 'right')).outcome, 'main');
  good(await house.household.setPassword('ann', 'new'));
  assert.equal((await house.signIn('ann', 'right')).outcome, 'password');
  assert.equal((await house.signIn('ann', 'new')).outcome, 'main');
});

test('app passwords: shown once, used, listed, revoked', async () => {
  const house = await annsHouse();
  const { password } = good(await house.household.addPassword('ann', "Ann's iPad"));
  assert.match(password, /^[a-km-z]{4}(-[a-km-z]{4}){3}$/);
  assert.equal((await house.signIn('ann', password)).outcome, "Ann's iPad");
  assert.equal((await house.signIn('ann', 'right')).outcome, 'main');
  const shown = house.household.list()[0]?.passwords.find((one) => one.name === "Ann's iPad");
  assert.equal(shown?.lastAddress, '192.168.1.23');
  assert.equal(shown?.lastUsed, house.clock.now());
  refused(await house.household.addPassword('ann', "ann's ipad"), 'taken');
  refused(await house.household.addPassword('ann', 'Main'), 'bad-name');
  refused(await house.household.addPassword('ann', ' '), 'bad-name');
  refused(await house.household.revokePassword('ann', 'main'), 'bad-name');
  refused(await house.household.revokePassword('ann', 'phone'), 'unknown');
  good(await house.household.revokePassword('ann', "ANN's iPad"));
  assert.equal((await house.signIn('ann', password)).outcome, 'password');
  assert.equal((await house.signIn('ann', 'right')).outcome, 'main');
});

test('who signed in with a password that is revoked, or to an account that is gone, is out', async () => {
  const house = await annsHouse();
  const { household } = house;
  const { password } = good(await household.addPassword('ann', 'phone'));
  const byPhone = good(await house.doorkeeper.withPassword('ann', password, context()));
  const byMain = good(await house.doorkeeper.withPassword('ann', 'right', context()));
  assert.ok(household.stillHas(byPhone));
  good(await household.revokePassword('ann', 'phone'));
  assert.ok(!household.stillHas(byPhone));
  assert.ok(household.stillHas(byMain));
  good(await household.removeAccount('ann'));
  good(await household.addAccount('ann', 'right'));
  assert.ok(!household.stillHas(byMain));
});

test('last uses are written later, and at the stop', async () => {
  const house = await annsHouse();
  await house.signIn('ann', 'right');
  assert.equal((await house.records.load()).passwords[0]?.lastUsed, undefined);
  const used = house.clock.now();
  house.clock.advance(600_000);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await house.records.load()).passwords[0]?.lastUsed, used);
  house.clock.advance(1000);
  await house.signIn('ann', 'right');
  await house.doorkeeper.stop();
  assert.equal((await house.records.load()).passwords[0]?.lastUsed, house.clock.now());
  assert.equal(house.clock.waiting, 0);
});

test('keys are those of RFC 5802, and one salt serves all passwords', async () => {
  const house = await annsHouse();
  const { password } = good(await house.household.addPassword('ann', 'phone'));
  const record = house.doorkeeper.scramRecord('ANN@restante.local');
  assert.deepEqual(
    record.keys.map((keys) => keys.password),
    ['main', 'phone'],
  );
  for (const [index, text] of ['right', password].entries()) {
    const salted = pbkdf2Sync(text, record.salt, record.rounds, 32, 'sha256');
    const clientKey = createHmac('sha256', salted).update('Client Key').digest();
    const stored = createHash('sha256').update(clientKey).digest();
    const server = createHmac('sha256', salted).update('Server Key').digest();
    assert.deepEqual(record.keys[index]?.storedKey, stored);
    assert.deepEqual(record.keys[index]?.serverKey, server);
  }
});

test('an unknown login has a steady salt that is like no other', async () => {
  const house = await annsHouse();
  const { salt, rounds, keys } = house.doorkeeper.scramRecord('bob');
  assert.equal(salt.length, house.doorkeeper.scramRecord('ann').salt.length);
  assert.equal(rounds, house.doorkeeper.scramRecord('ann').rounds);
  assert.deepEqual(keys, []);
  const again = await house.restarted();
  assert.deepEqual(again.doorkeeper.scramRecord('BOB').salt, salt);
  assert.notDeepEqual(again.doorkeeper.scramRecord('bob2').salt, salt);
});

test('an unknown login costs a derivation, and so does a password that cannot be one', async () => {
  let count = 0;
  const derivations = new Derivations((...args) => {
    count += 1;
    return deriveKeys(...args);
  });
  const house = new AccountsHouse(undefined, undefined, undefined, derivations);
  await annsHouse(house);
  count = 0;
  await house.signIn('bob', 'right');
  await house.signIn('ann', 'a\u0000b');
  await house.signIn('ann', 'right');
  assert.equal(count, 3);
  await house.signIn('ann', 'right');
  assert.equal(count, 3, 'a password that was just right is not derived again');
});

test('ten wrong passwords slow the answers, then lock that login from that address', async () => {
  const house = await annsHouse();
  const held: number[] = [];
  for (let i = 0; i < failuresBeforeLock; i++) {
    const answer = await house.signIn('ann', `wrong ${i}`);
    assert.equal(answer.outcome, 'password');
    held.push(answer.held);
  }
  assert.deepEqual(held, [0, 0, 0, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
  assert.equal((await house.signIn('ann', 'right')).outcome, 'locked');
  assert.equal((await house.signIn('ANN@restante.local', 'right')).outcome, 'locked');
  assert.equal((await house.signIn('ann', 'right', '192.168.1.24')).outcome, 'main');
  const [worry, ...others] = house.doorkeeper.worries();
  assert.deepEqual(others, []);
  assert.equal(worry?.say, "Ann's password is being tried wrongly from 192.168.1.23");
  assert.equal(worry?.failures, failuresBeforeLock);
  assert.notEqual(worry?.lockedUntil, undefined);
  house.clock.advance(lockTime);
  assert.equal((await house.signIn('ann', 'right')).outcome, 'main');
  assert.deepEqual(
    house.doorkeeper.worries().filter((one) => one.account === 'ann'),
    [],
  );
});

test('a name that nobody has locks in the same way', async () => {
  const house = await annsHouse();
  for (let i = 0; i < failuresBeforeLock; i++) await house.signIn('bob', `wrong ${i}`);
  assert.equal((await house.signIn('bob', 'wrong')).outcome, 'locked');
});

test('a phone with an old password locks nobody, and says so in status', async () => {
  const house = await annsHouse();
  for (let i = 0; i < 40; i++) assert.equal((await house.signIn('ann', 'old')).outcome, 'password');
  assert.equal((await house.signIn('ann', 'right')).outcome, 'main');
});

test('an app password last used from there opens a locked door, the main one does not', async () => {
  const house = await annsHouse();
  const { password } = good(await house.household.addPassword('ann', 'phone'));
  const other = good(await house.household.addPassword('ann', 'tablet'));
  assert.equal((await house.signIn('ann', password)).outcome, 'phone');
  for (let i = 0; i < failuresBeforeLock; i++) await house.signIn('ann', `wrong ${i}`);
  assert.equal((await house.signIn('ann', 'right')).outcome, 'locked');
  assert.equal((await house.signIn('ann', other.password)).outcome, 'locked');
  assert.equal((await house.signIn('ann', password)).outcome, 'phone');
});

test('an app password that comes in does not lift the lock for whoever guesses beside it', async () => {
  const house = await annsHouse();
  const { password } = good(await house.household.addPassword('ann', 'phone'));
  for (let i = 0; i < failuresBeforeLock; i++) {
    assert.equal((await house.signIn('ann', password)).outcome, 'phone');
    assert.equal((await house.signIn('ann', `wrong ${i}`)).outcome, 'password');
  }
  assert.equal((await house.signIn('ann', password)).outcome, 'phone');
  assert.equal((await house.signIn('ann', 'wrong again')).outcome, 'locked');
  const [worry] = house.doorkeeper.worries();
  assert.equal(worry?.say, "Ann's password is being tried wrongly from 192.168.1.23");
});

test('slips of a name that lives here are not told as names that nobody has', async () => {
  const house = await annsHouse();
  for (let i = 0; i < 2 * failuresBeforeLock; i++) {
    await house.signIn('ann', `slip ${i}`);
    assert.equal((await house.signIn('ann', 'right')).outcome, 'main');
  }
  assert.deepEqual(house.doorkeeper.worries(), []);
});

test('SCRAM is held to the same rules', async () => {
  const house = await annsHouse();
  const done = (password: string | undefined) =>
    house.doorkeeper.scramDone('ann', password, context());
  assert.deepEqual(good(await done('main')).login, 'ann');
  for (let i = 0; i < failuresBeforeLock; i++) {
    const answer = done(undefined);
    house.clock.advance(8000);
    refused(await answer, 'password');
  }
  refused(await done('main'), 'locked');
  refused(await done(undefined), 'locked');
});

test('many logins from one address are slowed, never locked', async () => {
  const house = await annsHouse();
  let held = 0;
  for (let i = 0; i < 120; i++) {
    const answer = await house.signIn(`guess${i}`, 'secret', '2001:db8::1');
    assert.equal(answer.outcome, 'password');
    held = answer.held;
  }
  assert.equal(held, 8000);
  assert.equal((await house.signIn('ann', 'right', '2001:db8::2')).outcome, 'main');
  const worry = house.doorkeeper.worries().find((one) => one.account === undefined);
  assert.equal(
    worry?.say,
    'Names that nobody here has were tried 120 times from 2001:db8:0:0::/64',
  );
  assert.equal(worry?.lockedUntil, undefined);
});

test('a lock survives a restart and is lifted by one call', async () => {
  const house = await annsHouse();
  for (let i = 0; i < failuresBeforeLock; i++) await house.signIn('ann', `wrong ${i}`);
  await house.doorkeeper.stop();
  const again = await house.restarted();
  assert.equal((await again.signIn('ann', 'right')).outcome, 'locked');
  assert.equal(again.doorkeeper.unlock('Ann'), 1);
  assert.equal((await again.signIn('ann', 'right')).outcome, 'main');
  await again.doorkeeper.stop();
  const third = await again.restarted();
  assert.equal((await third.signIn('ann', 'right')).outcome, 'main');
});

test('a password revoked while its keys are derived does not come in', async () => {
  const house = await annsHouse();
  const { password } = good(await house.household.addPassword('ann', 'phone'));
  const answer = house.doorkeeper.withPassword('ann', password, context());
  good(await house.household.revokePassword('ann', 'phone'));
  refused(await answer, 'password');
});
