/* A peer's address: its one spelling, how near it is, and who counts as one. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from '#base/network-of';
import { placeOf, plainAddress } from '#net/peer';

test('an address has one spelling', () => {
  const spellings = [
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['FD00::A', 'fd00::a'],
    ['192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
  ] as const;
  deepEqual(
    spellings.map(([given]) => plainAddress(given)),
    spellings.map(([, plain]) => plain),
  );
});

test('how near an address is', () => {
  const places = {
    loopback: ['127.0.0.1', '127.255.0.9', '::1'],
    local: [
      ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.23', '169.254.7.7'],
      ...['fc00::1', 'fdff::1', 'fe80::1', 'febf::1'],
    ],
    far: [
      ...['8.8.8.8', '172.15.0.1', '172.32.0.1', '192.169.0.1', '100.64.0.1', '0.0.0.0'],
      ...['2001:db8::1', 'fec0::1', 'fe00::1', '::', 'nonsense', ''],
    ],
  };
  for (const [place, addresses] of Object.entries(places)) {
    for (const address of addresses) equal(placeOf(address), place, address);
  }
});

test('an IPv6 /64 is one peer, an IPv4 address is one peer', () => {
  equal(networkOf('192.0.2.1'), '192.0.2.1');
  const sameLink = ['2001:db8::1', '2001:db8:0:0:ffff::', '2001:0db8:0000::a:b:c:d'];
  for (const address of sameLink) equal(networkOf(address), '2001:db8:0:0::/64', address);
  equal(networkOf('2001:db8:0:1::1'), '2001:db8:0:1::/64');
  equal(networkOf('1:2:3:4:5:6:7:8'), '1:2:3:4::/64');
  equal(networkOf('::'), '0:0:0:0::/64');
  equal(networkOf('64:ff9b::192.0.2.1'), '64:ff9b:0:0::/64');
});
