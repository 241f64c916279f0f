/* Identifiers that must not be mixed up. All are positive whole numbers, never used twice. */

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

export type AccountId = Branded<'account'>;
export type MailboxId = Branded<'mailbox'>;
/** A message's octets, stored once however many mailboxes hold it. */
export type MessageId = Branded<'message'>;
/** One message in one mailbox. */
export type EntryId = Branded<'entry'>;
/** IMAP's unique identifier of an entry within its mailbox (RFC 9051 §2.3.1.1). */
export type Uid = Branded<'uid'>;
/** One way out of the house: a provider's account, or a relay. */
export type UplinkId = Branded<'uplink'>;
/** One outgoing copy of a message, with its envelope. */
export type QueuedId = Branded<'queued'>;
/** One recipient of a queued message. */
export type QueuedRecipientId = Branded<'queued recipient'>;
/** One outside mailbox that is collected for an account. */
export type SourceId = Branded<'source'>;
/** One folder of a source, under one identity (UIDVALIDITY); POP3 has one folder. */
export type SourceFolderId = Branded<'source folder'>;
