/*
 * "Its owner has it": noted in memory, written with the next group that commits anyway, or when
 * the box stops. Losing such a note in a power cut makes a lamp shine once too often, no more.
 */
import type { EntryId, MailboxId } from '../../ids.ts';
import type { Statements } from './connection.ts';

export class RetrievedNotes {
  #waiting = new Map<MailboxId, Set<EntryId>>();
  #written = new Map<MailboxId, Set<EntryId>>();

  note(mailbox: MailboxId, entries: readonly EntryId[]): void {
    const noted = this.#waiting.get(mailbox) ?? new Set();
    for (const entry of entries) noted.add(entry);
    this.#waiting.set(mailbox, noted);
  }

  /** What is noted and not known to be on disk, by mailbox. */
  unwritten(): Map<MailboxId, ReadonlySet<EntryId>> {
    const all = new Map<MailboxId, Set<EntryId>>(this.#written);
    for (const [mailbox, entries] of this.#waiting) {
      all.set(mailbox, new Set([...entries, ...(all.get(mailbox) ?? [])]));
    }
    return all;
  }

  /** How many notes are not on disk. */
  get waiting(): number {
    let count = 0;
    for (const entries of this.#waiting.values()) count += entries.size;
    return count;
  }

  /** Writes what waits, within somebody else's transaction. */
  async write(sql: Statements): Promise<void> {
    if (this.#waiting.size === 0) return;
    this.#written = this.#waiting;
    this.#waiting = new Map();
    for (const [mailbox, entries] of this.#written) {
      await sql.run(
        `UPDATE entry SET retrieved = 1
         WHERE mailbox = ? AND retrieved = 0 AND id IN (SELECT value FROM json_each(?))`,
        [mailbox, JSON.stringify([...entries])],
      );
    }
  }

  /** The transaction ended: what did not get to the disk waits again. */
  ended(committed: boolean): void {
    const written = this.#written;
    this.#written = new Map();
    if (committed) return;
    for (const [mailbox, entries] of written) this.note(mailbox, [...entries]);
  }
}
