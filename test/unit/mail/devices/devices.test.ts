/* Who may send from where without a password, and as whom: the real household, kept in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress } from '#mail/address';
import { type Device, Devices, type NewDevice } from '#mail/devices/devices';
import { MemoryDeviceRecords } from '#mail/devices/memory/memory-device-records';
import { placeOf } from '#net/peer';
import { AccountsHouse, at, good, refused, settings } from '../accounts/house.ts';

const scanner: NewDevice = {
  name: 'scanner',
  address: '192.168.1.40',
  account: 'ann',
  oldTls: false,
};

async function stage() {
  const house = new AccountsHouse();
  await house.household.start();
  good(await house.household.addAccount('ann', 'tuna'));
  good(await house.household.addAccount('bob', 'tuna'));
  const records = new MemoryDeviceRecords();
  const { household, clock } = house;
  const open = async () => {
    const devices = new Devices({ records, household, clock, placeOf });
    await devices.start();
    return devices;
  };
  return { household, clock, devices: await open(), open };
}

/** The device at this address, which must be there. */
function found(devices: Devices, address: string): Device {
  const device = devices.at(address);
  assert.ok(device, address);
  return device;
}

function senderAt(devices: Devices, address: string): string {
  return formatAddress(found(devices, address).sender);
}

test('a device is known by its address alone, also after a restart', async () => {
  const { devices, open } = await stage();
  const { device, newAddress } = good(await devices.add({ ...scanner, name: 'Scanner' }));
  assert.deepEqual(device, {
    name: 'scanner',
    address: '192.168.1.40',
    account: 'ann',
    from: 'ann@restante.local',
    oldTls: false,
    perHour: 100,
    sentThisHour: 0,
  });
  assert.equal(newAddress, false);
  for (const one of [devices, await open()]) {
    assert.equal(one.at('192.168.1.40')?.name, 'scanner');
    assert.equal(one.at('192.168.1.41'), undefined);
  }
  good(await devices.remove('SCANNER'));
  assert.equal(devices.at('192.168.1.40'), undefined);
  assert.equal((await open()).at('192.168.1.40'), undefined);
  assert.equal(refused(await devices.remove('scanner'), 'unknown'), 'There is no device scanner');
});

test('an address has one spelling', async () => {
  const rows = [
    ['FD00:0:0::0:1', 'fd00::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:192.168.1.4', '192.168.1.4'],
    [' 127.0.0.2 ', '127.0.0.2'],
  ];
  for (const [given = '', known = ''] of rows) {
    const { devices } = await stage();
    good(await devices.add({ ...scanner, address: given }));
    assert.ok(devices.at(known), given);
  }
});

test('only addresses of the home network', async () => {
  const { devices } = await stage();
  for (const address of ['192.0.2.7', '8.8.8.8', '2001:db8::1', '100.64.0.1', '0.0.0.0', '::']) {
    const say = refused(await devices.add({ ...scanner, address }), 'not-local');
    assert.match(say, /is not an address of the home network/);
  }
  for (const address of ['scanner.local', '', '192.168.1', '192.168.1.40/24']) {
    assert.match(
      refused(await devices.add({ ...scanner, address }), 'bad-address'),
      /is not an IP address/,
    );
  }
  assert.deepEqual(devices.list(), []);
});

test('names, accounts and limits that cannot be are refused in words', async () => {
  const { devices } = await stage();
  for (const name of ['', 'Büro', 'hall scanner', 'a'.repeat(33), '-a', 'a)\r\nX: y']) {
    refused(await devices.add({ ...scanner, name }), 'bad-name');
  }
  for (const perHour of [0, -1, 1.5, Number.NaN, 10_001]) {
    refused(await devices.add({ ...scanner, perHour }), 'bad-limit');
  }
  refused(await devices.add({ ...scanner, account: 'eve' }), 'unknown');
  good(await devices.add(scanner));
  refused(await devices.add({ ...scanner, address: '192.168.1.41' }), 'taken');
  assert.match(
    refused(await devices.add({ ...scanner, name: 'other' }), 'taken'),
    /The device scanner has the address 192\.168\.1\.40 already/,
  );
});

test('two of the same at the same moment: one of them', async () => {
  const { devices } = await stage();
  const both = await Promise.all([devices.add(scanner), devices.add(scanner)]);
  assert.deepEqual(
    both.map(({ ok }) => ok),
    [true, false],
  );
});

test('without --from the sender is the account itself, and follows the domain', async () => {
  const { devices, household } = await stage();
  good(await devices.add(scanner));
  household.useSettings({ ...settings, domains: ['example.org'] });
  assert.equal(senderAt(devices, '192.168.1.40'), 'ann@example.org');
  assert.equal(devices.refusal(found(devices, '192.168.1.40')), undefined);
});

test('--from is an address of the account, or becomes one when nobody has it', async () => {
  const { devices, household } = await stage();
  const from = 'scanner@restante.local';
  assert.equal(household.route(at(from)).kind, 'unknown');
  assert.equal(good(await devices.add({ ...scanner, from })).newAddress, true);
  assert.equal(senderAt(devices, '192.168.1.40'), from);
  const route = household.route(at(from));
  assert.ok(route.kind === 'local' && route.inboxes.length === 1, 'bounces reach ann');
  const byAddress = { ...scanner, account: 'ann@restante.local', from: 'nas@restante.local' };
  good(await devices.add({ ...byAddress, name: 'nas', address: '10.0.0.3' }));
  assert.equal(senderAt(devices, '10.0.0.3'), 'nas@restante.local');

  const plus = { ...scanner, name: 'b', address: '10.0.0.1', from: 'ann+scan@restante.local' };
  assert.equal(good(await devices.add(plus)).newAddress, false);
  good(await household.addAddress('ann', 'ann@gmail.example', 'outside'));
  const outside = { ...scanner, name: 'c', address: '10.0.0.2', from: 'ann@gmail.example' };
  assert.equal(good(await devices.add(outside)).newAddress, false);
});

test('--from is never somebody else', async () => {
  const { devices, household } = await stage();
  const add = (from: string) => devices.add({ ...scanner, from });
  assert.match(
    refused(await add('bob@restante.local'), 'not-your-address'),
    /^bob@restante\.local is an address of bob/,
  );
  good(await household.addAddress('bob', 'info@restante.local', 'local'));
  refused(await add('info@restante.local'), 'not-your-address');
  assert.match(refused(await add('x@elsewhere.example'), 'not-your-address'), /--outside$/);
  refused(await add('scanner'), 'bad-address');
  assert.equal(devices.at('192.168.1.40'), undefined);
});

test('an address taken from the account stops the device, in words', async () => {
  const { devices, household } = await stage();
  good(await devices.add({ ...scanner, from: 'scanner@restante.local' }));
  const device = found(devices, '192.168.1.40');
  assert.equal(devices.refusal(device), undefined);
  good(await household.removeAddress('scanner@restante.local', 'ann'));
  const refusal = devices.refusal(device);
  assert.equal(refusal?.code, 'not-your-address');
  assert.match(refusal?.say ?? '', /which its account may not use any more/);
});

test('a device that is removed in the middle of a session may not go on', async () => {
  const { devices } = await stage();
  good(await devices.add(scanner));
  const device = found(devices, '192.168.1.40');
  devices.sends(device);
  good(await devices.remove('scanner'));
  assert.equal(devices.refusal(device)?.code, 'sign-in-first');
});

test('an account that is removed takes its devices with it', async () => {
  const { devices, household } = await stage();
  good(await devices.add({ ...scanner, oldTls: true }));
  devices.sends(found(devices, '192.168.1.40'));
  good(await household.removeAccount('ann'));
  assert.equal(devices.at('192.168.1.40'), undefined);
  assert.equal(devices.allowsOldTls('192.168.1.40'), false);
  assert.deepEqual(devices.list(), []);
  // Its name and address are free again, and its hour is forgotten.
  const anew = good(await devices.add({ ...scanner, account: 'bob' }));
  assert.equal(anew.device.sentThisHour, 0);
});

test('each device has its own hour', async () => {
  const { devices, clock } = await stage();
  good(await devices.add({ ...scanner, perHour: 2 }));
  good(await devices.add({ ...scanner, name: 'other', address: '192.168.1.41' }));
  const [one, other] = [found(devices, '192.168.1.40'), found(devices, '192.168.1.41')];
  devices.sends(one);
  clock.advance(10 * 60_000);
  devices.sends(one);
  assert.deepEqual(
    devices.list().map(({ name, sentThisHour }) => [name, sentThisHour]),
    [
      ['other', 0],
      ['scanner', 2],
    ],
  );
  assert.deepEqual(devices.refusal(one), {
    kind: 'refusal',
    code: 'too-many',
    say: 'The device scanner may send 2 messages an hour; try again in 50 minutes',
  });
  assert.equal(devices.refusal(other), undefined);
  clock.advance(50 * 60_000);
  assert.equal(devices.refusal(one), undefined);
});

test('old TLS is for the device that was given it', async () => {
  const { devices } = await stage();
  assert.equal(devices.anyOldTls(), false);
  good(await devices.add({ ...scanner, oldTls: true }));
  assert.equal(devices.anyOldTls(), true);
  good(await devices.add({ ...scanner, name: 'other', address: '192.168.1.41' }));
  const allowed = ['192.168.1.40', '192.168.1.41', '192.168.1.42'].map((address) =>
    devices.allowsOldTls(address),
  );
  assert.deepEqual(allowed, [true, false, false]);
  good(await devices.remove('scanner'));
  assert.equal(devices.anyOldTls(), false);
});
