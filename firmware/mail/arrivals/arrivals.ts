/*
 * The port to what has arrived in the inboxes of this house, in the order in which it was
 * committed: for readers that are no mail clients (events, flows), which want each message at
 * least once, and once when they keep their cursor. Reading here is not collecting: it takes no
 * lock, and nothing of it counts as retrieved.
 *
 * What a client deleted is not shown any more; what was put back from the shelf comes anew, as it
 * does for every mail client.
 */
import type { Result } from '#base/result';
import type { AccountId, EntryId, MessageId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';
import type { Cursor } from './cursor.ts';

export interface Arrival {
  readonly entry: EntryId;
  readonly message: MessageId;
  readonly account: AccountId;
  /** Its unique-id: never given to another message, also not after a restore. */
  readonly id: string;
  /** Octets as kept. */
  readonly octets: number;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  /** The first octets, enough for the header fields a person looks at; empty when they cannot be
   * read. */
  readonly beginning: Uint8Array;
  /** The cursor of a reader that has seen all up to this one. */
  readonly cursor: Cursor;
}

export interface ArrivalQuery {
  /** Undefined: from the oldest on. */
  readonly after?: Cursor;
  /** Undefined: every account's. */
  readonly account?: AccountId;
  readonly count: number;
}

/** A message that can be read. */
export interface Arrived {
  readonly message: MessageId;
  readonly octets: number;
  /** SHA-256 of its octets, as they came. */
  readonly digest: Uint8Array;
}

export interface Arrivals {
  /** Oldest first. */
  list(query: ArrivalQuery): Promise<Result<Arrival[], StoreTrouble>>;
  /** The message with this id that lies in an inbox now. */
  find(id: string): Promise<Result<Arrived | undefined, StoreTrouble>>;
  /** The cursor of a reader that has seen all that is there now. */
  end(): Promise<Result<Cursor, StoreTrouble>>;
  /** The number of the last entry ever made. */
  last(): Promise<Result<EntryId, StoreTrouble>>;
  /** What was committed behind an entry, for who watches and remembers no longer than it runs. */
  since(entry: EntryId, count: number): Promise<Result<Arrival[], StoreTrouble>>;
}
