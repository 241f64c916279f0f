/* Uplinks without a disk, for tests. */
import { ok, type Result } from '#base/result';
import type { UplinkId } from '../../ids.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { UplinkRecord, UplinkRecords } from '../records.ts';

export class MemoryUplinkRecords implements UplinkRecords {
  readonly #uplinks = new Map<UplinkId, UplinkRecord>();
  /** Never given twice. */
  #lastId = 0;

  async load(): Promise<UplinkRecord[]> {
    return [...this.#uplinks.values()].sort((one, other) => one.id - other.id);
  }

  async add(uplink: Omit<UplinkRecord, 'id'>): Promise<Result<UplinkRecord, StoreTrouble>> {
    this.#lastId += 1;
    const record = { ...uplink, id: this.#lastId as UplinkId };
    this.#set(record);
    return ok(record);
  }

  async put(uplink: UplinkRecord): Promise<Result<void, StoreTrouble>> {
    if (this.#uplinks.has(uplink.id)) this.#set(uplink);
    return ok(undefined);
  }

  async remove(id: UplinkId): Promise<Result<void, StoreTrouble>> {
    this.#uplinks.delete(id);
    return ok(undefined);
  }

  #set(uplink: UplinkRecord): void {
    if (uplink.isDefault) {
      for (const one of this.#uplinks.values()) {
        this.#uplinks.set(one.id, { ...one, isDefault: false });
      }
    }
    this.#uplinks.set(uplink.id, uplink);
  }
}
