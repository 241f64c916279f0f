/*
 * The port to a maildrop as POP3 understands it (RFC 1939 §4, §5, §6): an exclusive lock and a
 * view of the INBOX that stands still while the lock is held.
 */
import type { Failure, Result } from '#base/result';
import type { Identity } from './accounts/accounts.ts';

/** Who asks for the lock; kept with it, so that a person can be told who holds it. */
export interface MaildropHolder {
  readonly session: string;
  readonly address: string;
  readonly identity: Identity;
}

export interface Maildrops {
  /** Takes the lock. Fails with refusal code 'in-use' while somebody else holds it. */
  open(holder: MaildropHolder): Promise<Result<Maildrop>>;
}

/** Message indexes count from 0 here; only the protocol knows message-numbers. */
export interface Maildrop {
  /** At the time of sign-in, deleted marks not considered. */
  readonly messages: number;
  readonly wireOctets: number;
  /** Sizes and unique-ids; loaded when first asked for. */
  listing(): Promise<Result<MaildropListing>>;
  /** The message as POP3 sends it before dot-stuffing: canonical CRLF, last CRLF there. */
  read(index: number): MaildropReader;
  /** RETR's last octet has been sent. */
  noteRetrieved(index: number): void;
  /** The UPDATE state: takes these out, on disk when it resolves. All or none. */
  update(deleted: readonly number[]): Promise<Result<void>>;
  /** Gives the lock back. Deletes nothing. Harmless when called twice. */
  release(): void;
}

export interface MaildropListing {
  readonly length: number;
  wireOctets(index: number): number;
  uniqueId(index: number): string;
}

/** Pulls a message piece by piece, in bounded memory. */
export interface MaildropReader {
  /** The next octets, or undefined at the end. */
  next(): Promise<Result<Buffer | undefined, Failure>>;
  /** No line of it begins with a dot, so nothing needs stuffing. Known before the first `next`
   * resolves, valid after it. */
  readonly dotless: boolean;
}
