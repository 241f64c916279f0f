/*
 * A proxy on loopback that cuts its connections after so many octets, in either direction, as a
 * router that restarts does: by an end, a reset, or one side only.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { reset } from './reset.ts';

export type Cut = 'end' | 'reset';

export interface Plan {
  /** Octets, both directions together, before the cut; none: it never cuts. */
  readonly after?: number;
  readonly how?: Cut;
  /** Called in place of a cut. */
  readonly instead?: () => void;
}

export class BreakingWire implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #to: number;
  #plan: Plan = {};
  /** Octets that went through since the plan was made. */
  passed = 0;

  private constructor(to: number) {
    this.#to = to;
    this.#server = createServer((client) => this.#join(client));
  }

  static async before(port: number): Promise<BreakingWire> {
    const proxy = new BreakingWire(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  plan(plan: Plan): void {
    this.#plan = plan;
    this.passed = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(this.#to, '127.0.0.1');
    const both = [client, server] as const;
    for (const [from, to] of [both, [server, client] as const]) {
      this.#sockets.add(from);
      from.on('data', (octets: Buffer) => this.#pass(octets, to, both));
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
    }
  }

  #pass(octets: Buffer, to: Socket, both: readonly [Socket, Socket]): void {
    const { after = Number.POSITIVE_INFINITY, how = 'end', instead } = this.#plan;
    const left = after - this.passed;
    this.passed += octets.length;
    if (octets.length < left || left <= 0) {
      to.write(octets);
      return;
    }
    to.write(octets.subarray(0, left));
    if (instead !== undefined) {
      to.write(octets.subarray(left));
      instead();
      return;
    }
    for (const socket of both) {
      if (how === 'reset') reset(socket);
      else socket.destroySoon();
    }
  }
}
