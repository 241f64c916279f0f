/* Forwarding aliases, and the outside address that an account is known by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trouble } from '#base/result';
import { type Address, formatAddress, isAmong } from '#mail/address';
import { AccountsHouse, at, good, refused, settings } from './house.ts';

/** ann (first) and bob, both at info@; holidays@ and ann+work@ are only forwarded by ann. */
async function family(): Promise<AccountsHouse> {
  const house = new AccountsHouse();
  const { household } = house;
  for (const name of ['ann', 'bob']) good(await household.addAccount(name, `${name} pass`));
  good(await household.addAddress('bob', 'info@restante.local', 'local'));
  good(await household.addAddress('ann', 'ann@gmail.example', 'outside', true));
  good(await household.addAddress('bob', 'old@restante.local', 'outside'));
  for (const [name, text, target] of [
    ['ann', 'holidays@restante.local', 'Ann@work.example'],
    ['ann', 'holidays@restante.local', 'bob@club.example'],
    ['bob', 'holidays@restante.local', 'bob@club.example'],
    ['ann', 'ann@restante.local', 'ann@work.example'],
    ['ann', 'ann+work@restante.local', 'boss@work.example'],
    ['ann', 'info@restante.local', 'old@restante.local'],
    ['bob', 'postmaster@restante.local', 'bob@club.example'],
  ] as const) {
    good(await household.addForward(name, text, target));
  }
  return house;
}

/** 'ann bob > ann:x@y.example': the inboxes, and who forwards where. */
function leads({ household }: AccountsHouse, address: Address): string {
  const route = household.route(address);
  if (route.kind !== 'local') return route.kind;
  const nameOf = (account: unknown) => household.list().find(({ id }) => id === account)?.name;
  const inboxes = route.inboxes.map(({ account }) => nameOf(account));
  const copies = route.forwards.map(({ account, to }) => `${nameOf(account)}:${formatAddress(to)}`);
  return [...inboxes, ...(copies.length === 0 ? [] : ['>', ...copies])].join(' ');
}

function idOf({ household }: AccountsHouse, name: string) {
  const resident = household.byLogin(name);
  assert.ok(resident, name);
  return resident.record.id;
}

const holidays = '> ann:Ann@work.example ann:bob@club.example bob:bob@club.example';
const routes: [string, string][] = [
  ['holidays@restante.local', holidays],
  ['HOLIDAYS+Sea@restante.local', holidays],
  ['ann@restante.local', 'ann > ann:ann@work.example'],
  ['ann+shop@restante.local', 'ann > ann:ann@work.example'],
  ['ann+work@restante.local', 'ann > ann:boss@work.example'],
  ['ann@bücher.example', 'ann'],
  ['info@restante.local', 'bob > ann:old@restante.local'],
  ['postmaster@restante.local', 'ann > bob:bob@club.example'],
  ['abuse@restante.local', 'ann'],
  ['holidays@bücher.example', 'unknown'],
  ['ann@gmail.example', 'outside'],
];

test('a forwarded address leads outside, and to the inboxes of who has it besides', async () => {
  const house = await family();
  for (const [address, wanted] of routes) assert.equal(leads(house, at(address)), wanted, address);
  assert.equal(leads(house, { local: 'Postmaster', domain: '' }), 'ann > bob:bob@club.example');
  house.household.useSettings({ ...settings, catchAll: 'bob' });
  assert.equal(leads(house, at('holidays@restante.local')), holidays);
  assert.equal(leads(house, at('whoever@restante.local')), 'bob');
});

test('forwards and names are there again after a restart', async () => {
  const house = await family();
  const again = await house.restarted();
  assert.deepEqual(again.household.list(), house.household.list());
  for (const [address, wanted] of routes) assert.equal(leads(again, at(address)), wanted);
  assert.deepEqual(again.household.knownAs(idOf(again, 'ann')), at('ann@gmail.example'));
});

test('who keeps no copy of an address can have one', async () => {
  const house = await family();
  good(await house.household.addAddress('bob', 'holidays@restante.local', 'local'));
  assert.equal(leads(house, at('holidays@restante.local')), `bob ${holidays}`);
});

test('what was elsewhere becomes an address of this house: it is kept by who forwards to it', async () => {
  const house = await family();
  house.household.useSettings({ ...settings, domains: ['restante.local', 'club.example'] });
  assert.equal(leads(house, at('holidays@restante.local')), 'ann bob > ann:Ann@work.example');
});

test('a forwarded address stops being one', async () => {
  const house = await family();
  const { household } = house;
  const at1 = 'holidays@restante.local';
  good(await household.removeAddress(at1, 'ann', 'ANN@work.example'));
  assert.equal(leads(house, at(at1)), '> ann:bob@club.example bob:bob@club.example');
  refused(await household.removeAddress(at1, 'ann', 'ann@work.example'), 'unknown');
  good(await household.removeAddress(at1, 'ann'));
  assert.equal(leads(house, at(at1)), '> bob:bob@club.example');
  good(await household.removeAddress(at1));
  assert.equal(leads(house, at(at1)), 'unknown');
  good(await household.removeAddress('ann@restante.local', 'ann'));
  assert.equal(leads(house, at('ann@restante.local')), 'ann');
  const again = await house.restarted();
  assert.deepEqual(again.household.list(), household.list());
  good(await household.removeAccount('ann'));
  assert.equal(leads(house, at('info@restante.local')), 'bob');
  assert.equal(leads(house, at('ann+work@restante.local')), 'unknown');
});

test('what is not forwarded, in words', async () => {
  const { household } = await family();
  const holiday = 'holidays@restante.local';
  const rows: [string, string, string, string, RegExp][] = [
    ['dora', holiday, 'x@y.example', 'unknown', /no account dora/],
    ['ann', 'holidays', 'x@y.example', 'bad-address', /"holidays" is not/],
    ['ann', holiday, 'x', 'bad-address', /"x" is not/],
    ['ann', 'ann@gmail.example', 'x@y.example', 'not-local', /not among mail.domains/],
    ['bob', 'ann@restante.local', 'x@y.example', 'taken', /only ann forwards it/],
    ['ann', 'old@restante.local', 'x@y.example', 'taken', /goes out/],
    ['ann', holiday, 'ann@WORK.example', 'taken', /forwards .* already/],
    ['ann', holiday, 'bob@restante.local', 'not-outside', /address add bob holidays@/],
    ['ann', holiday, 'bob+x@bücher.example', 'not-outside', /address add bob holidays@/],
    ['bob', 'new@restante.local', holiday, 'not-outside', /to Ann@work.example instead/],
    ['bob', holiday, holiday, 'not-outside', /instead/],
    ['ann', holiday, 'nobody@restante.local', 'not-outside', /nobody here has it/],
  ];
  for (const [name, text, target, code, say] of rows) {
    const answer = await household.addForward(name, text, target);
    assert.match(refused(answer, code), say, `${text} to ${target}`);
  }
  for (let count = 2; count < 16; count++) {
    good(await household.addForward('ann', holiday, `x${count}@y.example`));
  }
  const full = await household.addForward('ann', holiday, 'x16@y.example');
  assert.match(refused(full, 'taken'), /at most 16/);
});

test('a forwarded address is taken: as a name, and as an address elsewhere', async () => {
  const { household } = await family();
  const say = refused(await household.addAccount('holidays', 'secret'), 'taken');
  assert.match(say, /address of ann/);
  const outside = await household.addAddress('bob', 'Holidays@restante.local', 'outside');
  assert.match(refused(outside, 'taken'), /forwarded/);
});

test('who forwards an address may send as it, and sign in by it while alone', async () => {
  const house = await family();
  const { household } = house;
  const [ann, bob] = [idOf(house, 'ann'), idOf(house, 'bob')];
  const rows: [typeof ann, string, boolean][] = [
    [ann, 'holidays@restante.local', true],
    [bob, 'holidays+sea@restante.local', true],
    [bob, 'ann+work@restante.local', false],
    [ann, 'info@restante.local', true],
    [ann, 'ann@work.example', false],
    [bob, 'postmaster@restante.local', true],
    [ann, 'postmaster@restante.local', true],
  ];
  for (const [account, address, may] of rows) {
    assert.equal(household.maySendAs(account, at(address)), may, `${account} ${address}`);
  }
  assert.equal(household.byLogin('holidays@restante.local'), undefined);
  good(await household.removeAddress('holidays@restante.local', 'bob'));
  assert.equal(household.byLogin('holidays@restante.local')?.record.name, 'ann');
});

test('an account is known by an outside address of its own, in words', async () => {
  const house = await family();
  const { household } = house;
  const [ann, bob] = [idOf(house, 'ann'), idOf(house, 'bob')];
  const known = () => [ann, bob].map((id) => household.knownAs(id)).map((one) => one?.domain);
  assert.deepEqual(known(), ['gmail.example', undefined]);
  const rows: [string, string, string, RegExp][] = [
    ['bob', 'ann@gmail.example', 'unknown', /address add bob ann@gmail.example --outside/],
    ['ann', 'ann@restante.local', 'not-outside', /of this house/],
    ['bob', 'info@restante.local', 'not-outside', /of this house/],
    ['ann', 'ann', 'bad-address', /not a mail address/],
  ];
  for (const [name, text, code, say] of rows) {
    assert.match(refused(await household.setKnownAs(name, text), code), say, text);
  }
  const home = await household.addAddress('bob', 'x@restante.local', 'local', true);
  assert.match(refused(home, 'not-outside'), /of this house/);
  good(await household.addAddress('ann', 'Ann@Icloud.example', 'outside'));
  good(await household.setKnownAs('ann', 'ann@ICLOUD.example'));
  good(await household.setKnownAs('bob', 'old@restante.local'));
  assert.deepEqual(known(), ['icloud.example', 'restante.local']);
  good(await household.removeAddress('ann@gmail.example', 'ann'));
  assert.deepEqual(known(), ['icloud.example', 'restante.local']);
  good(await household.removeAddress('ann@icloud.example'));
  good(await household.setKnownAs('bob', undefined));
  good(await household.setKnownAs('bob', undefined));
  assert.deepEqual(known(), [undefined, undefined]);
  const again = await house.restarted();
  assert.deepEqual(again.household.list(), household.list());
  assert.equal(again.household.knownAs(ann), undefined);
});

test('the addresses that are an account’s own in this house', async () => {
  const house = await family();
  const { household } = house;
  const [ann, bob] = [idOf(house, 'ann'), idOf(house, 'bob')];
  assert.deepEqual(household.homeAddress(ann), at('ann@restante.local'));
  assert.deepEqual([...household.ownLocal(ann)].sort(), [
    'abuse@restante.local',
    'abuse@xn--bcher-kva.example',
    'ann+work@restante.local',
    'ann@restante.local',
    'ann@xn--bcher-kva.example',
    'holidays@restante.local',
    'info@restante.local',
    'postmaster@restante.local',
    'postmaster@xn--bcher-kva.example',
  ]);
  const own = household.ownLocal(bob);
  const rows: [string, boolean][] = [
    ['BOB@restante.local', true],
    ['bob+list@bücher.example', true],
    ['info@restante.local', true],
    ['old@restante.local', false],
    ['ann@restante.local', false],
  ];
  for (const [text, is] of rows) assert.equal(isAmong(own, at(text)), is, text);
  good(await household.removeAccount('bob'));
  assert.equal(household.homeAddress(bob), undefined);
  assert.deepEqual(household.ownLocal(bob), []);
});

test('addresses as they are shown', async () => {
  const { household } = await family();
  const [ann, bob] = household.list();
  assert.deepEqual(ann?.addresses, [
    { address: 'ann@restante.local', kind: 'local', forwardTo: ['ann@work.example'] },
    { address: 'ann@bücher.example', kind: 'local' },
    { address: 'ann@gmail.example', kind: 'outside', knownAs: true },
    {
      address: 'holidays@restante.local',
      kind: 'forward',
      forwardTo: ['Ann@work.example', 'bob@club.example'],
    },
    { address: 'ann+work@restante.local', kind: 'local', forwardTo: ['boss@work.example'] },
    { address: 'info@restante.local', kind: 'forward', forwardTo: ['old@restante.local'] },
  ]);
  assert.deepEqual(bob?.addresses.slice(2), [
    { address: 'info@restante.local', kind: 'local' },
    { address: 'old@restante.local', kind: 'outside' },
    { address: 'holidays@restante.local', kind: 'forward', forwardTo: ['bob@club.example'] },
    { address: 'postmaster@restante.local', kind: 'forward', forwardTo: ['bob@club.example'] },
  ]);
});

test('a forward or a name that does not reach the disk does not happen', async () => {
  const house = await family();
  const { household } = house;
  const full = trouble('full', 'The disk is full', 'SQLITE_FULL');
  house.records.changeAddresses = async () => ({ ok: false, error: full });
  const before = household.list();
  refused(await household.addForward('ann', 'new@restante.local', 'x@y.example'), 'full');
  refused(await household.setKnownAs('ann', undefined), 'full');
  refused(await household.removeAddress('holidays@restante.local'), 'full');
  assert.deepEqual(household.list(), before);
});
