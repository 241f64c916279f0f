/* The owner's password without a disk, for tests. */
import { ok } from '#base/result';
import type { OwnerRecord, OwnerRecords } from '../records.ts';

export class MemoryOwnerRecords implements OwnerRecords {
  #record: OwnerRecord | undefined;

  async load() {
    return this.#record;
  }

  async put(record: OwnerRecord) {
    this.#record = record;
    return ok(undefined);
  }
}
