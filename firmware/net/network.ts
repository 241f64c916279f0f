/*
 * All listeners and all connections: lets peers in under the limits, or turns them away politely;
 * looks at every connection once a second, which is the only timer they have; sends the silent
 * away while memory is short; and on stop lets each session say goodbye.
 */

import type { Socket } from 'node:net';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { networkOf } from '#base/network-of';
import type { Random } from '#base/random';
import { failed, ok, type Result } from '#base/result';
import { Connection, type ConnectionParts, type TlsTerms } from './connection.ts';
import { type Admission, firstToGo, type Shortage } from './limits.ts';
import { type Endpoint, Listener, type ListenerPlan, type ListenTrouble } from './listener.ts';
import { placeOf, plainAddress } from './peer.ts';

export interface NetworkParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly random: Random;
  readonly admission: Admission;
  readonly tls: TlsTerms;
}

/** How often (ms) connections are looked at: the precision of every idle limit. */
const glance = 1000;
/** How long (ms) sessions may take to say goodbye when the box stops. */
const goodbye = 1500;
/** At most one line about peers turned away in this time (ms): a flood must not fill the log. */
const complaintEvery = 10_000;

const reasons: Readonly<Record<Shortage, string>> = {
  total: 'there are too many connections in all',
  peer: 'this peer has too many connections',
  memory: 'memory is short',
};

export class Network {
  readonly #parts: NetworkParts;
  readonly #connectionParts: ConnectionParts;
  readonly #log: Log;
  readonly #connections = new Set<Connection>();
  #listeners: Listener[] = [];
  #endpoints: readonly Endpoint[] = [];
  #glance: Disposable | undefined;
  #stopping = false;
  #allGone: (() => void) | undefined;
  #turnedAway = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: NetworkParts) {
    this.#parts = parts;
    this.#connectionParts = { clock: parts.clock, log: parts.log, tls: parts.tls };
    this.#log = parts.log.of('net');
  }

  /** Where it listens, with the real port numbers. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Connections that stand now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Opens one listening port. Several may be opened, one after the other. */
  async listen(plan: ListenerPlan): Promise<Result<readonly Endpoint[], ListenTrouble>> {
    const listener = new Listener(plan, (socket) => this.#accept(socket, plan), this.#log);
    const started = await listener.start();
    if (!started.ok) return failed(started.error);
    this.#listeners.push(listener);
    this.#endpoints = [...this.#endpoints, ...started.value];
    return ok(started.value);
  }

  /** Listens no more, lets sessions say goodbye for a moment, and ends those that are left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const listener of this.#listeners) listener.stop();
    this.#listeners = [];
    this.#endpoints = [];
    const allGone = new Promise<void>((resolve) => {
      this.#allGone = resolve;
    });
    for (const connection of this.#connections) connection.dismiss('stopping');
    if (this.#connections.size > 0) {
      using _patience = this.#parts.clock.after(goodbye, () => {
        for (const connection of this.#connections) connection.destroy();
        this.#allGone?.();
      });
      await allGone;
    }
    this.#glance?.[Symbol.dispose]();
    this.#glance = undefined;
  }

  #accept(socket: Socket, plan: ListenerPlan): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (this.#stopping || address === '') {
      socket.destroy();
      return;
    }
    const shortage = this.#parts.admission.enter(address);
    if (shortage !== undefined) {
      this.#turnAway(socket, plan, address, shortage);
      return;
    }
    try {
      this.#serve(socket, plan, address);
    } catch (bug) {
      const stack = bug instanceof Error ? bug.stack : String(bug);
      this.#log.error('A defect in Restante kept a session from beginning.', { stack });
      this.#parts.admission.leave(address);
      socket.on('error', () => {}).destroy();
    }
  }

  #serve(socket: Socket, plan: ListenerPlan, address: string): void {
    const session = this.#parts.random.octets(5).toString('hex');
    const peer = { session, address, place: placeOf(address) };
    const connection = new Connection(socket, plan.protocol, peer, this.#connectionParts, () => {
      this.#parts.admission.leave(address);
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#allGone?.();
    });
    this.#connections.add(connection);
    this.#glance ??= this.#parts.clock.after(glance, () => this.#look());
    connection.start(plan.implicitTls);
  }

  /** Says so where words can be said without a handshake, and costs no session. */
  #turnAway(socket: Socket, plan: ListenerPlan, address: string, shortage: Shortage): void {
    socket.on('error', () => socket.destroy());
    if (plan.implicitTls) socket.destroy();
    else socket.end(plan.protocol.busy, () => socket.destroy());
    this.#turnedAway += 1;
    const now = this.#parts.clock.elapsed();
    if (now - this.#complainedAt < complaintEvery) return;
    this.#log.warn(`Turned a ${plan.protocol.name} connection away: ${reasons[shortage]}.`, {
      peer: networkOf(address),
      limit: shortage,
      turnedAway: this.#turnedAway,
    });
    this.#complainedAt = now;
    this.#turnedAway = 0;
  }

  #look(): void {
    const now = this.#parts.clock.elapsed();
    for (const connection of this.#connections) connection.look(now);
    if (this.#parts.admission.memoryIsShort()) {
      firstToGo(this.#connections, (one) => one.silence(now))?.dismiss('overload');
    }
    const more = this.#connections.size > 0;
    this.#glance = more ? this.#parts.clock.after(glance, () => this.#look()) : undefined;
  }
}
