/*
 * A home network for multicast DNS, with a clock that is turned by hand: what one machine says, all
 * machines on its wire hear, itself included, as the kernel does it.
 */
import type { NetworkInterfaceInfo } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Log, type LogLine } from '#base/log';
import { ok } from '#base/result';
import { Discovery, type KeptName, type TakenName } from '#net/discovery/discovery';
import type { Interfaces, Listening, Place } from '#net/discovery/places';
import type { Sender } from '#net/discovery/presence';
import { type DnsMessage, decode } from '#net/discovery/wire';
import { FakeClock } from './fake-clock.ts';
import { SeededRandom } from './seeded-random.ts';

type Hear = (octets: Buffer, from: Sender) => void;

export class SmallNetwork {
  readonly clock = new FakeClock();
  /** All that was said, to everybody or to one. */
  readonly said: { message: DnsMessage; from: string; to?: Sender }[] = [];
  readonly #members = new Set<{ wire: string; address: string; hear: Hear }>();
  #boxes = 0;

  box(options: Partial<SmallBoxOptions> = {}): SmallBox {
    this.#boxes += 1;
    return new SmallBox(this, { number: this.#boxes, ...options });
  }

  join(wire: string, address: string, hear: Hear) {
    const member = { wire, address, hear };
    this.#members.add(member);
    return {
      tell: (octets: Buffer, to?: Sender) => {
        const message = decode(octets);
        if (message === undefined) throw new Error('what was said cannot be read');
        this.said.push({ message, from: address, ...(to === undefined ? {} : { to }) });
        if (to === undefined) this.say(wire, octets, { address, port: 5353 });
      },
      close: async () => void this.#members.delete(member),
    };
  }

  say(wire: string, octets: Buffer, from: Sender): void {
    for (const member of this.#members) {
      if (member.wire === wire) this.clock.after(0, () => member.hear(octets, from));
    }
  }

  async pass(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 50) {
      this.clock.advance(left === ms ? 0 : 50);
      await setImmediate();
    }
  }
}

interface SmallBoxOptions {
  readonly number: number;
  readonly hostName: string;
  /** Interfaces, and the wires that they are on. */
  readonly wires: Readonly<Record<string, string>>;
  readonly listening: readonly Listening[];
  /** What an earlier run has left. */
  readonly kept: MemoryName;
}

export class MemoryName implements KeptName {
  current: TakenName | undefined;
  /** How often something was written. */
  writes = 0;

  async keep(taken: TakenName | undefined): Promise<void> {
    this.current = taken;
    this.writes += 1;
  }
}

const usualListening: readonly Listening[] = [
  { name: 'pop3s', address: '0.0.0.0', port: 995 },
  { name: 'pop3s', address: '::', port: 995 },
  { name: 'submissions', address: '0.0.0.0', port: 465 },
  { name: 'webs', address: '0.0.0.0', port: 443 },
  { name: 'smtp', address: '0.0.0.0', port: 25 },
];

class SmallBox {
  readonly discovery: Discovery;
  readonly log: LogLine[] = [];
  /** May be changed: networks come and go. */
  interfaces: Interfaces;
  on = true;

  constructor(network: SmallNetwork, options: Partial<SmallBoxOptions> & { number: number }) {
    const { number, hostName = 'restante.local', wires = { eth0: 'home' } } = options;
    const { listening = usualListening } = options;
    this.interfaces = Object.fromEntries(
      Object.keys(wires).map((name, index) => [name, [infoOf(`10.${index}.0.${number}`)]]),
    );
    this.discovery = new Discovery({
      clock: network.clock,
      random: new SeededRandom(String(number)),
      log: new Log((line) => this.log.push(line), network.clock),
      hostName: () => hostName,
      isOn: () => this.on,
      ...(options.kept === undefined ? {} : { kept: options.kept }),
      interfaces: () => this.interfaces,
      open: async (place: Place, hear: Hear) =>
        ok(network.join(wires[place.interface] ?? '', place.addresses[0] ?? '', hear)),
    });
    this.discovery.start(listening);
  }
}

export function infoOf(address: string, more: Partial<NetworkInterfaceInfo> = {}) {
  return {
    ...{ address, netmask: '255.255.255.0', family: 'IPv4', mac: '02:00:00:00:00:01' },
    ...{ internal: false, cidr: `${address}/24` },
    ...more,
  } as NetworkInterfaceInfo;
}
