/*
 * Who is signed in to the web pages: keys of 256 bits, kept in memory as their hashes alone, so that
 * not even a copy of the memory opens a page. A session ends after twelve hours, after half an hour
 * without a request, an open live page (somebody looks at the lamps) or an open web socket (somebody
 * works in the editor), when its owner signs out, and when the password changes. There are few: only
 * the right password makes one.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';

interface Session {
  /** Elapsed milliseconds. */
  readonly began: number;
  seen: number;
  /** Live pages and web sockets. */
  held: number;
  /** What ends with it: live pages and web sockets. */
  readonly ends: Set<() => void>;
}

const minute = 60_000;
export const longestSession = 12 * 60 * minute;
export const longestRest = 30 * minute;
/** Browsers of one household. */
const most = 32;
const keyOctets = 32;

export class Sessions {
  readonly #clock: Clock;
  readonly #random: Random;
  /** By the hash of the key; who was seen longest ago first. */
  readonly #sessions = new Map<string, Session>();
  #alarm: Disposable | undefined;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Sessions now. */
  get size(): number {
    this.#sweep();
    return this.#sessions.size;
  }

  /** A new session's key. Of too many, the one that rested longest ends. */
  open(): string {
    const key = this.#random.octets(keyOctets).toString('base64url');
    const now = this.#clock.elapsed();
    this.#sessions.set(hashOf(key), { began: now, seen: now, held: 0, ends: new Set() });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > most && oldest !== undefined) this.#end(oldest);
    this.#watchTime();
    return key;
  }

  /** Is it a session's key? Then it was seen just now. */
  see(key: string): boolean {
    this.#sweep();
    const hash = hashOf(key);
    const session = this.#sessions.get(hash);
    if (session === undefined) return false;
    session.seen = this.#clock.elapsed();
    this.#sessions.delete(hash);
    this.#sessions.set(hash, session);
    return true;
  }

  /** Calls `end` when the session ends; at once when there is none. */
  whenEnded(key: string, end: () => void): Disposable {
    const session = this.#sessions.get(hashOf(key));
    if (session === undefined) end();
    session?.ends.add(end);
    return { [Symbol.dispose]: () => void session?.ends.delete(end) };
  }

  /** The session does not rest until the Disposable is disposed of. */
  hold(key: string): Disposable {
    const session = this.#sessions.get(hashOf(key));
    if (session === undefined) return { [Symbol.dispose]: () => {} };
    session.held += 1;
    return {
      [Symbol.dispose]: () => {
        session.held -= 1;
        session.seen = this.#clock.elapsed();
      },
    };
  }

  end(key: string): void {
    this.#end(hashOf(key));
  }

  endAll(): void {
    for (const hash of [...this.#sessions.keys()]) this.#end(hash);
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #end(hash: string): void {
    const session = this.#sessions.get(hash);
    this.#sessions.delete(hash);
    for (const end of [...(session?.ends ?? [])]) end();
  }

  #sweep(): void {
    const now = this.#clock.elapsed();
    for (const [hash, session] of [...this.#sessions]) {
      if (endOf(session) <= now) this.#end(hash);
    }
  }

  /** One alarm for all: at the first end that comes if nobody is seen. */
  #watchTime(): void {
    if (this.#alarm !== undefined || this.#sessions.size === 0) return;
    const first = Math.min(...[...this.#sessions.values()].map(endOf));
    this.#alarm = this.#clock.after(Math.max(1, first - this.#clock.elapsed()), () => {
      this.#alarm = undefined;
      this.#sweep();
      this.#watchTime();
    });
  }
}

function endOf({ began, seen, held }: Session): number {
  return Math.min(began + longestSession, held > 0 ? Number.POSITIVE_INFINITY : seen + longestRest);
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}
