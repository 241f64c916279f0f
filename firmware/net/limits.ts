/*
 * How many connections there may be: in all, from one peer, and for as long as there is memory.
 * One object counts for all listeners. It only decides and counts; the network says the polite
 * words and closes. While memory is short, those inside go too, one a second. Each limit stops an
 * attack or a mishap that needs no malice.
 */

import { totalmem } from 'node:os';
import type { Clock } from '#base/clock';
import { networkOf } from '#base/network-of';

export interface ConnectionLimits {
  /** Connections in all. Stops many peers together from taking all memory and file descriptors. */
  readonly total: number;
  /** Connections from one peer (IPv6: one /64). Stops one peer from taking all of `total`. */
  readonly perPeer: number;
  /**
   * Octets of resident memory beyond which nobody new is let in and the silent are sent away: a
   * board that swaps serves nobody.
   */
  readonly memory: number;
}

/** Why a connection is not let in. */
export type Shortage = 'total' | 'peer' | 'memory';

/** How often the process's size is looked at, in milliseconds. Looking costs a system call. */
const memoryGlance = 1000;

export class Admission {
  readonly #clock: Clock;
  readonly #resident: () => number;
  readonly #byPeer = new Map<string, number>();
  #limits: ConnectionLimits;
  #connections = 0;
  #memoryShort = false;
  #glancedAt = Number.NEGATIVE_INFINITY;

  /** `resident` gives the process's resident memory in octets. */
  constructor(
    limits: ConnectionLimits,
    clock: Clock,
    resident: () => number = () => process.memoryUsage.rss(),
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#resident = resident;
  }

  /** Connections now. */
  get connections(): number {
    return this.#connections;
  }

  /** Applies from the next connection on; nobody inside is sent away. */
  change(limits: ConnectionLimits): void {
    this.#limits = limits;
    this.#glancedAt = Number.NEGATIVE_INFINITY;
  }

  /** Lets a peer in and counts it, or says why not. Each one let in is given back by `leave`. */
  enter(address: string): Shortage | undefined {
    if (this.#connections >= this.#limits.total) return 'total';
    const peer = networkOf(address);
    const already = this.#byPeer.get(peer) ?? 0;
    if (already >= this.#limits.perPeer) return 'peer';
    if (this.memoryIsShort()) return 'memory';
    this.#byPeer.set(peer, already + 1);
    this.#connections += 1;
    return undefined;
  }

  leave(address: string): void {
    const peer = networkOf(address);
    const others = (this.#byPeer.get(peer) ?? 1) - 1;
    if (others > 0) this.#byPeer.set(peer, others);
    else this.#byPeer.delete(peer);
    this.#connections -= 1;
  }

  /** Is the process larger than it may be? As of this second. */
  memoryIsShort(): boolean {
    const now = this.#clock.elapsed();
    if (now - this.#glancedAt >= memoryGlance) {
      this.#glancedAt = now;
      this.#memoryShort = this.#resident() > this.#limits.memory;
    }
    return this.#memoryShort;
  }
}

/**
 * A shorter silence (ms) is a pause in a conversation: whoever is being served is let finish, for
 * work thrown away comes back and costs memory again.
 */
const pauseInTalk = 5_000;

/**
 * Who is sent away while memory is short: who has been silent longest, and of equals who came
 * first. Nobody, while all are busy.
 */
export function firstToGo<T>(inside: Iterable<T>, silence: (one: T) => number): T | undefined {
  let first: T | undefined;
  let longest = pauseInTalk;
  for (const one of inside) {
    const silent = silence(one);
    if (silent <= longest) continue;
    first = one;
    longest = silent;
  }
  return first;
}

/** `share` (0 to 1) of the memory this process may use: the machine's, or its cgroup's if less. */
export function memoryShare(share: number): number {
  const allowed = process.constrainedMemory();
  return Math.floor(share * Math.min(totalmem(), allowed > 0 ? allowed : totalmem()));
}
