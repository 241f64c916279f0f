/*
 * The port to the short history that every message keeps, in words for its people: taken in, tried,
 * sent, collected, shelved. It answers "where is my message?". Bounded by age and by number; losing
 * its last lines in a power cut loses no mail.
 *
 * The first line is written in the commit that takes the message in (`Along.history`), outcomes of
 * the queue with the outcome; everything else is noted in memory and written with the next commit,
 * at no fsync of its own. Adapters: SqliteHistory and MemoryHistory.
 */
import type { Result } from '#base/result';
import type { MessageId } from '../ids.ts';
import type { StoreTrouble } from '../store/store.ts';

/** A message keeps its first line and the last of the others, so many in all. The schema's trigger
 * has the number too (../store/sqlite/migrations/0005-queue.ts). */
export const linesOfMessage = 50;
/** All histories together keep some 3 MB of lines; the oldest messages are forgotten first ... */
export const linesOfAll = 20_000;
/** ... and a line after so many days, for who asks where a message is asks soon. */
export const daysOfLines = 30;
/** Characters of a receipt's id that are enough to mean it. */
export const shortestName = 4;

/** The first line of a message's history. */
export interface Beginning {
  /** The receipt's id. */
  readonly name: string;
  /** Sender and recipients as `addressKey` has them, for `log ADDRESS`. */
  readonly addresses: readonly string[];
  /** E.g. "taken in from Ann's iPad (192.168.1.20) for bob@example.org". */
  readonly say: string;
  /** Milliseconds since 1970, as all times here. */
  readonly at: number;
}

export interface HistoryLine {
  readonly at: number;
  readonly say: string;
}

export interface MessageHistory {
  readonly message: MessageId;
  /** '' when its beginning has been forgotten. */
  readonly name: string;
  readonly addresses: readonly string[];
  /** Oldest first. */
  readonly lines: readonly HistoryLine[];
}

export interface History {
  /** Adds the same line to each. Written with the next commit. */
  note(messages: readonly MessageId[], say: string): void;
  /** By receipt id (or the beginning of one, when it is the only such). */
  byName(name: string): Promise<Result<MessageHistory | undefined, StoreTrouble>>;
  of(message: MessageId): Promise<Result<MessageHistory | undefined, StoreTrouble>>;
  /** Messages from or to an address, newest first. */
  ofAddress(key: string, count: number): Promise<Result<MessageHistory[], StoreTrouble>>;
}
