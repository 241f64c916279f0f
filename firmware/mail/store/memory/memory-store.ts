/*
 * The store's rules without a disk: the readable model that SqliteStore is compared with, and what
 * protocol tests run on. Nothing here survives the process, everything else is as the port says.
 */
import type { Clock } from '#base/clock';
import { failed, ok, type Result, trouble } from '#base/result';
import { MemoryCollected } from '../../collected/memory/memory-collected.ts';
import { MemoryHistory } from '../../history/memory/memory-history.ts';
import type { AccountId, EntryId, MailboxId, MessageId, SourceId, Uid } from '../../ids.ts';
import { Measure } from '../../message/measure.ts';
import { MemoryQueue } from '../../queue/memory/memory-queue.ts';
import { shapeBits } from '../shape.ts';
import {
  type Along,
  type ChunkReference,
  chunkOctets,
  type Incoming,
  type Listing,
  type MailboxState,
  type Placement,
  type ReportRequests,
  type Shape,
  type Store,
  type Stored,
  type StoreHealth,
  type StoreTrouble,
} from '../store.ts';

interface Message {
  readonly octets: Buffer;
  readonly shape: Shape;
  readonly along: Along;
}

interface Entry {
  readonly id: EntryId;
  readonly uid: Uid;
  readonly message: MessageId;
  readonly internalDate: number;
  retrieved: boolean;
}

interface Mailbox {
  readonly id: MailboxId;
  readonly account: AccountId;
  readonly uidValidity: number;
  uidNext: number;
  entries: Entry[];
}

export class MemoryStore implements Store {
  /** What was committed along with the messages. */
  readonly history: MemoryHistory;
  readonly queue: MemoryQueue;
  readonly collected: MemoryCollected;
  readonly #clock: Clock;
  readonly #messages = new Map<MessageId, Message>();
  readonly #mailboxes = new Map<MailboxId, Mailbox>();
  #last = 0;

  constructor(clock: Clock, sourceIsThere?: (source: SourceId) => boolean) {
    this.#clock = clock;
    this.collected = new MemoryCollected(sourceIsThere);
    this.history = new MemoryHistory(clock);
    this.queue = new MemoryQueue(this.history, () => this.#dropUnheld());
  }

  /** Makes an account's INBOX. (The SQLite store's are made by the accounts' adapter.) */
  makeInbox(account: AccountId): MailboxId {
    const id = ++this.#last as MailboxId;
    const uidValidity = Math.floor(this.#clock.now() / 1000);
    this.#mailboxes.set(id, { id, account, uidValidity, uidNext: 1, entries: [] });
    return id;
  }

  /** What a mailbox holds, for a test to look at. */
  contents(mailbox: MailboxId): { octets: Buffer; internalDate: number; retrieved: boolean }[] {
    return this.#mailbox(mailbox).entries.map((entry) => ({
      octets: this.#message(entry.message).octets,
      internalDate: entry.internalDate,
      retrieved: entry.retrieved,
    }));
  }

  /** What the sender of a message asked to be told. */
  requests(message: MessageId): ReportRequests | undefined {
    return this.#message(message).along.requests;
  }

  /** The same of the last messages, oldest first. */
  lastRequests(count: number): (ReportRequests | undefined)[] {
    return [...this.#messages.values()].slice(-count).map(({ along }) => along.requests);
  }

  incoming(): Incoming {
    const pieces: Buffer[] = [];
    return {
      write: (octets) => {
        pieces.push(Buffer.from(octets));
      },
      commit: async (places, along) => this.#place(Buffer.concat(pieces), places, along ?? {}),
      abandon: async () => {
        pieces.length = 0;
      },
    };
  }

  async inbox(account: AccountId): Promise<Result<MailboxState, StoreTrouble>> {
    const mailbox = [...this.#mailboxes.values()].find((box) => box.account === account);
    if (mailbox === undefined) return failed(gone('That mailbox does not exist any more'));
    const messages = mailbox.entries.map((entry) => this.#message(entry.message));
    return ok({
      mailbox: mailbox.id,
      messages: messages.length,
      octets: messages.reduce((sum, message) => sum + message.shape.octets, 0),
      wireOctets: messages.reduce((sum, message) => sum + message.shape.wireOctets, 0),
      unretrieved: mailbox.entries.filter((entry) => !entry.retrieved).length,
      uidValidity: mailbox.uidValidity,
      uidNext: mailbox.uidNext as Uid,
    });
  }

  async listing(mailbox: MailboxId, before: Uid): Promise<Result<Listing, StoreTrouble>> {
    const entries = this.#mailbox(mailbox).entries.filter((entry) => entry.uid < before);
    const shapes = entries.map((entry) => this.#message(entry.message).shape);
    return ok({
      length: entries.length,
      entries: Float64Array.from(entries, (entry) => entry.id),
      messages: Float64Array.from(entries, (entry) => entry.message),
      octets: Float64Array.from(shapes, (shape) => shape.octets),
      wireOctets: Float64Array.from(shapes, (shape) => shape.wireOctets),
      shapes: Uint8Array.from(shapes, shapeBits),
      uniqueId: (index) => `memory.${entries[index]?.id ?? 0}`,
    });
  }

  async read(chunks: readonly ChunkReference[]): Promise<Result<Uint8Array[], StoreTrouble>> {
    const found: Uint8Array[] = [];
    for (const { message, chunk } of chunks) {
      const kept = this.#messages.get(message);
      if (kept === undefined) return failed(gone('That message is gone'));
      found.push(kept.octets.subarray(chunk * chunkOctets, (chunk + 1) * chunkOctets));
    }
    return ok(found);
  }

  async expunge(
    mailbox: MailboxId,
    entries: readonly EntryId[],
    allowed: () => boolean,
  ): Promise<Result<void, StoreTrouble>> {
    if (!allowed()) return failed(gone('The maildrop is not yours any more'));
    const box = this.#mailbox(mailbox);
    const leaving = new Set(entries);
    box.entries = box.entries.filter((entry) => !leaving.has(entry.id));
    this.#dropUnheld();
    return ok(undefined);
  }

  noteRetrieved(mailbox: MailboxId, entries: readonly EntryId[]): void {
    const got = new Set(entries);
    for (const entry of this.#mailbox(mailbox).entries) {
      if (got.has(entry.id)) entry.retrieved = true;
    }
  }

  health(): StoreHealth {
    return { takesMail: true, serves: true, room: Number.MAX_SAFE_INTEGER };
  }

  /** Messages that no mailbox and no queue holds any more. */
  #dropUnheld(): void {
    const held = new Set([...this.#mailboxes.values()].flatMap((b) => b.entries.map(messageOf)));
    for (const id of this.#messages.keys()) {
      if (!held.has(id) && !this.queue.holds(id)) this.#messages.delete(id);
    }
  }

  #place(octets: Buffer, places: readonly Placement[], along: Along): Result<Stored, StoreTrouble> {
    if (places.length === 0 && (along.queued ?? []).length === 0) {
      throw new Error('nobody is to have this message');
    }
    if (along.collected !== undefined) {
      const noted = this.collected.arrive(along.collected);
      if (!noted.ok) return noted;
    }
    const measure = new Measure();
    measure.update(octets);
    const shape = measure.shape();
    const message = ++this.#last as MessageId;
    this.#messages.set(message, { octets, shape, along });
    for (const { mailbox, internalDate } of places) {
      const box = this.#mailbox(mailbox);
      const id = ++this.#last as EntryId;
      const uid = box.uidNext++ as Uid;
      box.entries.push({ id, uid, message, internalDate, retrieved: false });
    }
    const stored = { message, shape };
    this.queue.arrive(stored, along);
    if (along.history !== undefined) this.history.begin(message, along.history);
    return ok(stored);
  }

  #mailbox(id: MailboxId): Mailbox {
    const mailbox = this.#mailboxes.get(id);
    if (mailbox === undefined) throw new Error(`there is no mailbox ${id}`);
    return mailbox;
  }

  #message(id: MessageId): Message {
    const message = this.#messages.get(id);
    if (message === undefined) throw new Error(`there is no message ${id}`);
    return message;
  }
}

function messageOf(entry: Entry): MessageId {
  return entry.message;
}

function gone(say: string): StoreTrouble {
  return trouble('lost', say, say, false);
}
