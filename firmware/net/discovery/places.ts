/*
 * Where the box can be found: the networks of this machine on which something listens, and what of
 * it is announced there. Pure. Loopback is no network, and a tunnel to one other machine has nobody
 * to be found by.
 */
import { BlockList, isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { placeOf, plainAddress } from '../peer.ts';
import type { Service } from './zone.ts';

/** Something that listens. */
export interface Listening {
  /** As settings call it: 'pop3s', 'web'. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A network of this machine. */
export interface Place {
  /** Of the interface: `eth0`. */
  readonly interface: string;
  /** At which what listens is reached. */
  readonly addresses: readonly string[];
  /** The address by which the interface is chosen for IPv4 (RFC 6762 §3: 224.0.0.251). */
  readonly ipv4: string | undefined;
  /** It speaks IPv6 (ff02::fb). */
  readonly ipv6: boolean;
  readonly services: readonly Service[];
  /** Networks on it, as CIDR. */
  readonly networks: readonly string[];
}

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** More are containers. */
const [mostPlaces, mostAddresses] = [8, 8];

/**
 * How settings' names are called in DNS-SD: RFC 6186 §3.1-3.3 (submission, imap, pop3, imaps, pop3s),
 * RFC 8314 §5.1 (submissions), and the registered http, https and smtp, by which devices of the house
 * find where to hand mail in. RFC 6763 §6.4: `txtvers` first; `path` is what browsers of http open.
 */
const known: Readonly<Record<string, { type: string; texts: readonly string[] }>> = {
  web: { type: 'http', texts: ['path=/', 'product=Restante'] },
  webs: { type: 'https', texts: ['path=/', 'product=Restante'] },
  smtp: { type: 'smtp', texts: ['txtvers=1', 'product=Restante'] },
  submissions: { type: 'submissions', texts: ['txtvers=1', 'product=Restante'] },
  submission: { type: 'submission', texts: ['txtvers=1', 'product=Restante'] },
  imaps: { type: 'imaps', texts: ['txtvers=1', 'product=Restante'] },
  imap: { type: 'imap', texts: ['txtvers=1', 'product=Restante'] },
  pop3s: { type: 'pop3s', texts: ['txtvers=1', 'product=Restante'] },
  pop3: { type: 'pop3', texts: ['txtvers=1', 'product=Restante'] },
};

/** Is anything open to a network at all? */
export function isOpen(listening: readonly Listening[]): boolean {
  return listening.some(({ address, port }) => port !== 0 && placeOf(address) !== 'loopback');
}

export function placesOf(interfaces: Interfaces, listening: readonly Listening[]): Place[] {
  const places = Object.entries(interfaces).flatMap(([name, infos]) => {
    const outward = (infos ?? []).filter((info) => !info.internal && !isTunnel(info));
    const reached = listening.filter((one) => outward.some((info) => takes(one, info)));
    const open = outward.filter((info) => listening.some((one) => takes(one, info)));
    if (reached.length === 0) return [];
    const services = Object.entries(known).flatMap(([setting, { type, texts }]): Service[] => {
      const one = reached.find((candidate) => candidate.name === setting);
      return one === undefined ? [] : [{ type, port: one.port, texts }];
    });
    const isLinkLocal = (info: NetworkInterfaceInfo) =>
      info.family === 'IPv6' && info.scopeid !== 0;
    return [
      {
        interface: name,
        addresses: open.map(({ address }) => plainAddress(address)).slice(0, mostAddresses),
        ipv4: outward.find(({ family }) => family === 'IPv4')?.address,
        ipv6: outward.some(isLinkLocal),
        services,
        networks: outward.flatMap(({ cidr }) => cidr ?? []),
      },
    ];
  });
  return places.filter(({ services }) => services.length > 0).slice(0, mostPlaces);
}

/** RFC 6762 §11: what was not sent on this very network is not believed. */
export function nearTo(place: Place): (address: string) => boolean {
  const near = new BlockList();
  for (const network of place.networks) {
    const [base = '', bits = '0'] = network.split('/');
    near.addSubnet(base, Number(bits), isIPv4(base) ? 'ipv4' : 'ipv6');
  }
  // RFC 3927 §2.6.2: whoever has no address yet is on the network all the same.
  near.addSubnet('169.254.0.0', 16, 'ipv4');
  return (address) => {
    const zone = address.indexOf('%');
    if (zone >= 0) return address.slice(zone + 1) === place.interface;
    return near.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  };
}

function takes({ address, port }: Listening, info: NetworkInterfaceInfo): boolean {
  if (port === 0) return false;
  const all = info.family === 'IPv4' ? '0.0.0.0' : '::';
  return address === all || plainAddress(address) === plainAddress(info.address);
}

function isTunnel({ netmask }: NetworkInterfaceInfo): boolean {
  return netmask === '255.255.255.255' || netmask === 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
}
