/* The uplinks of the house, from the registry, as the dispatcher asks for them. */
import { failed, type Result } from '#base/result';
import type { AccountId, UplinkId } from '#mail/ids';
import type { Uplink, Uplinks } from '#mail/uplinks/uplinks';
import type { UplinkTarget } from './connection.ts';
import { type TargetPorts, targetOf } from './target.ts';
import type { NoTarget, Way, Ways } from './ways.ts';

export interface HouseholdWaysPorts extends TargetPorts {
  readonly uplinks: Pick<Uplinks, 'list' | 'byId' | 'nameOf' | 'serving' | 'setQuota'>;
  /** Who may send as this address. */
  readonly ownersOf: (address: string) => readonly AccountId[];
}

export class HouseholdWays implements Ways {
  readonly #ports: HouseholdWaysPorts;

  constructor(ports: HouseholdWaysPorts) {
    this.#ports = ports;
  }

  all(): readonly Way[] {
    return this.#ports.uplinks.list().map(wayOf);
  }

  way(uplink: UplinkId): Way | undefined {
    const found = this.#ports.uplinks.byId(uplink);
    return found && wayOf(found);
  }

  nameOf(uplink: UplinkId): string | undefined {
    return this.#ports.uplinks.nameOf(uplink);
  }

  serving(via: string): UplinkId | undefined {
    return this.#ports.uplinks.serving(via);
  }

  async target(uplink: UplinkId): Promise<Result<UplinkTarget, NoTarget>> {
    const found = this.#ports.uplinks.byId(uplink);
    if (found !== undefined) return targetOf(found, this.#ports);
    return failed({ kind: 'unreachable', say: 'This uplink was removed' });
  }

  setQuota(uplink: UplinkId, quota: Way['quota']): Promise<Result<void, unknown>> {
    return this.#ports.uplinks.setQuota(uplink, quota);
  }

  /** Whose addresses it serves; empty: nobody's in particular. */
  owners(uplink: UplinkId): readonly AccountId[] {
    const addresses = this.#ports.uplinks.byId(uplink)?.addresses ?? [];
    return [...new Set(addresses.flatMap((address) => this.#ports.ownersOf(address)))];
  }
}

function wayOf({ id, name, provider, connections, quota }: Uplink): Way {
  return { id, name, provider, connections, ...(quota === undefined ? {} : { quota }) };
}
