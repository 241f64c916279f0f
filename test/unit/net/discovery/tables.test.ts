/*
 * What the box is called on its networks, which networks those are, and what is believed of them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calledAs } from '#net/discovery/called';
import { isOpen, nearTo, placesOf } from '#net/discovery/places';
import { infoOf } from '../../../support/small-network.ts';

const names: readonly [string, number, string, string][] = [
  ['restante.local', 1, 'restante.local', 'Restante'],
  ['restante.local', 2, 'restante-2.local', 'Restante 2'],
  ['Attic.local', 1, 'attic.local', 'attic'],
  ['attic.local.', 3, 'attic-3.local', 'attic 3'],
  ['mail.example.org', 1, 'mail.local', 'mail'],
  ['box.attic.local', 1, 'box.attic.local', 'box'],
  ['localhost', 1, 'restante.local', 'Restante'],
  ['local', 1, 'local.local', 'local'],
  ['bücher.local', 1, 'xn--bcher-kva.local', 'xn--bcher-kva'],
  [`${'a'.repeat(63)}.local`, 12, `${'a'.repeat(60)}-12.local`, `${'a'.repeat(60)} 12`],
];
for (const [hostName, turn, text, instance] of names) {
  test(`${hostName}, turn ${turn}, is called ${text}`, () => {
    const called = calledAs(hostName, turn);
    assert.deepEqual([called.text, called.instance], [text, instance]);
  });
}

const lo = infoOf('127.0.0.1', { internal: true, cidr: '127.0.0.1/8' });
const eth = infoOf('192.168.1.5');
const link = infoOf('fe80::1', {
  ...{ family: 'IPv6', scopeid: 2, netmask: 'ffff:ffff:ffff:ffff::', cidr: 'fe80::1/64' },
});
const tunnel = infoOf('10.8.0.2', { netmask: '255.255.255.255', cidr: '10.8.0.2/32' });
const interfaces = { lo: [lo], eth0: [eth, link], tun0: [tunnel] };

test('a service stands where it listens: on all addresses', () => {
  const places = placesOf(interfaces, [
    { name: 'pop3s', address: '0.0.0.0', port: 995 },
    { name: 'imaps', address: '::', port: 993 },
    { name: 'submission', address: '127.0.0.1', port: 587 },
    { name: 'web', address: '0.0.0.0', port: 0 },
  ]);
  assert.deepEqual(places, [
    {
      ...{ interface: 'eth0', addresses: ['192.168.1.5', 'fe80::1'] },
      ...{ ipv4: '192.168.1.5', ipv6: true, networks: ['192.168.1.5/24', 'fe80::1/64'] },
      services: [
        { type: 'imaps', port: 993, texts: ['txtvers=1', 'product=Restante'] },
        { type: 'pop3s', port: 995, texts: ['txtvers=1', 'product=Restante'] },
      ],
    },
  ]);
});

test('a service stands where it listens: on one address', () => {
  const there = [{ name: 'pop3s', address: '192.168.1.5', port: 995 }];
  assert.deepEqual(placesOf(interfaces, there)[0]?.addresses, ['192.168.1.5']);
  assert.deepEqual(placesOf(interfaces, [{ name: 'pop3s', address: '10.8.0.2', port: 995 }]), []);
  assert.deepEqual(placesOf(interfaces, [{ name: 'pop3s', address: '127.0.0.1', port: 995 }]), []);
});

test('is it open to a network?', () => {
  const at = (address: string, port = 1) => isOpen([{ name: 'pop3', address, port }]);
  assert.deepEqual(
    [at('127.0.0.1'), at('::1'), at('0.0.0.0', 0), at('0.0.0.0'), at('::'), at('192.168.1.5')],
    [false, false, false, true, true, true],
  );
});

const senders: readonly [string, boolean][] = [
  ['192.168.1.77', true],
  ['192.168.2.77', false],
  ['169.254.1.1', true],
  ['8.8.8.8', false],
  ['fe80::99%eth0', true],
  ['fe80::99%eth1', false],
  ['2001:db8::1', false],
];
for (const [address, near] of senders) {
  test(`${address} is ${near ? '' : 'not '}on the network`, () => {
    const [place] = placesOf(interfaces, [{ name: 'pop3s', address: '::', port: 995 }]);
    assert.ok(place !== undefined);
    assert.equal(nearTo(place)(address), near);
  });
}
