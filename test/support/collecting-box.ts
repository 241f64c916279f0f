/*
 * A collector with sources played in memory, a registry, and a clock that is turned by hand, for
 * tests of when it looks where. What a look does is tested with collecting-house.ts alone.
 */
import { failed, ok, type Result } from '#base/result';
import { Collector, type CollectorPorts, type ProviderManners } from '#collector/collector';
import type { SourceTarget, UpstreamConnector } from '#collector/upstream';
import type { NoTarget } from '#collector/visit';
import type { SourceId } from '#mail/ids';
import type { Source } from '#mail/sources/sources';
import type { StoreHealth } from '#mail/store/store';
import { ann, CollectingHouse } from './collecting-house.ts';
import { MemorySource } from './memory-upstream.ts';

export class CollectingBox {
  readonly house = new CollectingHouse(new MemorySource());
  readonly clock = this.house.clock;
  /** By the host of the source. */
  readonly servers = new Map<string, MemorySource>();
  readonly sources: Source[] = [];
  readonly collector: Collector;
  health: StoreHealth = { takesMail: true, serves: true, room: 1_000_000 };
  connections = 2;
  /** What stands in the way of a sign-in. */
  noTarget: NoTarget | undefined;
  accessToken: string | undefined;
  renewed: Result<string, NoTarget> = failed({ kind: 'unreachable', say: 'no network' });
  /** Who shares the sign-in was told of this. */
  readonly toldOfSignIn: string[] = [];
  manners: ProviderManners = {};
  /** Happens while somebody is told something. */
  whenTold = () => {};

  constructor() {
    const connector: UpstreamConnector = {
      connect: (target, signal) => this.#server(target.host).connect(target, signal),
    };
    const ports: CollectorPorts = {
      ...this.house.ports,
      store: { incoming: () => this.house.failing.incoming(), health: () => this.health },
      notices: {
        tell: (account, notice) => {
          this.whenTold();
          return this.house.ports.notices.tell(account, notice);
        },
      },
      connector,
      briskConnector: connector,
      target: async ({ host, port, security, protocol, user }) => {
        if (this.noTarget !== undefined) return failed(this.noTarget);
        const { accessToken } = this;
        const secret = accessToken === undefined ? { password: 'secret' } : { accessToken };
        return ok<SourceTarget>({ host, port, security, protocol, user, secret });
      },
      tokenInPlaceOf: async () => this.renewed,
      tellOfSignIn: async (_source, say) => ok(void this.toldOfSignIn.push(say)),
      sources: {
        list: () => this.sources,
        byId: (id) => this.sources.find((source) => source.id === id),
        stop: async (id, stopped, isStillSo = () => true) => {
          return ok(isStillSo() ? this.change(id, { stopped }) : undefined);
        },
        clearStop: async (id) => {
          const index = this.sources.findIndex((source) => source.id === id);
          const { stopped: _stopped, ...going } = this.sources[index] as Source;
          this.sources[index] = going;
          return ok(this.collector.changed(id));
        },
      },
      mannersOf: () => this.manners,
      hasRoom: () => this.health.room >= 1_000,
      connections: () => this.connections,
    };
    this.collector = new Collector(ports);
  }

  /** A source at a server of its own. */
  add(server: MemorySource, more: Partial<Source> = {}): Source {
    const id = (this.sources.length + 1) as SourceId;
    const source: Source = {
      ...{ id, name: `source${id}`, account: ann, provider: '', protocol: server.protocol },
      ...{ host: `host${id}.example`, port: 993, security: 'tls', user: 'ann', folders: [] },
      ...{ since: { kind: 'all' }, keep: { kind: 'forever' }, every: 300_000 },
      ...{ addedAt: this.clock.now(), paused: false },
      ...more,
    };
    this.servers.set(source.host, server);
    this.sources.push(source);
    return source;
  }

  /** As the registry does it: what is changed is told. */
  change(id: SourceId, changes: Partial<Source>): void {
    const index = this.sources.findIndex((source) => source.id === id);
    const source = this.sources[index];
    if (source !== undefined) this.sources[index] = { ...source, ...changes };
    this.collector.changed(id);
  }

  /** Until it is so; looked at whenever the collector tells that something has changed. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _watch = this.collector.watch(() => {
      if (isSo()) resolve();
    });
    await promise;
  }

  condition(source: Source): string {
    return this.collector.condition(source.id)?.condition.kind ?? 'gone';
  }

  #server(host: string): MemorySource {
    const server = this.servers.get(host);
    if (server === undefined) throw new Error(`there is no server ${host}`);
    return server;
  }
}
