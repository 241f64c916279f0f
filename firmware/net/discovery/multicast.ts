/*
 * Multicast DNS's sockets on one network (RFC 6762 §3, §5.2): port 5353, shared with whatever other
 * responder this machine has, over IPv4, IPv6 or both. Linux gives every such socket what comes from
 * all networks, so what was not sent on this one is dropped here (§11). A datagram that cannot be
 * sent is lost, as others are.
 */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { Log } from '#base/log';
import { failed, ok, type Result, type Trouble, trouble } from '#base/result';
import { nearTo, type Place } from './places.ts';
import { port, type Sender } from './presence.ts';

export interface Multicast {
  tell(octets: Buffer, to?: Sender): void;
  /** What was told before is sent. */
  close(): Promise<void>;
}

export type MulticastTrouble = Trouble<'multicast'>;

const groups = { udp4: '224.0.0.251', udp6: 'ff02::fb' } as const;
/** Longer ones are not multicast DNS (§17). */
const longest = 9_000;

export async function openMulticast(
  place: Place,
  hear: (octets: Buffer, from: Sender) => void,
  log: Log,
): Promise<Result<Multicast, MulticastTrouble>> {
  const kinds = [
    ...(place.ipv4 === undefined ? [] : [['udp4', place.ipv4] as const]),
    ...(place.ipv6 ? [['udp6', `::%${place.interface}`] as const] : []),
  ];
  const sockets: { socket: Socket; group: string }[] = [];
  let reason = `${place.interface} has no address`;
  for (const [kind, via] of kinds) {
    const opened = await open(kind, via);
    if (opened instanceof Error) {
      reason = opened.message;
      log.debug(`Multicast DNS cannot be spoken over ${kind} on ${place.interface}.`, { reason });
    } else sockets.push({ socket: opened, group: groups[kind] });
  }
  if (sockets.length === 0) {
    const say = `The box cannot be found on ${place.interface}: multicast DNS does not open.`;
    return failed(trouble('multicast', `${say} (${reason})`, reason, true));
  }
  const isNear = nearTo(place);
  for (const { socket } of sockets) {
    socket.on('message', (octets: Buffer, from: RemoteInfo) => {
      if (octets.length <= longest && isNear(from.address)) hear(octets, from);
    });
    socket.on('error', (error) => log.debug('Multicast DNS met an error.', at(error)));
  }
  let isOpen = true;
  let sending = 0;
  let idle: (() => void) | undefined;
  const send = (socket: Socket, octets: Buffer, to: Sender) => {
    sending += 1;
    socket.send(octets, to.port, to.address, (error) => {
      sending -= 1;
      if (error !== null) log.debug('A datagram of multicast DNS was not sent.', at(error));
      if (sending === 0) idle?.();
    });
  };
  return ok({
    tell(octets, to) {
      if (!isOpen) return;
      const wantsIpv6 = to?.address.includes(':');
      for (const { socket, group } of sockets) {
        if (to === undefined) send(socket, octets, { address: group, port });
        else if (wantsIpv6 === (group === groups.udp6)) send(socket, octets, to);
      }
    },
    async close() {
      isOpen = false;
      if (sending > 0) await new Promise<void>((resolve) => (idle = resolve));
      for (const { socket } of sockets) socket.close();
    },
  });
}

function open(kind: 'udp4' | 'udp6', via: string): Promise<Socket | Error> {
  return new Promise((resolve) => {
    // Loaded when something is open to a network.
    const { createSocket } = process.getBuiltinModule('node:dgram');
    const socket = createSocket({ type: kind, reuseAddr: true, ipv6Only: kind === 'udp6' });
    const fail = (error: unknown) => {
      socket.removeAllListeners();
      socket.close();
      resolve(error instanceof Error ? error : new Error(String(error)));
    };
    socket.once('error', fail);
    socket.bind({ port, exclusive: true }, () => {
      try {
        socket.addMembership(groups[kind], via);
        socket.setMulticastInterface(via);
        // §11: 255, so that it can be seen that it came over no router. Other programs of this
        // machine want to hear it, too.
        socket.setMulticastTTL(255);
        socket.setTTL(255);
        socket.setMulticastLoopback(true);
        socket.unref();
        socket.removeAllListeners('error');
        resolve(socket);
      } catch (error) {
        fail(error);
      }
    });
  });
}

function at(error: Error) {
  return { reason: error.message };
}
