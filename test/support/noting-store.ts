/*
 * A store that lets a test see what was committed along with its messages: the copies that are to
 * leave the house, and each message's history, in words.
 */
import type { MessageId } from '#mail/ids';
import type { NewQueued } from '#mail/queue/queue';
import type { Along, Incoming, Store } from '#mail/store/store';

export class NotingStore {
  /** In the order in which they were queued. */
  readonly queued: NewQueued[] = [];
  readonly #histories = new Map<MessageId, string[]>();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What a protocol test runs on. */
  asStore(): Store {
    const store = this.#store;
    return {
      incoming: () => this.#noting(store.incoming()),
      inbox: (account) => store.inbox(account),
      listing: (mailbox, before) => store.listing(mailbox, before),
      read: (chunks) => store.read(chunks),
      expunge: (mailbox, entries, allowed) => store.expunge(mailbox, entries, allowed),
      noteRetrieved: (mailbox, entries) => store.noteRetrieved(mailbox, entries),
      health: () => store.health(),
    };
  }

  /** As `History.note`. */
  note(messages: readonly MessageId[], say: string): void {
    for (const message of messages) {
      this.#histories.set(message, [...this.history(message), say]);
    }
  }

  /** Oldest first. */
  history(message: MessageId): readonly string[] {
    return this.#histories.get(message) ?? [];
  }

  #noting(incoming: Incoming): Incoming {
    return {
      write: (octets) => incoming.write(octets),
      commit: async (places, along) => {
        const stored = await incoming.commit(places, along);
        if (stored.ok) this.#keep(stored.value.message, along);
        return stored;
      },
      abandon: () => incoming.abandon(),
    };
  }

  #keep(message: MessageId, along: Along = {}): void {
    this.queued.push(...(along.queued ?? []));
    if (along.history !== undefined) this.note([message], along.history.say);
  }
}
