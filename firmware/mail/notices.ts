/*
 * The port through which the box writes to the people who live in it: bounces, delays, a sign-in
 * that is about to die. A notice is a local message: it lies in their inbox until they look, never
 * goes through an uplink, and has the null sender, so that nothing answers it (RFC 3834 §2).
 */
import type { Result } from '#base/result';
import type { AccountId, QueuedRecipientId } from './ids.ts';
import type { StoreTrouble } from './store/store.ts';

/** A notice in plain words. */
export interface Notice {
  readonly subject: string;
  /** Paragraphs of the text, unfolded. */
  readonly paragraphs: readonly string[];
  /** The same notice is not sent again within a day; e.g. 'uplink gmail refuses the password'. */
  readonly once?: string;
}

/** A whole message that the box has made (RFC 3464 reports), to be delivered as it is. */
export interface BoxMessage {
  /** Asked for once. A trouble (it may carry a message from the store) means: no delivery. */
  readonly octets: AsyncIterable<Result<Uint8Array, StoreTrouble>>;
  /** For the history: '"Not delivered", about message a1b2c3 to bob@example.org'. */
  readonly say: string;
  /** These recipients leave the queue in the same commit. */
  readonly ends?: readonly QueuedRecipientId[];
  /** These have been told of their delay, in the same commit. */
  readonly delayTold?: readonly QueuedRecipientId[];
}

export interface Notices {
  /** Tells an account, or the postmaster when the account is gone. */
  tell(account: AccountId | 'postmaster', notice: Notice): Promise<Result<void, StoreTrouble>>;
  deliver(
    account: AccountId | 'postmaster',
    message: BoxMessage,
  ): Promise<Result<void, StoreTrouble>>;
}
