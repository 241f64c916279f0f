/*
 * Peer addresses: one spelling for each, and how near the peer is. 'local' means the household's
 * own network; shared address space (100.64.0.0/10, RFC 6598) is far, for a provider puts its
 * other customers there. A household device that comes with a global IPv6 address is far too: from
 * the address alone nobody can tell it from a stranger.
 */
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Peer } from '#protocol/session';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const local = new BlockList();
// RFC 1918 §3: private addresses.
local.addSubnet('10.0.0.0', 8, 'ipv4');
local.addSubnet('172.16.0.0', 12, 'ipv4');
local.addSubnet('192.168.0.0', 16, 'ipv4');
// RFC 3927 §2.1 and RFC 4291 §2.5.6: link-local, never forwarded by a router.
local.addSubnet('169.254.0.0', 16, 'ipv4');
local.addSubnet('fe80::', 10, 'ipv6');
// RFC 4193 §3.1: unique local addresses.
local.addSubnet('fc00::', 7, 'ipv6');

/** The address without zone (`fe80::1%eth0`) and without IPv4-mapped prefix (`::ffff:192.0.2.1`). */
export function plainAddress(address: string): string {
  const zone = address.indexOf('%');
  const bare = (zone < 0 ? address : address.slice(0, zone)).toLowerCase();
  // RFC 4291 §2.5.5.2: an IPv4 peer on an IPv6 socket.
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice('::ffff:'.length) : bare;
}

/** How near a plain address is. What is no address is far. */
export function placeOf(address: string): Peer['place'] {
  if (isIP(address) === 0) return 'far';
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (loopback.check(address, family)) return 'loopback';
  return local.check(address, family) ? 'local' : 'far';
}
