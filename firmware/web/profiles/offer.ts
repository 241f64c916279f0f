/*
 * What a mail program is offered: the listeners that it can reach, safest and most able first, and
 * the name by which to reach them. Pure. What does not listen is not offered, and what listens to
 * this machine alone is offered to nobody elsewhere.
 */
import { isIP } from 'node:net';
import type { ListenerReport } from '#control/types';
import { placeOf } from '#net/peer';
import type { Host } from '../host.ts';

/** One way to collect or to send. */
export interface Way {
  readonly protocol: 'imap' | 'pop3' | 'smtp';
  readonly port: number;
  /** From the first octet, or by STARTTLS (STLS). */
  readonly security: 'tls' | 'starttls';
}

export interface Offer {
  readonly server: string;
  readonly incoming: readonly Way[];
  readonly outgoing: readonly Way[];
}

/** RFC 8314 §3: TLS from the first octet is better than STARTTLS. */
const order: readonly (readonly [string, Way['protocol'], Way['security']])[] = [
  ['imaps', 'imap', 'tls'],
  ['imap', 'imap', 'starttls'],
  ['pop3s', 'pop3', 'tls'],
  ['pop3', 'pop3', 'starttls'],
  ['submissions', 'smtp', 'tls'],
  ['submission', 'smtp', 'starttls'],
];

/** `peer`: the address of who asks. */
export function offerTo(peer: string, server: string, listeners: readonly ListenerReport[]): Offer {
  const isNear = placeOf(peer) === 'loopback';
  const reached = listeners.filter(({ address }) => isNear || placeOf(address) !== 'loopback');
  const ways = order.flatMap(([name, protocol, security]): Way[] => {
    const port = reached.find((listener) => listener.name === name)?.port;
    return port === undefined || port === 0 ? [] : [{ protocol, port, security }];
  });
  return {
    server,
    incoming: ways.filter(({ protocol }) => protocol !== 'smtp'),
    outgoing: ways.filter(({ protocol }) => protocol === 'smtp'),
  };
}

export interface Names {
  /** DNS names that the certificate is for. */
  readonly own: readonly string[];
  /** Is it for this name or address? (Some names in it stand for many.) */
  readonly isFor: (name: string) => boolean;
  /** As it is found on the network now, when the certificate is for that. */
  readonly foundAs: string | undefined;
  /** The setting host.name. */
  readonly hostName: string;
  /** An address at which it is reached, or `localhost`. */
  readonly address: string;
}

/**
 * The name to type in. The one by which the device came works there, so that is the best, when the
 * certificate is for it (whoever asks for `autoconfig.example.org` came by a name that leads on). A
 * domain of one's own works away from home, too; then the name that the house finds. An address is
 * the last resort: a router may give the box another one.
 */
export function serverFor(host: Host | undefined, names: Names): string {
  const { own, foundAs, hostName, address } = names;
  const cameBy = host?.name;
  if (cameBy !== undefined && names.isFor(cameBy)) return cameBy;
  return [hostName, foundAs, ...own].find((name) => leadsHere(name, names)) ?? address;
}

/** The certificate is for it, and the house knows it: what ends in .local is known when it is found. */
function leadsHere(name: string | undefined, { isFor, foundAs }: Names): name is string {
  if (name === undefined || !isFor(name)) return false;
  return name === foundAs || !/\.local$|^[^.]*$/.test(name);
}

/** For other devices than the one that asks: `localhost` is each its own. */
export function serverForOthers(host: Host | undefined, names: Names): string {
  const isHere = host?.name === 'localhost' || placeOf(host?.name ?? '') === 'loopback';
  return serverFor(isHere ? undefined : host, names);
}

/** Beside a name that only newer devices look up by themselves (RFC 6762), the box's address. */
export function otherwise(server: string, { address }: Names): string | undefined {
  return server.endsWith('.local') && isIP(address) !== 0 ? address : undefined;
}
