/*
 * What the box is called for those who are to reach it: its name on the network now, the names that
 * its certificate is for, and an address. Phones look up names in .local by themselves (iOS always
 * did, Android does since 12), and a router may give the box another address tomorrow: so people are
 * told the name wherever it leads to the box, and the address beside it for all else.
 */
import { isIPv4 } from 'node:net';
import type { Discovery } from '#net/discovery/discovery';
import { placeOf, plainAddress } from '#net/peer';
import type { Certificates } from '#net/tls/certificates';
import { machineAddresses } from '#net/tls/names';
import type { LiveSettings } from '#settings/settings';
import type { Names } from '#web/profiles/offer';

export interface HouseGround {
  readonly settings: LiveSettings;
  readonly certificates: Pick<Certificates, 'served' | 'isFor'>;
  readonly discovery: Pick<Discovery, 'report'>;
}

export function houseNames({ settings, certificates, discovery }: HouseGround): Names {
  const { report } = discovery;
  const isFor = (name: string) => certificates.isFor(name);
  const isFound = report.state === 'found' && isFor(report.name);
  return {
    ...{ own: certificates.served, isFor },
    foundAs: isFound ? report.name : undefined,
    hostName: settings.current['host.name'],
    address: reachableAddress(settings),
  };
}

/** An address that can be typed, in the house, or on this machine alone; the certificate has it. */
function reachableAddress({ current }: LiveSettings): string {
  const hosts = current['listen.host'];
  const wanted = hosts.find((host) => !isLoopback(host) && !isWildcard(host));
  if (wanted !== undefined) return wanted;
  if (hosts.some(isWildcard)) {
    const reachable = machineAddresses().filter((address) => !isLoopback(address));
    return reachable.find(isIPv4) ?? reachable[0] ?? current['host.name'];
  }
  const usual = hosts.length === 0 || hosts.includes('127.0.0.1') || hosts.includes('::1');
  return usual ? 'localhost' : (hosts[0] ?? 'localhost');
}

/** Only this machine reaches it. */
export function isLoopback(host: string): boolean {
  return placeOf(plainAddress(host)) === 'loopback' || host === 'localhost';
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
