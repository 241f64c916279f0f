/*
 * A listening port: one protocol on every address of `listen.host`, plain or with TLS from the
 * first octet. It binds, says in one sentence what stands in the way, and hands each accepted
 * socket on. What becomes of the socket is the network's affair.
 */
import { type AddressInfo, createServer, isIP, isIPv6, type Server, type Socket } from 'node:net';
import type { Log } from '#base/log';
import { failed, ok, type Result, type Trouble, trouble } from '#base/result';
import type { Protocol } from '#protocol/session';

/** What to listen for, and where, on mail's ports. */
export interface ListenerPlan extends ListenerPlace {
  readonly protocol: Protocol;
  /** RFC 8314 §3: TLS from the first octet; otherwise plain, with STARTTLS where it is spoken. */
  readonly implicitTls: boolean;
}

/** Where to listen. */
export interface ListenerPlace {
  readonly protocol: Pick<Protocol, 'name'>;
  /** 0 takes any free port (tests). Whether a listener is switched off is decided before. */
  readonly port: number;
  /** The setting the port comes from, e.g. 'pop3.port', to name it when something is wrong. */
  readonly setting: string;
  /** IP addresses, or 'localhost' for both loopback addresses. */
  readonly hosts: readonly string[];
}

/** Where a listener really listens. */
export interface Endpoint {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

export type ListenTrouble = Trouble<
  'port-in-use' | 'port-forbidden' | 'no-such-address' | 'listen'
>;

/** Connections the kernel keeps for us while we are busy. */
const backlog = 511;

export class Listener {
  readonly plan: ListenerPlace;
  readonly #accept: (socket: Socket) => void;
  readonly #log: Log;
  #servers: Server[] = [];

  constructor(plan: ListenerPlace, accept: (socket: Socket) => void, log: Log) {
    this.plan = plan;
    this.#accept = accept;
    this.#log = log;
  }

  /** Listens on all addresses, or on none and says why. */
  async start(): Promise<Result<readonly Endpoint[], ListenTrouble>> {
    const endpoints: Endpoint[] = [];
    // With port 0 the first address draws a port and the others take the same.
    let port = this.plan.port;
    for (const host of expandHosts(this.plan.hosts)) {
      const bound = await this.#bind(host, port);
      if (bound instanceof Error) {
        if (ipv6IsOff(host, bound)) {
          this.#log.warn(`IPv6 is off on this machine; not listening on ${host}.`, { host });
          continue;
        }
        this.stop();
        return failed(this.#explain(bound, host, port));
      }
      port = bound.port;
      endpoints.push({ protocol: this.plan.protocol.name, address: host, port });
    }
    return ok(endpoints);
  }

  /** Takes no more connections; those that stand are left alone. */
  stop(): void {
    for (const server of this.#servers) server.close();
    this.#servers = [];
  }

  #bind(host: string, port: number): Promise<AddressInfo | NodeJS.ErrnoException> {
    if (isIP(host) === 0) {
      return Promise.resolve(Object.assign(new Error(host), { code: 'ENOTFOUND' }));
    }
    return new Promise((resolve) => {
      // Half-open: a peer may end its half (`printf ... | nc`) and still wants the answer.
      const server = createServer({ allowHalfOpen: true }, this.#accept);
      server.once('error', resolve);
      // '::' alone would take IPv4 too, and then '0.0.0.0' beside it fails.
      server.listen({ host, port, backlog, ipv6Only: isIPv6(host) }, () => {
        server.removeListener('error', resolve);
        // Out of file descriptors, for example: the connection is lost, the listener is not.
        server.on('error', (error) => {
          this.#log.warn('A connection could not be accepted.', { reason: error.message });
        });
        this.#servers.push(server);
        resolve(server.address() as AddressInfo);
      });
    });
  }

  #explain(error: NodeJS.ErrnoException, host: string, port: number): ListenTrouble {
    const where = `Port ${port} (setting ${this.plan.setting})`;
    switch (error.code) {
      case 'EADDRINUSE':
        return trouble(
          'port-in-use',
          `${where} is already in use on ${host} by another program: ` +
            `end that one, or set ${this.plan.setting} to another port.`,
          error.message,
          true,
        );
      case 'EACCES':
        return trouble(
          'port-forbidden',
          `${where} needs a permission that this user does not have: ` +
            `set ${this.plan.setting} to a port above 1023.`,
          error.message,
          false,
        );
      case 'EADDRNOTAVAIL':
      case 'EAFNOSUPPORT':
        return trouble(
          'no-such-address',
          `This machine does not have the address ${host} (setting listen.host).`,
          error.message,
          true,
        );
      case 'ENOTFOUND':
        return trouble(
          'no-such-address',
          `"${host}" (setting listen.host) is not an IP address.`,
          error.message,
          false,
        );
      default:
        return trouble('listen', `${where} cannot be opened on ${host}: ${error.message}.`, '');
    }
  }
}

/** 'localhost' is not looked up: a resolver's answer is no business of a listening port. */
function expandHosts(hosts: readonly string[]): string[] {
  const addresses = hosts.flatMap((host) =>
    host === 'localhost' ? ['127.0.0.1', '::1'] : [host.replace(/^\[(.*)\]$/, '$1')],
  );
  return [...new Set(addresses)];
}

/** Nobody chose ::1 or :: because of a certain machine; without IPv6 they are simply not there. */
function ipv6IsOff(host: string, error: NodeJS.ErrnoException): boolean {
  const everywhere = host === '::1' || host === '::';
  return everywhere && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT');
}
