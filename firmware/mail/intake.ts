/*
 * The port through which mail comes into the house, whoever brings it (SMTP now, the collector and
 * the box's own notices later): may this sender send, is this recipient ours, and then the octets.
 */
import type { Failure, Refusal, Result } from '#base/result';
import type { Identity } from './accounts/accounts.ts';
import type { Address, ReversePath } from './address.ts';
import type { Device } from './devices/devices.ts';
import type { Fault } from './devices/failing-senders.ts';
import type { AccountId, MailboxId } from './ids.ts';
import type { Place } from './place.ts';

/** Who brings the mail, for permissions and for the Received field (RFC 5321 §4.4). */
export interface Origin {
  /** Id of the session, kept in the Received field and the log. */
  readonly session: string;
  /** The peer's IP address. */
  readonly address: string;
  readonly place: Place;
  /** What the peer called itself in EHLO/HELO. */
  readonly claimed: string;
  /** The `with` word (RFC 3848, RFC 6531 §4.3): 'SMTP', 'ESMTP', 'ESMTPSA' ... */
  readonly protocol: string;
  /** e.g. 'TLSv1.3 TLS_AES_256_GCM_SHA384' */
  readonly tls?: string;
  /** Mail submission (RFC 6409) rather than relay from another host. */
  readonly submission: boolean;
  readonly identity?: Identity;
  /** A machine that needs no sign-in at its address; only while nobody signed in. */
  readonly device?: Device;
}

/** What the sender wants to hear about a recipient (RFC 3461 §4.1, §4.2). */
export interface Notices {
  /** Empty: never. Undefined: not said, so failures and perhaps delays. */
  readonly notify?: readonly ('success' | 'failure' | 'delay')[];
  /** ORCPT as it came, e.g. 'rfc822;ann@restante.local': the type,
   * and the address undone of xtext. */
  readonly original?: { readonly type: string; readonly address: string };
}

/** A copy that leaves the house. */
export interface Departure {
  readonly to: Address;
  /** Whose mail it is: the sender's account, or the account that forwards. */
  readonly account: AccountId;
  /** It is forwarded: the account is its envelope sender, and the header section stays untouched. */
  readonly forwarded: boolean;
}

/** A recipient that was accepted: the address as given, the inboxes it leads to, and the copies
 * that go out for it. */
export interface Recipient {
  readonly address: Address;
  readonly inboxes: readonly MailboxId[];
  readonly departures?: readonly Departure[];
  readonly notices?: Notices;
}

export interface Envelope {
  readonly sender: ReversePath;
  readonly recipients: readonly Recipient[];
  /** The sender's declared size in octets (RFC 1870), when declared. */
  readonly size?: number;
  /** Declared: some octets are above 127 (RFC 6152). Undefined: not said. */
  readonly body?: '7bit' | '8bitmime';
  /** The message or its addresses may need SMTPUTF8 (RFC 6531). */
  readonly utf8?: boolean;
  /** How much of the message a report is to carry (RFC 3461 §4.3). */
  readonly reportWith?: 'full' | 'headers';
  /** ENVID: the sender's own name for the message, xtext undone (RFC 3461 §4.4). */
  readonly id?: string;
}

/** Codes a recipient or sender is refused with. */
export type EnvelopeRefusal = Refusal<
  | 'unknown-recipient'
  | 'relay-denied'
  | 'not-your-address'
  | 'sign-in-first'
  | 'bad-sender'
  | 'too-many'
>;

/** How a message that began failed to end. */
export type Unfinished = Extract<Fault, 'bare-newlines' | 'silence'>;

export interface Intake {
  /** The device that may send from this IP address without signing in. */
  device(address: string): Device | undefined;
  /** The sender that the envelope is to carry: `from`, or a device's settled one. */
  sender(from: ReversePath, origin: Origin): Result<ReversePath, EnvelopeRefusal>;
  /** `sender`: what `sender()` settled; it decides by which uplink mail leaves the house. */
  recipient(to: Address, origin: Origin, sender: ReversePath): Result<Recipient, EnvelopeRefusal>;
  /** Begins to take a message in. Fails at once when there is no room. */
  open(envelope: Envelope, origin: Origin): Result<Delivery>;
  /** A message began and never came to its end, for a reason that its sender should hear of. */
  unfinished(from: Pick<Origin, 'address' | 'place' | 'session'>, why: Unfinished): void;
}

export interface Receipt {
  /** A short word to find the message again in log and history. */
  readonly id: string;
}

/**
 * A message being taken in. The trace fields (and, on submission, a missing Date or Message-ID) are
 * added. Refusals at `commit`: 'loop', 'header-too-long'; troubles are the store's.
 */
export interface Delivery {
  /** The message's octets, transparency already undone.
   * A promise means: wait before the next call. */
  write(octets: Uint8Array): void | Promise<void>;
  /** On disk in every recipient's inbox and in the queue for who is outside, or a failure and
   * nothing anywhere. */
  commit(): Promise<Result<Receipt, Failure>>;
  abandon(): Promise<void>;
}
