/*
 * A store that can be told to fail, around a real one: what the rest of the firmware does then is
 * tested with it. While `trouble` is set every call fails with it; what is in the store stays. A
 * trouble 'full' is milder, as it is in life: mail is not taken in, all else works.
 */
import { failed, type Result } from '#base/result';
import type { AccountId, EntryId, MailboxId, Uid } from '../../ids.ts';
import type {
  Along,
  ChunkReference,
  Incoming,
  Listing,
  MailboxState,
  Placement,
  Store,
  Stored,
  StoreHealth,
  StoreTrouble,
} from '../store.ts';

export class FailingStore implements Store {
  trouble: StoreTrouble | undefined;
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  incoming(): Incoming {
    const incoming = this.#store.incoming();
    return {
      write: (octets) => incoming.write(octets),
      commit: async (
        places: readonly Placement[],
        along?: Along,
      ): Promise<Result<Stored, StoreTrouble>> => {
        const why = this.trouble;
        if (why === undefined) return incoming.commit(places, along);
        await incoming.abandon();
        return failed(why);
      },
      abandon: () => incoming.abandon(),
    };
  }

  inbox(account: AccountId): Promise<Result<MailboxState, StoreTrouble>> {
    return this.#unlessFailing(() => this.#store.inbox(account));
  }

  listing(mailbox: MailboxId, before: Uid): Promise<Result<Listing, StoreTrouble>> {
    return this.#unlessFailing(() => this.#store.listing(mailbox, before));
  }

  read(chunks: readonly ChunkReference[]): Promise<Result<Uint8Array[], StoreTrouble>> {
    return this.#unlessFailing(() => this.#store.read(chunks));
  }

  expunge(
    mailbox: MailboxId,
    entries: readonly EntryId[],
    allowed: () => boolean,
  ): Promise<Result<void, StoreTrouble>> {
    return this.#unlessFailing(() => this.#store.expunge(mailbox, entries, allowed));
  }

  noteRetrieved(mailbox: MailboxId, entries: readonly EntryId[]): void {
    if (this.#inTheWay === undefined) this.#store.noteRetrieved(mailbox, entries);
  }

  health(): StoreHealth {
    if (this.trouble === undefined) return this.#store.health();
    return { takesMail: false, serves: true, room: 0, say: this.trouble.say };
  }

  async #unlessFailing<T>(
    ask: () => Promise<Result<T, StoreTrouble>>,
  ): Promise<Result<T, StoreTrouble>> {
    const why = this.#inTheWay;
    return why === undefined ? ask() : failed(why);
  }

  /** The trouble of calls that take nothing in. */
  get #inTheWay(): StoreTrouble | undefined {
    return this.trouble?.code === 'full' ? undefined : this.trouble;
  }
}
