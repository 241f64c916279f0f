/* Whose an address is, and what changes are allowed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trouble } from '#base/result';
import { Seal } from '#base/seal';
import type { AddressKind } from '#mail/accounts/records';
import { type Address, formatAddress } from '#mail/address';
import { AccountsHouse, at, good, refused, settings } from './house.ts';

/** ann (first), bob, carl; info@ leads to ann and bob, help@ to carl; ann has an address outside. */
async function family(): Promise<AccountsHouse> {
  const house = new AccountsHouse();
  const { household } = house;
  for (const name of ['ann', 'bob', 'carl']) good(await household.addAccount(name, `${name} pass`));
  const rows: [string, string, AddressKind][] = [
    ['ann', 'info@restante.local', 'local'],
    ['bob', 'info@restante.local', 'local'],
    ['carl', 'help@restante.local', 'local'],
    ['carl', 'lists+go@restante.local', 'local'],
    ['ann', 'ann@gmail.example', 'outside'],
    ['bob', 'old@restante.local', 'outside'],
  ];
  for (const row of rows) good(await household.addAddress(...row));
  return house;
}

function names(house: AccountsHouse, address: Address): string {
  const route = house.household.route(address);
  if (route.kind !== 'local') return route.kind;
  const all = house.household.list();
  return route.inboxes
    .map(({ account, inbox }) => {
      assert.equal(house.household.inbox(account), inbox);
      return all.find((one) => one.id === account)?.name;
    })
    .join(' ');
}

/** where mail to an address goes */
const routes: [Address, string][] = [
  [at('ann@restante.local'), 'ann'],
  [at('ANN@Restante.LOCAL'), 'ann'],
  [at('"ann"@restante.local'), 'ann'],
  [at('ann@bücher.example'), 'ann'],
  [at('ann@xn--bcher-kva.example'), 'ann'],
  [at('ann+list@restante.local'), 'ann'],
  [at('ann+a+b@restante.local'), 'ann'],
  [at('info@restante.local'), 'ann bob'],
  [at('info+x@restante.local'), 'ann bob'],
  [at('lists+go@restante.local'), 'carl'],
  [at('lists+other@restante.local'), 'unknown'],
  [at('+ann@restante.local'), 'unknown'],
  [at('info@bücher.example'), 'unknown'],
  [at('dora@restante.local'), 'unknown'],
  [at('postmaster@restante.local'), 'ann'],
  [at('Abuse@bücher.example'), 'ann'],
  [{ local: 'Postmaster', domain: '' }, 'ann'],
  [{ local: 'ann', domain: '' }, 'ann'],
  [at('ann@gmail.example'), 'outside'],
  [at('ann+x@gmail.example'), 'outside'],
  [at('old@restante.local'), 'outside'],
  [at('postmaster@gmail.example'), 'outside'],
  [at('ann@[192.168.1.1]'), 'outside'],
];

test('mail goes where its address leads', async () => {
  const house = await family();
  for (const [address, wanted] of routes) {
    assert.equal(names(house, address), wanted, formatAddress(address));
  }
});

test('nobody lives here yet: even the postmaster is unknown', () => {
  const house = new AccountsHouse();
  assert.equal(names(house, at('postmaster@restante.local')), 'unknown');
  assert.equal(names(house, { local: 'postmaster', domain: '' }), 'unknown');
});

test('postmaster and abuse go elsewhere when told so, and to the next when the first leaves', async () => {
  const house = await family();
  good(await house.household.addAddress('bob', 'postmaster@restante.local', 'local'));
  assert.equal(names(house, { local: 'postmaster', domain: '' }), 'bob');
  assert.equal(names(house, at('abuse@restante.local')), 'ann');
  good(await house.household.removeAccount('ann'));
  assert.equal(names(house, at('abuse@restante.local')), 'bob');
  assert.equal(names(house, at('ann@restante.local')), 'unknown');
  assert.equal(names(house, at('info@restante.local')), 'bob');
});

test('settings change at once: domains and catch-all', async () => {
  const house = await family();
  house.household.useSettings({ ...settings, domains: ['new.example'], catchAll: 'Carl' });
  assert.equal(names(house, at('ann@new.example')), 'ann');
  assert.equal(names(house, at('ann@restante.local')), 'outside');
  assert.equal(names(house, at('info@restante.local')), 'outside');
  assert.equal(names(house, at('whoever@new.example')), 'carl');
  house.household.useSettings({ ...settings, catchAll: 'nobody' });
  assert.equal(names(house, at('whoever@restante.local')), 'unknown');
});

test('whom an account may write as', async () => {
  const house = await family();
  house.household.useSettings({ ...settings, catchAll: 'carl' });
  const id = (name: string) => {
    const view = house.household.list().find((one) => one.name === name);
    assert.ok(view);
    return view.id;
  };
  const rows: [string, string, boolean][] = [
    ['ann', 'ann@restante.local', true],
    ['ann', 'Ann+shop@bücher.example', true],
    ['ann', 'info@restante.local', true],
    ['bob', 'info@restante.local', true],
    ['carl', 'info@restante.local', false],
    ['ann', 'ann@gmail.example', true],
    ['bob', 'ann@gmail.example', false],
    ['bob', 'old@restante.local', true],
    ['ann', 'bob@restante.local', false],
    ['ann', 'postmaster@restante.local', true],
    ['carl', 'whoever@restante.local', false],
    ['ann', 'ann@elsewhere.example', false],
  ];
  for (const [name, address, wanted] of rows) {
    assert.equal(house.household.maySendAs(id(name), at(address)), wanted, `${name} ${address}`);
  }
});

test('what cannot be an account is refused in words', async () => {
  const { household } = await family();
  const rows: [string, string, RegExp][] = [
    ['', 'bad-name', /needs a name/],
    ['ann@restante.local', 'bad-name', /before the @/],
    ['ann+x', 'bad-name', /\+/],
    ['ann lee', 'bad-name', /letters, digits/],
    ['.ann', 'bad-name', /begins and ends/],
    ['a..b', 'bad-name', /stand alone/],
    ['a'.repeat(33), 'bad-name', /at most 32/],
    ['ANN', 'taken', /already/],
    ['Info', 'taken', /address of ann/],
    ['old', 'taken', /address of bob/],
  ];
  for (const [name, code, say] of rows) {
    assert.match(refused(await household.addAccount(name, 'secret'), code), say, name);
  }
  assert.match(refused(await household.addAccount('dora', ''), 'bad-password'), /empty/);
  assert.match(refused(await household.addAccount('dora', 'a\nb'), 'bad-password'), /control/);
  assert.equal(good(await household.addAccount('Jürgen', 'secret')).name, 'jürgen');
});

test('what cannot be an address is refused in words', async () => {
  const { household } = await family();
  const rows: [string, string, AddressKind, string, RegExp][] = [
    ['dora', 'x@restante.local', 'local', 'unknown', /no account dora/],
    ['ann', 'ann.lee', 'local', 'bad-address', /write all of it/],
    ['ann', 'ann@gmail.com', 'local', 'not-local', /--outside/],
    ['ann', 'bob@restante.local', 'local', 'taken', /bob's own/],
    ['ann', 'Bob@restante.local', 'outside', 'taken', /bob's own/],
    ['ann', 'INFO@restante.local', 'local', 'taken', /already/],
    ['ann', 'old@restante.local', 'local', 'taken', /outside/],
    ['carl', 'info@restante.local', 'outside', 'taken', /local/],
  ];
  for (const [name, text, kind, code, say] of rows) {
    assert.match(refused(await household.addAddress(name, text, kind), code), say, text);
  }
  assert.match(refused(await household.removeAddress('no@a.example'), 'unknown'), /not added/);
  assert.match(refused(await household.removeAddress('ann@restante.local'), 'unknown'), /own/);
});

test('an address is taken from one account or from all', async () => {
  const house = await family();
  good(await house.household.removeAddress('INFO@restante.local', 'ann'));
  assert.equal(names(house, at('info@restante.local')), 'bob');
  refused(await house.household.removeAddress('info@restante.local', 'ann'), 'unknown');
  good(await house.household.removeAddress('info@restante.local'));
  assert.equal(names(house, at('info@restante.local')), 'unknown');
});

test('two accounts of one name at the same moment: one is made', async () => {
  const { household } = new AccountsHouse();
  const both = await Promise.all([
    household.addAccount('ann', 'one'),
    household.addAccount('Ann', 'two'),
  ]);
  assert.deepEqual(
    both.map((one) => one.ok),
    [true, false],
  );
  assert.equal(household.list().length, 1);
});

test('everything is there again after a restart', async () => {
  const house = await family();
  good(await house.household.addPassword('ann', "Ann's iPad"));
  const again = await house.restarted();
  assert.deepEqual(again.household.list(), house.household.list());
  for (const [address, wanted] of routes) assert.equal(names(again, address), wanted);
});

test('a change that does not reach the disk does not happen', async () => {
  const house = await family();
  const full = trouble('full', 'The disk is full', 'SQLITE_FULL');
  house.records.putPassword = async () => ({ ok: false, error: full });
  house.records.changeAddresses = async () => ({ ok: false, error: full });
  house.records.removeAccount = async () => ({ ok: false, error: full });
  house.records.addAccount = async () => ({ ok: false, error: full });
  const before = house.household.list();
  refused(await house.household.setPassword('ann', 'new'), 'full');
  refused(await house.household.addPassword('ann', 'phone'), 'full');
  refused(await house.household.addAddress('ann', 'x@restante.local', 'local'), 'full');
  refused(await house.household.removeAddress('info@restante.local'), 'full');
  refused(await house.household.removeAccount('ann'), 'full');
  refused(await house.household.addAccount('dora', 'secret'), 'full');
  assert.deepEqual(house.household.list(), before);
  assert.equal((await house.signIn('ann', 'ann pass')).outcome, 'main');
});

test('with another device key the passwords are shown as unusable, the rest works', async () => {
  const house = await family();
  const moved = await house.restarted(new Seal(Buffer.alloc(32, 9)));
  assert.equal(moved.household.list()[0]?.passwords[0]?.usable, false);
  assert.equal((await moved.signIn('ann', 'ann pass')).outcome, 'password');
  good(await moved.household.setPassword('ann', 'new pass'));
  assert.equal((await moved.signIn('ann', 'new pass')).outcome, 'main');
});
