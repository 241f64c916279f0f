/* Sources without a disk, for tests. */
import { ok, type Result } from '#base/result';
import type { SourceId } from '../../ids.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { SourceRecord, SourceRecords } from '../records.ts';

export class MemorySourceRecords implements SourceRecords {
  readonly #sources = new Map<SourceId, SourceRecord>();
  #last = 0;

  async load(): Promise<SourceRecord[]> {
    return [...this.#sources.values()].sort((one, other) => one.id - other.id);
  }

  async add(source: Omit<SourceRecord, 'id'>): Promise<Result<SourceRecord, StoreTrouble>> {
    if ([...this.#sources.values()].some(({ name }) => name === source.name)) {
      throw new Error(`there is a source ${source.name} already`);
    }
    this.#last += 1;
    const record = { ...source, id: this.#last as SourceId };
    this.#sources.set(record.id, record);
    return ok(record);
  }

  async put(source: SourceRecord): Promise<Result<void, StoreTrouble>> {
    if (this.#sources.has(source.id)) this.#sources.set(source.id, source);
    return ok(undefined);
  }

  async forget(id: SourceId): Promise<Result<void, StoreTrouble>> {
    this.#sources.delete(id);
    return ok(undefined);
  }
}
