/*
 * Stands before a provider's port: passes every octet on, both ways, and tells when the box's first
 * one comes, by performance.now().
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class Doorstep implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #came = Promise.withResolvers<number>();

  private constructor(provider: number) {
    this.#server = createServer((box) => {
      const beyond = connect(provider, '127.0.0.1');
      box.once('data', () => this.#came.resolve(performance.now()));
      for (const [one, other] of [
        [box, beyond],
        [beyond, box],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy()).once('close', () => this.#sockets.delete(one));
        one.pipe(other);
      }
    });
  }

  static async before(provider: number): Promise<Doorstep> {
    const doorstep = new Doorstep(provider);
    doorstep.#server.listen(0, '127.0.0.1');
    await once(doorstep.#server, 'listening');
    return doorstep;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends the connections there are, for a box keeps them for a while; when the first octet of the
   * next one came. */
  next(): Promise<number> {
    this.#hangUp();
    this.#came = Promise.withResolvers();
    return this.#came.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hangUp();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
