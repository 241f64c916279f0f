/*
 * The port to the shelf: mail that a client deleted is gone for every client, and lies here for
 * some days in case it was a mistake. A restored message is a new entry with a new unique-id, or
 * clients that remember the old one would skip it (RFC 1939 §7).
 */
import type { Result } from '#base/result';
import type { AccountId, EntryId } from '../ids.ts';
import type { StoreTrouble } from './store.ts';

export interface ShelvedMessage {
  /** The entry it was; names it on the shelf. */
  readonly entry: EntryId;
  readonly octets: number;
  /** When it arrived, and when it was deleted: milliseconds since 1970. */
  readonly internalDate: number;
  readonly shelved: number;
  /** The beginning of the message, enough to show who wrote what; empty when it cannot be read. */
  readonly beginning: Uint8Array;
}

export interface Shelf {
  /** What lies there for an account, last deleted first. */
  list(account: AccountId, count: number): Promise<Result<ShelvedMessage[], StoreTrouble>>;
  /** Puts messages back into the mailbox they were in, in small commits;
   * how many were still there. */
  restore(account: AccountId, entries: readonly EntryId[]): Promise<Result<number, StoreTrouble>>;
  /** Puts all that lies there for an account back. */
  restoreAll(account: AccountId): Promise<Result<number, StoreTrouble>>;
}
