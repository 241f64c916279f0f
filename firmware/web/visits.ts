/*
 * The connections of the web ports, from the accepted socket to the end: limits, the TLS handshake
 * with the certificate of this moment, and patience. They are counted by themselves, so that a flood
 * of browsers takes no mail connection's place. One look a second is all the timers they have. What
 * HTTP makes of a connection is the gate's affair.
 */
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import { networkOf } from '#base/network-of';
import type { Admission, Shortage } from '#net/limits';
import { placeOf, plainAddress } from '#net/peer';

/** What becomes of a connection that is let in. */
export interface Reception {
  /** Gets it when it can speak HTTP. */
  readonly serve: (socket: Socket) => void;
  /** It is to speak TLS first. What is said to who does not, and began with these octets. */
  readonly withoutTls?: (begin: Buffer) => string;
}

export interface VisitPorts {
  readonly admission: Admission;
  /** What a handshake that begins now uses. */
  readonly context: () => SecureContext | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const glance = 1_000;
/** How long (ms) a handshake, and then each request's head, may take: against slow drips. */
const handshakePatience = 15_000;
const headPatience = 20_000;
/** How long (ms) a browser may take to read, or to send more of a body. */
const stallPatience = 30_000;
/** A body comes at least this fast (octets a second), after a while. */
const slowestBody = 500;
/** After so long (ms) a connection that lets the box wait gives its place up, when all are taken. */
const longWait = 5_000;
/** At most one line about browsers turned away in this time (ms). */
const complaintEvery = 10_000;
/** RFC 7301: HTTP/1.1 alone. */
const alpn = ['http/1.1'];

/** RFC 8446 §5.1: content type of a handshake. No request of HTTP begins so. */
const handshake = 0x16;

/** One connection. */
export class Visit {
  /** Once TLS has begun, that which is encrypted. */
  socket: Socket;
  readonly address: string;
  /** 'head': waits for the rest of a request's head, or for a request; 'body': for the rest of its
   * body; 'answer': for us; 'socket': it became a web socket. */
  #phase: 'handshake' | 'head' | 'body' | 'answer' | 'socket' = 'handshake';
  #since: number;
  #moved: number;
  #progress = 0;
  #readBefore = 0;
  /** A request of it is being answered. */
  busy = false;
  /** It is counted no more. */
  readonly leave: () => void;
  /** What to do when it has been. */
  next: (() => void) | undefined;

  constructor(socket: Socket, address: string, now: number, leave: () => void) {
    this.socket = socket;
    this.address = address;
    this.leave = leave;
    this.#since = now;
    this.#moved = now;
  }

  enter(phase: 'head' | 'body' | 'answer' | 'socket', now: number): void {
    this.#phase = phase;
    this.#since = now;
    this.#moved = now;
    this.#readBefore = this.socket.bytesRead;
  }

  /** Waits for a request, and costs nobody anything to be ended. */
  get isIdle(): boolean {
    return this.#phase === 'head';
  }

  /** How long (ms) it has been the peer's turn; undefined: it is ours. */
  awaitedFor(now: number): number | undefined {
    return this.#phase === 'answer' || this.#phase === 'socket' ? undefined : now - this.#since;
  }

  /** Why it should end, or undefined. Called about once a second. */
  look(now: number): string | undefined {
    const { bytesRead, bytesWritten, writableLength } = this.socket;
    const isBody = this.#phase === 'body';
    const progress = isBody ? bytesRead : bytesWritten;
    const waits = isBody || writableLength > 0;
    if (!waits || progress !== this.#progress) this.#moved = now;
    this.#progress = progress;
    const spent = now - this.#since;
    if (this.#phase === 'handshake' && spent > handshakePatience) return 'the handshake takes long';
    if (this.#phase === 'head' && spent > headPatience) return 'no request came';
    if (now - this.#moved > stallPatience) return 'the peer neither reads nor writes';
    const slow = (bytesRead - this.#readBefore) * 1_000 < spent * slowestBody;
    return isBody && spent > stallPatience && slow ? 'a body comes too slowly' : undefined;
  }
}

export class Visits {
  readonly #ports: VisitPorts;
  readonly #visits = new Map<Socket, Visit>();
  #glance: Disposable | undefined;
  #turnedAway = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: VisitPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#visits.size;
  }

  /** The visit that a socket of a request belongs to. */
  of(socket: Socket): Visit | undefined {
    return this.#visits.get(socket);
  }

  /** Lets a connection in, or turns it away. */
  welcome(raw: Socket, { serve, withoutTls }: Reception): void {
    const { admission, clock, context } = this.#ports;
    const secure = withoutTls !== undefined;
    const address = plainAddress(raw.remoteAddress ?? '');
    raw.on('error', () => raw.destroy());
    if (address === '') {
      raw.destroy();
      return;
    }
    let shortage = admission.enter(address);
    if (shortage === 'total' && this.#makeRoom(address)) shortage = admission.enter(address);
    if (shortage !== undefined) {
      this.#turnAway(raw, secure, address, shortage);
      return;
    }
    raw.setNoDelay(true);
    raw.setKeepAlive(true, 60_000);
    let isInside = true;
    const leave = () => {
      if (isInside) admission.leave(address);
      isInside = false;
    };
    const visit = new Visit(raw, address, clock.elapsed(), leave);
    raw.once('close', () => {
      leave();
      this.#visits.delete(visit.socket);
      visit.socket.destroy();
    });
    if (secure && context() === undefined) {
      raw.destroy();
      return;
    }
    this.#visits.set(raw, visit);
    this.#glance ??= clock.after(glance, () => this.#look());
    const ready = () => {
      visit.enter('head', clock.elapsed());
      serve(visit.socket);
    };
    if (withoutTls === undefined) ready();
    else raw.once('readable', () => this.guard(raw, () => this.#begin(visit, withoutTls, ready)));
  }

  /** Does what an event asks for: what is thrown in one would end the box. */
  guard(socket: Socket, act: () => void): void {
    try {
      act();
    } catch (bug) {
      const stack = bug instanceof Error ? bug.stack : String(bug);
      this.#ports.log.error('A fault in the program ended a browser’s connection.', { stack });
      socket.destroy();
    }
  }

  /** Ends all of them; at once. */
  stop(): void {
    for (const { socket } of this.#visits.values()) socket.destroy();
    this.#glance?.[Symbol.dispose]();
    this.#glance = undefined;
  }

  /** The first octets have come: TLS, or who does not know that it is wanted here. */
  #begin(visit: Visit, withoutTls: (begin: Buffer) => string, ready: () => void): void {
    const { socket: raw, address } = visit;
    const { context, log } = this.#ports;
    const begin = raw.read() as Buffer | null;
    const secureContext = context();
    if (begin === null || secureContext === undefined) {
      raw.destroy();
      return;
    }
    if (begin[0] !== handshake) {
      log.debug('A browser came without TLS to the encrypted port', { address });
      raw.end(withoutTls(begin));
      // What else comes is thrown away, for to close on it would cut the answer short. Who does not
      // hang up then has the time of a handshake.
      raw.resume();
      return;
    }
    raw.unshift(begin);
    const socket = new TLSSocket(raw, { isServer: true, secureContext, ALPNProtocols: alpn });
    // Browsers that do not trust the certificate leave like this, again and again.
    socket.on('error', (error) => {
      log.debug('A browser left', { address, reason: error.message });
      socket.destroy();
    });
    socket.once('close', () => raw.destroy());
    socket.once('secure', ready);
    this.#visits.delete(raw);
    this.#visits.set(socket, visit);
    visit.socket = socket;
  }

  /**
   * A place for whoever comes, from those who let the box wait: of whoever has the most connections,
   * so that two machines that hold all of them open do not keep the owner out; else of whoever has
   * been waited for longest, for one machine may come under many addresses.
   */
  #makeRoom(address: string): boolean {
    const now = this.#ports.clock.elapsed();
    const byPeer = Map.groupBy(this.#visits.values(), (visit) => networkOf(visit.address));
    const own = byPeer.get(networkOf(address))?.length ?? 0;
    const [most = []] = [...byPeer.values()].sort((one, other) => other.length - one.length);
    const isCrowd = most.length > own + 1;
    const wait = isCrowd ? 0 : longWait;
    const first = (isCrowd ? most : [...this.#visits.values()])
      .filter((visit) => (visit.awaitedFor(now) ?? -1) >= wait)
      .sort((one, other) => (other.awaitedFor(now) ?? 0) - (one.awaitedFor(now) ?? 0))[0];
    if (first === undefined) return false;
    this.#visits.delete(first.socket);
    first.leave();
    first.socket.destroy();
    return true;
  }

  /** RFC 9110 §15.6.4. Over TLS there are no words without a handshake. */
  #turnAway(socket: Socket, secure: boolean, address: string, shortage: Shortage): void {
    if (secure) socket.destroy();
    else socket.end(busy, () => socket.destroy());
    this.#turnedAway += 1;
    const now = this.#ports.clock.elapsed();
    if (now - this.#complainedAt < complaintEvery) return;
    this.#ports.log.warn('Turned a browser away: there are too many connections.', {
      peer: networkOf(address),
      limit: shortage,
      turnedAway: this.#turnedAway,
      place: placeOf(address),
    });
    this.#complainedAt = now;
    this.#turnedAway = 0;
  }

  #look(): void {
    const { clock, log, admission } = this.#ports;
    const now = clock.elapsed();
    for (const visit of this.#visits.values()) {
      const why = visit.look(now);
      if (why === undefined) continue;
      log.debug(`A browser's connection ends: ${why}`, { address: visit.address });
      visit.socket.destroy();
    }
    if (admission.memoryIsShort()) {
      for (const { isIdle, socket } of this.#visits.values()) if (isIdle) socket.destroy();
    }
    const more = this.#visits.size > 0;
    this.#glance = more ? clock.after(glance, () => this.#look()) : undefined;
  }
}

const busy =
  'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n';
