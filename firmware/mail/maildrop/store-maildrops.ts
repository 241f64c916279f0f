/*
 * Maildrops over the store: the lock, then the INBOX as it was at sign-in. Counters are there at
 * once; the listing (sizes, unique-ids) is loaded when a command first needs it, because most
 * sign-ins find nothing new and leave.
 *
 * The view stands still by uid: what arrives later has a higher uid and is not listed. Should
 * something else take messages out between sign-in and listing, message-numbers would slide; then
 * nothing is listed, read or deleted, and the client is asked to sign in again.
 */
import { Allowance } from '#base/allowance';
import type { Clock } from '#base/clock';
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import { type Soon, whenThere } from '#base/soon';
import type { History } from '../history/history.ts';
import type { EntryId, MessageId } from '../ids.ts';
import type {
  Maildrop,
  MaildropHolder,
  MaildropListing,
  MaildropMessage,
  Maildrops,
} from '../maildrop.ts';
import type { Listing, MailboxState, Store } from '../store/store.ts';
import { CollectionNotes } from './collection-notes.ts';
import { type Lock, MaildropLocks } from './locks.ts';
import { ReadAhead } from './read-ahead.ts';
import { StoredMessage } from './stored-message.ts';

export interface MaildropSettings {
  /** Milliseconds that a sign-in waits for another session to give the lock back. */
  readonly lockWait: number;
}

/** Octets that all sessions together may hold read ahead: 32 sessions collecting at full speed. */
const readAheadOctets = 8 * 1024 * 1024;

export class StoreMaildrops implements Maildrops {
  readonly #store: Store;
  readonly #history: Pick<History, 'note'>;
  readonly #locks: MaildropLocks;
  readonly #allowance = new Allowance(readAheadOctets);

  constructor(
    store: Store,
    history: Pick<History, 'note'>,
    clock: Clock,
    settings: () => MaildropSettings,
  ) {
    this.#store = store;
    this.#history = history;
    this.#locks = new MaildropLocks(clock, () => settings().lockWait);
  }

  async open(holder: MaildropHolder): Promise<Result<Maildrop>> {
    const lock = await this.#locks.take(holder);
    if (lock === undefined) return failed(inUse(this.#locks.holder(holder.identity.account)));
    const state = await this.#store.inbox(holder.identity.account);
    if (state.ok) {
      const notes = new CollectionNotes(this.#history, holder, state.value.messages);
      return ok(new StoreMaildrop(this.#store, lock, state.value, this.#allowance, notes));
    }
    lock.release();
    return state;
  }
}

/** A listing that is loaded, as the protocol sees it and as the store gave it. */
interface Loaded {
  readonly listing: Listing;
  readonly view: Result<MaildropListing>;
  readonly ahead: ReadAhead;
}

class StoreMaildrop implements Maildrop {
  readonly #store: Store;
  readonly #lock: Lock;
  readonly #state: MailboxState;
  readonly #allowance: Allowance;
  readonly #notes: CollectionNotes;
  #loaded: Loaded | undefined;
  #released = false;

  constructor(
    store: Store,
    lock: Lock,
    state: MailboxState,
    allowance: Allowance,
    notes: CollectionNotes,
  ) {
    this.#store = store;
    this.#lock = lock;
    this.#state = state;
    this.#allowance = allowance;
    this.#notes = notes;
  }

  get messages(): number {
    return this.#state.messages;
  }

  get wireOctets(): number {
    return this.#state.wireOctets;
  }

  working(): void {
    this.#lock.working();
  }

  resting(): void {
    this.#lock.resting();
  }

  listing(): Soon<Result<MaildropListing>> {
    return (
      this.#loaded?.view ?? this.#load().then((loaded) => (loaded.ok ? loaded.value.view : loaded))
    );
  }

  read(index: number): Soon<Result<MaildropMessage>> {
    const loaded = this.#loaded;
    return loaded !== undefined
      ? this.#read(loaded, index)
      : this.#load().then((now) => (now.ok ? this.#read(now.value, index) : now));
  }

  noteRetrieved(index: number): void {
    const listing = this.#loaded?.listing;
    const entry = listing?.entries[index];
    if (listing === undefined || entry === undefined || !this.#lock.held) return;
    this.#store.noteRetrieved(this.#state.mailbox, [entry as EntryId]);
    this.#notes.collected(index, listing.messages[index] as MessageId);
  }

  async update(deleted: readonly number[]): Promise<Result<void>> {
    if (deleted.length === 0) return ok(undefined);
    const loaded = this.#loaded === undefined ? await this.#load() : ok(this.#loaded);
    if (!loaded.ok) return loaded;
    const { entries } = loaded.value.listing;
    const leaving = deleted.map((index) => entries[index] as EntryId);
    const { mailbox } = this.#state;
    const done = await this.#store.expunge(mailbox, leaving, () => this.#lock.held);
    const messages = messagesOf(loaded.value, deleted);
    if (done.ok) this.#notes.deleted(messages);
    else this.#notes.notDeleted(messages, done.error.say);
    return done;
  }

  release(forgotten: readonly number[] = []): void {
    const loaded = this.#loaded;
    loaded?.ahead.close();
    this.#lock.release();
    if (loaded === undefined || this.#released) return;
    this.#released = true;
    this.#notes.flush();
    if (forgotten.length > 0) this.#notes.forgotten(messagesOf(loaded, forgotten));
  }

  #read(loaded: Loaded, index: number): Soon<Result<MaildropMessage>> {
    return whenThere<Result<Uint8Array>, Result<MaildropMessage>>(
      loaded.ahead.first(index),
      (first) =>
        first.ok ? ok(new StoredMessage(this.#store, loaded.listing, index, first.value)) : first,
    );
  }

  async #load(): Promise<Result<Loaded>> {
    const { mailbox, messages, uidNext } = this.#state;
    const read = await this.#store.listing(mailbox, uidNext);
    if (!read.ok) return read;
    const listing = read.value;
    if (listing.length !== messages) return failed(changed(messages, listing.length));
    const view = ok({
      length: listing.length,
      wireOctets: (index: number) => listing.wireOctets[index] ?? 0,
      uniqueId: (index: number) => listing.uniqueId(index),
    });
    this.#loaded = { listing, view, ahead: new ReadAhead(this.#store, listing, this.#allowance) };
    return ok(this.#loaded);
  }
}

function messagesOf({ listing }: Loaded, indexes: readonly number[]): MessageId[] {
  return indexes.map((index) => listing.messages[index] as MessageId);
}

function inUse(holder: MaildropHolder | undefined) {
  const where = holder === undefined ? '' : ` at ${holder.address}`;
  return refusal('in-use', `Another mail program${where} is fetching this mail; try again soon`);
}

function changed(then: number, now: number) {
  const say = 'The mailbox was changed by another program; sign in again';
  return trouble('changed', say, `${then} messages at sign-in, ${now} in the listing`);
}
