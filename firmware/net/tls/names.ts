/*
 * What the box is called, for its certificate: DNS names in the form certificates want
 * (RFC 5280 §7.2: A-labels), and the addresses at which the household reaches this machine.
 */
import { networkInterfaces } from 'node:os';
import { domainToASCII } from 'node:url';
import { placeOf, plainAddress } from '../peer.ts';

/** More addresses than this are containers and tunnels, not ways people reach the box. */
const mostAddresses = 32;

/**
 * Loopback and private addresses of this machine. Link-local IPv6 addresses are left out: nobody
 * can type one without a zone, and no certificate can carry the zone.
 */
export function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const reachable = all
    .filter(({ family, scopeid }) => family === 'IPv4' || scopeid === 0)
    .map(({ address }) => plainAddress(address))
    .filter((address) => placeOf(address) !== 'far');
  return [...new Set(['127.0.0.1', '::1', ...reachable])].slice(0, mostAddresses);
}

/** Names in lower-case ASCII, each once, in the order given. What is no domain name is left out. */
export function dnsNames(names: readonly string[]): string[] {
  const ascii = names.map((name) => domainToASCII(name)).filter((name) => name !== '');
  return [...new Set(ascii)];
}
