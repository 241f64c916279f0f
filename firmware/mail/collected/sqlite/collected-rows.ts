/*
 * What is known of a collected message as a row of the table `collected` (0006-sources.ts), and
 * back. A unique-id that is a number in decimal is kept as that number, every other as its text, so
 * each has one form and comes back as it was.
 */
import type { SourceFolderId } from '../../ids.ts';
import type { CollectedRecord, Fate, Present } from '../collected.ts';

/** In the order of the table, as JSON; digests in hexadecimal. */
export type CollectedRow = readonly (number | string | null)[];

export interface StoredRow {
  readonly folder: SourceFolderId;
  readonly uid: number | string;
  readonly fate: number;
  readonly digest: Uint8Array | null;
  readonly head_digest: Uint8Array | null;
  readonly octets: number;
  readonly at: number;
  readonly removed_at: number | null;
}

export type StoredPresent = Pick<StoredRow, 'folder' | 'uid' | 'fate' | 'octets'>;

/** By the number that stands in the table. */
const fates: readonly Fate[] = ['here', 'twin', 'skipped', 'too-large'];

export function collectedRow(record: CollectedRecord): CollectedRow {
  return [
    record.folder,
    storedUid(record.uid),
    fates.indexOf(record.fate),
    record.digest?.toString('hex') ?? null,
    record.headDigest?.toString('hex') ?? null,
    Math.floor(record.octets),
    Math.floor(record.at),
    record.removedAt === undefined ? null : Math.floor(record.removedAt),
  ];
}

/** '17' -> 17, but '017' and '17a' are texts; so are numbers that JSON would not give back. */
export function storedUid(uid: string): number | string {
  return /^(?:0|[1-9]\d{0,14})$/.test(uid) ? Number(uid) : uid;
}

export function collectedRecord(row: StoredRow): CollectedRecord {
  const { folder, fate, digest, head_digest: head, octets, at, removed_at: removedAt } = row;
  return {
    ...{ folder, uid: String(row.uid), fate: fates[fate] ?? 'here' },
    ...(digest === null ? {} : { digest: Buffer.from(digest) }),
    ...(head === null ? {} : { headDigest: Buffer.from(head) }),
    ...{ octets, at },
    ...(removedAt === null ? {} : { removedAt }),
  };
}

export function present({ folder, uid, fate, octets }: StoredPresent): Present {
  return { folder, uid: String(uid), fate: fates[fate] ?? 'here', octets };
}
