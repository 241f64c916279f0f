/*
 * The port to the message store: messages come in, lie in mailboxes, are read and taken out.
 * It knows nothing of SMTP or POP3. Adapters: SqliteStore (the product), MemoryStore (tests, and a
 * readable model of the rules), FailingStore (every call fails on demand). One contract suite
 * (test/contract/store.ts) runs on all of them.
 */
import type { Result, Trouble } from '#base/result';
import type { CollectedRecord } from '../collected/collected.ts';
import type { Beginning } from '../history/history.ts';
import type { AccountId, EntryId, MailboxId, MessageId, QueuedRecipientId, Uid } from '../ids.ts';
import type { NewQueued } from '../queue/queue.ts';

/** Bodies lie in chunks of this many octets; the last one is shorter. */
export const chunkOctets = 65_536;

/** `full`: no room (temporary). `failing`: the disk or the file reports errors. `damaged`: what is
 * kept is not what came. `lost`: the message or mailbox is gone. */
export type StoreTrouble = Trouble<'full' | 'failing' | 'damaged' | 'lost'>;

/** How a message's octets differ from what line protocols carry; computed once at arrival. */
export interface Shape {
  /** Octets as kept. */
  readonly octets: number;
  /** Octets as POP3 sends them: bare CR and LF as CRLF, last CRLF added, before dot-stuffing. */
  readonly wireOctets: number;
  /** Every line ends in CRLF, the last one too: octets === wireOctets. */
  readonly canonical: boolean;
  /** Some line, as sent, begins with a dot. */
  readonly dots: boolean;
}

/** Where a message goes. */
export interface Placement {
  readonly mailbox: MailboxId;
  /** Milliseconds since 1970. */
  readonly internalDate: number;
}

/** What the sender asked to be told (RFC 3461 §4), kept with the message for whoever has to report
 * on it later. */
export interface ReportRequests {
  /** The reverse-path, as text; '' for the null sender. */
  readonly sender: string;
  readonly envelopeId?: string;
  readonly reportWith?: 'full' | 'headers';
  readonly recipients: readonly RecipientRequest[];
}

export interface RecipientRequest {
  readonly address: string;
  readonly notify?: readonly ('success' | 'failure' | 'delay')[];
  readonly original?: { readonly type: string; readonly address: string };
}

/** What is committed together with a message's arrival: all of it, or none and no message. */
export interface Along {
  readonly requests?: ReportRequests;
  /** Copies of it that are to leave the house. */
  readonly queued?: readonly NewQueued[];
  readonly history?: Beginning;
  /** It is a report about these recipients, which leave the queue with it. */
  readonly ends?: readonly QueuedRecipientId[];
  /** It tells of the delay of these recipients. */
  readonly delayTold?: readonly QueuedRecipientId[];
  /** It was collected: what is noted of it, so that it never comes twice. `lost` when the source is
   * gone. */
  readonly collected?: CollectedRecord;
}

export interface Stored {
  readonly message: MessageId;
  readonly shape: Shape;
}

/**
 * A message on its way in. Nothing of it can be seen before `commit` resolves; after that it is on
 * disk (fsync) in every place named.
 */
export interface Incoming {
  /** Octets exactly as to be kept, split anywhere; the buffer may be reused after the call returns
   * or its promise resolves. A promise means: wait (back-pressure). Trouble shows at `commit`. */
  write(octets: Uint8Array): void | Promise<void>;
  /** All octets were written. Ends this object whether it succeeds or not. */
  commit(places: readonly Placement[], along?: Along): Promise<Result<Stored, StoreTrouble>>;
  /** Forgets the message and gives its room back. Harmless after `commit`. */
  abandon(): Promise<void>;
}

/** A mailbox's kept counters. */
export interface MailboxState {
  readonly mailbox: MailboxId;
  readonly messages: number;
  /** Octets as kept. */
  readonly octets: number;
  /** Octets as POP3 sends them. */
  readonly wireOctets: number;
  /** Messages whose owner has not retrieved them yet. */
  readonly unretrieved: number;
  readonly uidValidity: number;
  /** Every entry in the mailbox now has a lower uid. */
  readonly uidNext: Uid;
}

/** Entries of a mailbox in uid order, as parallel arrays; index i is POP3's message i + 1. */
export interface Listing {
  readonly length: number;
  readonly entries: Float64Array;
  readonly messages: Float64Array;
  readonly octets: Float64Array;
  readonly wireOctets: Float64Array;
  /** Bit 0: canonical, bit 1: dots (see Shape). */
  readonly shapes: Uint8Array;
  /** The unique-id (RFC 1939 §7 UIDL): 1 to 70 octets of 0x21 to 0x7E. */
  uniqueId(index: number): string;
}

/** A chunk of a body: `chunk` counts from 0. */
export interface ChunkReference {
  readonly message: MessageId;
  readonly chunk: number;
}

/** Can the store take mail now? `say` is a sentence for a person when it cannot. */
export interface StoreHealth {
  readonly takesMail: boolean;
  readonly serves: boolean;
  /** Octets that may still be taken in, free pages counted. */
  readonly room: number;
  readonly say?: string;
}

export interface Store {
  incoming(): Incoming;
  /** The account's INBOX. */
  inbox(account: AccountId): Promise<Result<MailboxState, StoreTrouble>>;
  /** Entries with a uid below `before`. */
  listing(mailbox: MailboxId, before: Uid): Promise<Result<Listing, StoreTrouble>>;
  /** Chunks, unpacked, in the order asked for, in one read. Past the end: an empty array. Ask for a
   * few (256 KiB in all), not for a mailbox. */
  read(chunks: readonly ChunkReference[]): Promise<Result<Uint8Array[], StoreTrouble>>;
  /** Takes entries out of a mailbox, all or none, on disk when it resolves. `allowed` is asked in
   * the commit itself; when it says no, nothing happens and the result is `lost`. */
  expunge(
    mailbox: MailboxId,
    entries: readonly EntryId[],
    allowed: () => boolean,
  ): Promise<Result<void, StoreTrouble>>;
  /** Notes that their owner got these; written with the next commit, at no fsync of its own. */
  noteRetrieved(mailbox: MailboxId, entries: readonly EntryId[]): void;
  health(): StoreHealth;
}
