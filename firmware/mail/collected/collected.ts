/*
 * The port to what the box knows of the messages at its sources: which of them are here, and what
 * became of the others. A message that is delivered is noted in the commit of its arrival
 * (`Along.collected` in ../store/store.ts), so what is here and what is known of it cannot
 * disagree.
 *
 * Two proofs tell that a message is here already. The first is its unique-id at the source (a UIDL,
 * or a UID under its UIDVALIDITY). The second is its digest, for when unique-ids changed. How they
 * are used stands in collector/judgement.ts. Adapters: SqliteCollected, MemoryCollected.
 */
import type { Result } from '#base/result';
import type { SourceFolderId, SourceId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';

/** Names a message at its source. */
export interface CollectedKey {
  readonly folder: SourceFolderId;
  /** POP3: the UIDL (RFC 1939 §7). IMAP: the UID in decimal (RFC 9051 §2.3.1.1). */
  readonly uid: string;
}

/**
 * `here`: it was delivered. `twin`: the same message was delivered from another folder of the
 * source. `skipped`: older than the source is to be collected from. `too-large`: over the limit;
 * its owner was told.
 */
export type Fate = 'here' | 'twin' | 'skipped' | 'too-large';

export interface CollectedRecord extends CollectedKey {
  readonly fate: Fate;
  /** 16 octets (collector/digest.ts); undefined when it was never fetched. */
  readonly digest?: Buffer;
  /** 8 octets, of the header section alone. */
  readonly headDigest?: Buffer;
  /** As the source lists it; 0: it does not say. */
  readonly octets: number;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  /** When the source's copy was removed, by us or by others. */
  readonly removedAt?: number;
}

/** As much of a record as is wanted of each of 100,000; without its digests, which weigh most. */
export type Present = Pick<CollectedRecord, 'folder' | 'uid' | 'fate' | 'octets'>;

/** A folder under one identity. When the identity changes, the folder gets another row, and the
 * records of the former one are matched by digest. */
export interface SourceFolder {
  readonly id: SourceFolderId;
  readonly source: SourceId;
  /** POP3: ''. */
  readonly name: string;
  /** IMAP: UIDVALIDITY in decimal. POP3: ''. */
  readonly identity: string;
  /** IMAP: every message below this UID is settled. Only saves work: records are the truth. */
  readonly settled?: number;
  /** RFC 7162 HIGHESTMODSEQ when the folder was last settled as a whole. */
  readonly modseq?: string;
}

export interface Match extends CollectedRecord {
  /** The folder it was noted in, as it is or was. */
  readonly in: Pick<SourceFolder, 'name' | 'identity'>;
}

type Kept<T = void> = Promise<Result<T, StoreTrouble>>;

export interface Collected {
  /** Of a source, former identities too, oldest first. */
  folders(source: SourceId): Kept<SourceFolder[]>;
  /** The folder under this identity; made when it is new. */
  folder(source: SourceId, name: string, identity: string): Kept<SourceFolder>;
  /** How far the folder is settled. On disk when it resolves. */
  settle(folder: SourceFolderId, far: Pick<SourceFolder, 'settled' | 'modseq'>): Kept;
  /** What is known of these; ask for at most 1,000 at a time. */
  known(folder: SourceFolderId, uids: readonly string[]): Kept<Map<string, CollectedRecord>>;
  /** Records of the source with this digest, oldest first; at most 100. */
  matching(source: SourceId, digest: Buffer): Kept<Match[]>;
  /** Writes records, in place of earlier ones of the same keys; `instead` are forgotten in the same
   * commit (a record that moves to another unique-id). `lost` when the source is gone. */
  note(records: readonly CollectedRecord[], instead?: readonly CollectedKey[]): Kept;
  /** Delivered messages (here, twin) whose copy at the source is not removed, noted at or before
   * `until`; the oldest, in the folder. */
  removable(folder: SourceFolderId, until: number, count: number): Kept<CollectedRecord[]>;
  /** Records of the folder whose copy at the source is not known to be gone, whatever their fate,
   * in an order of their unique-ids that never changes: those behind `after`, or from the first. */
  present(folder: SourceFolderId, after: string | undefined, count: number): Kept<Present[]>;
  /** Their copies at the source are gone. */
  removed(keys: readonly CollectedKey[], at: number): Kept;
  /** Forgets what was removed at the source before then. */
  prune(source: SourceId, before: number): Kept;
  /** Messages delivered from the source so far. */
  count(source: SourceId): Kept<number>;
}
