/*
 * What is known of collected messages, without a disk: the readable model that SqliteCollected is
 * compared with. MemoryStore notes here what arrives.
 */
import { failed, ok, type Result, trouble } from '#base/result';
import type { SourceFolderId, SourceId } from '../../ids.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type {
  Collected,
  CollectedKey,
  CollectedRecord,
  Match,
  Present,
  SourceFolder,
} from '../collected.ts';

type Kept<T = void> = Promise<Result<T, StoreTrouble>>;

const matchesTold = 100;

export class MemoryCollected implements Collected {
  readonly #sourceIsThere: (source: SourceId) => boolean;
  readonly #folders = new Map<SourceFolderId, SourceFolder>();
  readonly #records = new Map<string, CollectedRecord>();
  readonly #delivered = new Map<SourceId, number>();

  constructor(sourceIsThere: (source: SourceId) => boolean = () => true) {
    this.#sourceIsThere = sourceIsThere;
  }

  /** Called by the store in the commit of an arrival. */
  arrive(record: CollectedRecord): Result<void, StoreTrouble> {
    const source = this.#folders.get(record.folder)?.source;
    if (source === undefined || !this.#sourceIsThere(source)) return failed(sourceGone());
    this.#records.set(keyOf(record), record);
    this.#delivered.set(source, (this.#delivered.get(source) ?? 0) + 1);
    return ok(undefined);
  }

  async folders(source: SourceId): Kept<SourceFolder[]> {
    return ok([...this.#folders.values()].filter((folder) => folder.source === source));
  }

  async folder(source: SourceId, name: string, identity: string): Kept<SourceFolder> {
    const there = [...this.#folders.values()].find(
      (one) => one.source === source && one.name === name && one.identity === identity,
    );
    if (there !== undefined) return ok(there);
    if (!this.#sourceIsThere(source)) return failed(sourceGone());
    const id = (this.#folders.size + 1) as SourceFolderId;
    const folder = { id, source, name, identity };
    this.#folders.set(id, folder);
    return ok(folder);
  }

  async settle(id: SourceFolderId, far: Pick<SourceFolder, 'settled' | 'modseq'>): Kept {
    const folder = this.#folders.get(id);
    if (folder === undefined) return ok(undefined);
    const { settled: _settled, modseq: _modseq, ...rest } = folder;
    this.#folders.set(id, { ...rest, ...far });
    return ok(undefined);
  }

  async known(folder: SourceFolderId, uids: readonly string[]): Kept<Map<string, CollectedRecord>> {
    const records = uids.flatMap((uid) => this.#records.get(keyOf({ folder, uid })) ?? []);
    return ok(new Map(records.map((record) => [record.uid, record])));
  }

  async matching(source: SourceId, digest: Buffer): Kept<Match[]> {
    const matches = [...this.#records.values()].flatMap((record) => {
      const folder = this.#folders.get(record.folder);
      if (folder?.source !== source || record.digest?.equals(digest) !== true) return [];
      return { ...record, in: { name: folder.name, identity: folder.identity } };
    });
    return ok(matches.sort((one, other) => one.at - other.at).slice(0, matchesTold));
  }

  async note(records: readonly CollectedRecord[], instead: readonly CollectedKey[] = []): Kept {
    for (const { folder } of records) {
      const source = this.#folders.get(folder)?.source;
      if (source === undefined || !this.#sourceIsThere(source)) return failed(sourceGone());
    }
    for (const key of instead) this.#records.delete(keyOf(key));
    for (const record of records) this.#records.set(keyOf(record), record);
    return ok(undefined);
  }

  async removable(folder: SourceFolderId, until: number, count: number): Kept<CollectedRecord[]> {
    const due = [...this.#records.values()].filter(
      (one) =>
        one.folder === folder &&
        one.at <= until &&
        one.removedAt === undefined &&
        (one.fate === 'here' || one.fate === 'twin'),
    );
    return ok(due.sort((one, other) => one.at - other.at).slice(0, count));
  }

  async present(folder: SourceFolderId, after: string | undefined, count: number): Kept<Present[]> {
    const there = [...this.#records.values()].filter(
      (one) =>
        one.folder === folder &&
        one.removedAt === undefined &&
        (after === undefined || one.uid > after),
    );
    const page = there.sort((one, other) => (one.uid < other.uid ? -1 : 1)).slice(0, count);
    return ok(page.map(({ uid, fate, octets }) => ({ folder, uid, fate, octets })));
  }

  async removed(keys: readonly CollectedKey[], at: number): Kept {
    for (const key of keys) {
      const record = this.#records.get(keyOf(key));
      if (record !== undefined) this.#records.set(keyOf(key), { ...record, removedAt: at });
    }
    return ok(undefined);
  }

  async prune(source: SourceId, before: number): Kept {
    for (const [key, { folder, removedAt }] of this.#records) {
      if (this.#folders.get(folder)?.source !== source) continue;
      if (removedAt !== undefined && removedAt < before) this.#records.delete(key);
    }
    return ok(undefined);
  }

  async count(source: SourceId): Kept<number> {
    return ok(this.#delivered.get(source) ?? 0);
  }
}

function keyOf({ folder, uid }: CollectedKey): string {
  return `${folder} ${uid}`;
}

function sourceGone(): StoreTrouble {
  const say = 'The source it was collected from is gone';
  return trouble('lost', say, say);
}
