/*
 * The open connections of one uplink that have nothing to do just now. They are kept for half a
 * minute, for a person who writes one letter often writes another, and then closed politely.
 */
import type { Clock } from '#base/clock';
import type { UplinkConnection } from './connection.ts';

const idleTime = 30_000;

interface Idle {
  readonly connection: UplinkConnection;
  readonly alarm: Disposable;
}

export class Pool {
  readonly #clock: Clock;
  #idle: Idle[] = [];
  readonly #closing = new Set<Promise<void>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#idle.length;
  }

  /** The one that was used last. */
  take(): UplinkConnection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      idle.alarm[Symbol.dispose]();
      if (idle.connection.usable) return idle.connection;
      this.close(idle.connection);
    }
    return undefined;
  }

  park(connection: UplinkConnection): void {
    if (!connection.usable) {
      this.close(connection);
      return;
    }
    const alarm = this.#clock.after(idleTime, () => {
      this.#idle = this.#idle.filter((one) => one.connection !== connection);
      this.close(connection);
    });
    this.#idle.push({ connection, alarm });
  }

  close(connection: UplinkConnection): void {
    const closing = connection
      .close()
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  closeAll(): void {
    for (const { connection, alarm } of this.#idle.splice(0)) {
      alarm[Symbol.dispose]();
      this.close(connection);
    }
  }

  /** Closes all, and waits for it. */
  async stop(): Promise<void> {
    this.closeAll();
    await Promise.all(this.#closing);
  }
}
