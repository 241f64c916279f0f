/*
 * A wire between a client and a server that breaks: each connection is cut after so many octets, as
 * drawn for it, counted in both directions together. What came before the cut has been passed on.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { reset } from './reset.ts';

export class CuttingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Connections that were cut. */
  cuts = 0;
  /** Octets of the last connection that ended by itself. */
  lastWhole = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `draw`: after how many octets the next connection is cut. Infinity: not at all. */
  static async listen(target: number, draw: () => number): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on('connection', (client) => proxy.#join(client, target, draw()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, target: number, octets: number): void {
    const server = connect({ port: target, host: '127.0.0.1' });
    let left = octets;
    let passed = 0;
    let cut = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(from);
      from.on('error', () => {});
      from.on('data', (piece: Buffer) => {
        if (cut) return;
        passed += piece.length;
        to.write(piece.subarray(0, left));
        left -= piece.length;
        if (left > 0) return;
        cut = true;
        this.cuts += 1;
        // What was passed on leaves first; then the wire is gone in both directions.
        to.end(() => {
          reset(from);
          to.destroy();
        });
      });
      from.on('end', () => void (cut || to.end()));
      from.on('close', () => {
        this.#open.delete(from);
        if (!cut) this.lastWhole = passed;
        to.destroySoon();
      });
    }
  }
}
