/*
 * The box is found: multicast DNS and DNS-SD (RFC 6762, RFC 6763), on every network on which it
 * listens, and only while it does. Networks are looked at every few seconds, for nothing tells a
 * program of them. When another machine has the name, the box takes the next (`restante-2.local`)
 * everywhere, says so, and keeps it over its next start, until it is switched off for once.
 *
 * The responder is our own: 4 MB while it is open to a network, nothing else. What was weighed:
 * @homebridge/ciao (kept; 15 MB to load, starts `ip` again and again to see networks, and a failed
 * assertion in it would end the mail process), bonjour-service on multicast-dns (7 MB; asks whether a
 * service's name is free, never the host's, and knows one network). Avahi's service files need root
 * and know no host name but the machine's own; where Avahi runs, the two share the port.
 */
import { networkInterfaces } from 'node:os';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Result } from '#base/result';
import { type Called, calledAs } from './called.ts';
import { type Multicast, type MulticastTrouble, openMulticast } from './multicast.ts';
import { type Interfaces, isOpen, type Listening, type Place, placesOf } from './places.ts';
import { Presence, type Sender } from './presence.ts';
import { addressData, decode } from './wire.ts';
import { zoneOf } from './zone.ts';

export interface DiscoveryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly hostName: () => string;
  readonly isOn: () => boolean;
  /** What is remembered of an earlier run; nothing is, when it is left out. */
  readonly kept?: KeptName;
  /** The networks of this machine, and how to speak on one; tests have a cable of their own. */
  readonly interfaces?: () => Interfaces;
  readonly open?: typeof openMulticast;
}

/** The name that was taken in place of another's (RFC 6762 §9: to be had again at the next start). */
export interface KeptName {
  /** Undefined: the one that is wished for. */
  readonly current: TakenName | undefined;
  /** Never rejects. */
  keep(taken: TakenName | undefined): Promise<void>;
}

export interface TakenName {
  /** The host name that another has. */
  readonly wish: string;
  /** As in `calledAs`. */
  readonly turn: number;
}

export interface DiscoveryReport {
  /** 'closed': nothing listens on a network. 'asking': whether the name is free. */
  readonly state: 'off' | 'closed' | 'asking' | 'found' | 'failed';
  /** Where it is found, or would be: `restante.local`. */
  readonly name: string;
  /** As DNS-SD calls them: `_pop3s._tcp`. */
  readonly services: readonly string[];
  /** Interfaces. */
  readonly networks: readonly string[];
  /** What is wrong, in a sentence. */
  readonly say?: string;
}

/** How often (ms) the machine's networks are looked at. */
const glance = 5_000;
/** RFC 6762 §8.1: after so many lost names in so short a time (ms), there is a pause (ms) before
 * each further one, until one is kept. */
const contest = { many: 15, within: 10_000, pause: 5_000 } as const;
/** A name beyond this is nobody's wish; then it begins anew. */
const lastTurn = 99;
/** A name has to have held for so long (ms) to be kept: whoever disputes each one anew is not to wear
 * the disk out. */
const settled = 10_000;

interface Spot {
  readonly place: Place;
  readonly presence: Presence;
  readonly multicast: Multicast;
}

export class Discovery {
  readonly #ports: DiscoveryPorts;
  readonly #log: Log;
  readonly #spots = new Map<string, Spot>();
  /** Said once for each. */
  readonly #failures = new Map<string, string>();
  #listening: readonly Listening[] = [];
  #turn: number;
  /** Since when (elapsed ms) it is found by the name of this turn. */
  #found: { readonly turn: number; readonly since: number } | undefined;
  #losses: number[] = [];
  #isContested = false;
  #alarm: Disposable | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;
  #saidName: string | undefined;

  constructor(ports: DiscoveryPorts) {
    this.#ports = ports;
    this.#log = ports.log.of('discovery');
    const kept = ports.kept?.current;
    this.#turn = kept?.wish === ports.hostName() ? kept.turn : 1;
  }

  /** From now on this is what listens. */
  start(listening: readonly Listening[]): void {
    this.#listening = listening;
    void this.look();
  }

  /** Says goodbye everywhere. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#alarm?.[Symbol.dispose]();
    await this.#looking;
    await this.#leave(() => true);
  }

  /** Looks at everything anew: settings, networks. Never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#lookOnce())
      .catch((bug: unknown) => {
        const stack = bug instanceof Error ? bug.stack : String(bug);
        this.#log.error('A defect in Restante keeps the box from being found.', { stack });
      });
    return this.#looking;
  }

  get called(): Called {
    return calledAs(this.#ports.hostName(), this.#turn);
  }

  get report(): DiscoveryReport {
    const spots = [...this.#spots.values()];
    const [failure] = this.#failures.values();
    const told = spots.filter(({ presence }) => presence.isTold);
    const types = told.flatMap(({ place }) => place.services.map(({ type }) => `_${type}._tcp`));
    const isWanted = this.#ports.isOn() && isOpen(this.#listening);
    const without = failure === undefined ? 'closed' : 'failed';
    const open = told.length > 0 ? 'found' : spots.length > 0 ? 'asking' : without;
    const say = failure ?? this.#otherName();
    return {
      state: !this.#ports.isOn() ? 'off' : isWanted ? open : 'closed',
      name: this.called.text,
      services: [...new Set(types)],
      networks: told.map(({ place }) => place.interface),
      ...(isWanted && say !== undefined ? { say } : {}),
    };
  }

  async #lookOnce(): Promise<void> {
    this.#alarm?.[Symbol.dispose]();
    if (this.#stopped) return;
    await this.#keepName();
    const isWanted = this.#ports.isOn() && isOpen(this.#listening);
    const interfaces = isWanted ? (this.#ports.interfaces ?? networkInterfaces)() : {};
    const places = placesOf(interfaces, this.#listening);
    const wanted = new Map(places.map((place) => [JSON.stringify([this.called, place]), place]));
    await this.#leave((key) => !wanted.has(key));
    for (const key of this.#failures.keys()) if (!wanted.has(key)) this.#failures.delete(key);
    const addresses = Object.values(interfaces).flatMap((infos) =>
      (infos ?? []).map(({ address }) => addressData(address.replace(/%.*/, ''))),
    );
    for (const [key, place] of wanted) {
      if (!this.#spots.has(key)) await this.#enter(key, place, addresses);
    }
    // An idle box that only itself reaches has no alarm for this.
    if (isWanted) this.#alarm = this.#ports.clock.after(glance, () => void this.look());
  }

  async #keepName(): Promise<void> {
    const { kept, clock, hostName, isOn } = this.#ports;
    // Switched off and on, it tries for the name that was wished for.
    if (!isOn()) [this.#turn, this.#found] = [1, undefined];
    const holds =
      this.#found?.turn === this.#turn && clock.elapsed() - this.#found.since >= settled;
    if (holds) this.#isContested = false;
    const wish = hostName();
    const { turn } = kept?.current?.wish === wish ? kept.current : { turn: 1 };
    if (kept === undefined || (isOn() && !holds) || turn === this.#turn) return;
    await kept.keep(this.#turn === 1 ? undefined : { wish, turn: this.#turn });
  }

  async #enter(key: string, place: Place, addresses: readonly Buffer[]): Promise<void> {
    const { clock, random, open = openMulticast } = this.#ports;
    const { host, instance } = this.called;
    const turn = this.#turn;
    const zone = zoneOf({ host, instance, ...place });
    let spot: Spot | undefined;
    const hear = (octets: Buffer, from: Sender) => {
      const heard = decode(octets);
      if (heard !== undefined) spot?.presence.hear(heard, from);
    };
    const opened: Result<Multicast, MulticastTrouble> = await open(place, hear, this.#log);
    if (!opened.ok) {
      if (!this.#failures.has(key)) this.#log.warn(opened.error.say);
      this.#failures.set(key, opened.error.say);
      return;
    }
    this.#failures.delete(key);
    const multicast = opened.value;
    const presence = new Presence(
      { zone, addresses },
      {
        ...{ clock, random },
        tell: (octets, to) => multicast.tell(octets, to),
        taken: () => this.#taken(place, turn),
        announced: () => this.#announced(place),
      },
    );
    spot = { place, presence, multicast };
    this.#spots.set(key, spot);
    presence.start(this.#isContested ? contest.pause : 0);
  }

  async #leave(which: (key: string) => boolean): Promise<void> {
    const leaving = [...this.#spots].filter(([key]) => which(key));
    for (const [key, { presence }] of leaving) {
      this.#spots.delete(key);
      presence.end();
    }
    await Promise.all(leaving.map(([, { multicast }]) => multicast.close()));
  }

  /** `turn`: which name was lost; on several networks at once it is lost once. */
  #taken(place: Place, turn: number): void {
    if (turn !== this.#turn) return;
    const now = this.#ports.clock.elapsed();
    this.#losses = [...this.#losses.filter((at) => now - at < contest.within), now];
    this.#isContested ||= this.#losses.length >= contest.many;
    this.#found = undefined;
    const before = this.called.text;
    this.#turn = this.#turn === lastTurn ? 1 : this.#turn + 1;
    const { text } = this.called;
    this.#log.warn(`Another machine on ${place.interface} is called ${before}; trying ${text}.`);
    void this.look();
  }

  #announced({ interface: network, services }: Place): void {
    const { text } = this.called;
    const turn = this.#turn;
    if (this.#found?.turn !== turn) this.#found = { turn, since: this.#ports.clock.elapsed() };
    const types = services.map(({ type }) => type).join(' ');
    const say = `Found on the network ${network} as ${text}.`;
    if (this.#saidName === text) this.#log.debug(say, { services: types });
    else this.#log.info(say, { services: types });
    this.#saidName = text;
  }

  #otherName(): string | undefined {
    if (this.#turn === 1) return undefined;
    const { text } = calledAs(this.#ports.hostName(), 1);
    return (
      `Another machine in the house has the name ${text}, or had it, so this box is found as ` +
      `${this.called.text}. Give one of them a name of its own, this one by the setting host.name, ` +
      `and start it again. If ${text} is free by now, switch the setting discovery off and on.`
    );
  }
}
