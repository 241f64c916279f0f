/*
 * The port through which the dispatcher has people told what became of their mail. Who is told,
 * whether they asked not to be (RFC 3461 §4.1), and the report itself are its adapter's
 * (reports.ts). Each call ends (or marks) its recipients in the same commit as the report, or, when
 * nobody is to be told, without one.
 */
import type { Result } from '#base/result';
import type { StoreTrouble } from '../store/store.ts';
import type { QueuedRecipient, QueueItem } from './queue.ts';

/** What a server said, as far as a report quotes it (RFC 3464 §2.3.6). */
export interface ServerWords {
  readonly code: number;
  /** RFC 3463 */
  readonly enhanced?: string;
  readonly text: string;
  /** The server's name. */
  readonly by: string;
}

export interface FailedRecipient {
  readonly recipient: QueuedRecipient;
  /** What happened, in a sentence: "bob@example.org does not exist there." */
  readonly why: string;
  /** What the sender can do. */
  readonly advice?: string;
  /** RFC 3463; when the server gave none, what fits: '5.4.7', '5.6.7' ... */
  readonly status: string;
  readonly words?: ServerWords;
}

type Done = Promise<Result<void, StoreTrouble>>;

export interface Reporting {
  /** They will never get it: a bounce. They leave the queue. */
  failed(item: QueueItem, recipients: readonly FailedRecipient[]): Done;
  /** It takes long (RFC 3464 §2.3.3 "delayed"). They stay; `tryUntil` is the wall clock, for
   * people. */
  delayed(item: QueueItem, recipients: readonly FailedRecipient[], tryUntil: number): Done;
  /** Sent, and the next server makes no reports of its own: "relayed" for who asked NOTIFY=SUCCESS.
   * They leave the queue. */
  relayed(item: QueueItem, recipients: readonly QueuedRecipient[], words: ServerWords): Done;
}
