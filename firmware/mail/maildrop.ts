/*
 * The port to a maildrop as POP3 understands it (RFC 1939 §4, §5, §6): an exclusive lock and a
 * view of the INBOX that stands still while the lock is held. Message indexes count from 0 here;
 * only the protocol knows message-numbers, and only the protocol knows marks.
 */
import type { Result } from '#base/result';
import type { Soon } from '#base/soon';
import type { Identity } from './accounts/accounts.ts';

/** Who asks for the lock; kept with it, so that a person can be told who holds it. */
export interface MaildropHolder {
  readonly session: string;
  readonly address: string;
  readonly identity: Identity;
  /** How it collects, for people: 'POP3'. */
  readonly protocol: string;
  /** The lock was given to somebody else: end the session. Nothing it asks for has effect now. */
  dispossessed(): void;
}

export interface Maildrops {
  /** Takes the lock. Fails with refusal code 'in-use' while somebody else holds it. */
  open(holder: MaildropHolder): Promise<Result<Maildrop>>;
}

export interface Maildrop {
  /** At the time of sign-in, deleted marks not considered. */
  readonly messages: number;
  /** Octets of all of them, each as `MaildropListing.wireOctets` counts it. */
  readonly wireOctets: number;
  /** A command begins. Between commands the lock can be lost (see `MaildropHolder`). */
  working(): void;
  /** The command is answered. */
  resting(): void;
  /** Sizes and unique-ids; loaded when first asked for, there at once afterwards. */
  listing(): Soon<Result<MaildropListing>>;
  /** The message, its beginning read already, so that trouble shows before anything is said. */
  read(index: number): Soon<Result<MaildropMessage>>;
  /** RETR's last octet was handed over. */
  noteRetrieved(index: number): void;
  /** The UPDATE state: takes these out, on disk when it resolves. All or none. */
  update(deleted: readonly number[]): Promise<Result<void>>;
  /** Gives the lock back. Deletes nothing. Harmless when called twice. `forgotten`: messages that
   * were to be deleted and are not, for the session ended before it said so; without a listing
   * they cannot be. */
  release(forgotten?: readonly number[]): void;
}

export interface MaildropListing {
  /** The same as `Maildrop.messages`. */
  readonly length: number;
  /** Octets as RETR sends them: every line end CR LF, the last one there, before dot-stuffing. */
  wireOctets(index: number): number;
  /** RFC 1939 §7 UIDL: 1 to 70 octets of 0x21 to 0x7E, never given to another message. */
  uniqueId(index: number): string;
}

/** A message as POP3 sends it before dot-stuffing: every line ends in CR LF, the last one too. */
export interface MaildropMessage {
  readonly wireOctets: number;
  /** No line of it begins with a dot, so nothing needs stuffing. */
  readonly dotless: boolean;
  readonly beginning: Buffer;
  /** `beginning` is all of it. */
  readonly whole: boolean;
  /** The next octets after `beginning`, or undefined at the end. In bounded memory. */
  next(): Promise<Result<Buffer | undefined>>;
}
