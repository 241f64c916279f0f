/*
 * Removing what is due, each after a last look: an id may have come to name another message (a POP3
 * server reuses it; a backup came back under the same UIDVALIDITY and was outgrown before anybody
 * looked), and removing that one would lose it. What was fetched in this session was looked at. Where
 * the source does not tell, the message stays, and is asked about again after a day.
 */
import type { CollectedRecord, SourceFolder } from '#mail/collected/collected';
import type { Course } from './course.ts';
import type { Doubts } from './doubts.ts';
import { looksInRound } from './limits.ts';
import type { RoundSource } from './ports.ts';
import type { Removable, Removal } from './removal.ts';
import type { OpenFolder } from './upstream.ts';

export interface RemovingParts {
  readonly source: Pick<RoundSource, 'protocol'>;
  readonly course: Course;
  readonly removal: Removal;
  readonly open: OpenFolder;
  readonly folder: SourceFolder;
  readonly doubts: Doubts;
  readonly isOver: () => boolean;
  /** The ids of the folder are in doubt. */
  readonly doubt: () => void;
}

export class Removing {
  readonly #parts: RemovingParts;
  #looks = 0;

  constructor(parts: RemovingParts) {
    this.#parts = parts;
  }

  /** POP3: what was queued in this session. */
  async queued(): Promise<void> {
    for (const batch of this.#parts.removal.batches()) await this.#remove(batch);
  }

  /** IMAP: what was collected before, and has lain there long enough. */
  async old(): Promise<void> {
    const { removal, folder } = this.#parts;
    for await (const batch of removal.due(folder.id)) {
      await this.#remove(batch);
      if (this.#isOver) return;
    }
  }

  get #isOver(): boolean {
    return this.#parts.isOver() || this.#looks >= looksInRound;
  }

  async #remove(batch: readonly Removable[]): Promise<void> {
    const { removal, open } = this.#parts;
    const sure: Removable[] = [];
    for (const one of batch) {
      if (this.#parts.isOver()) return;
      if (await this.#isSure(one)) sure.push(one);
    }
    if (!this.#parts.isOver()) await removal.remove(open, sure);
  }

  async #isSure({ listed, record }: Removable): Promise<boolean> {
    const { course, doubts, removal } = this.#parts;
    if (course.isConfirmed(record.folder, record.uid)) return true;
    if (this.#isOver) return false;
    this.#looks++;
    const verdict = await doubts.verify(listed, record, 'header');
    if (verdict === 'it') return true;
    if (verdict === 'doubt') this.#parts.doubt();
    // It did not tell because nobody waited for it: that is for the next round.
    if (this.#parts.isOver()) return false;
    if (await this.#isGone(record)) return true;
    if (this.#parts.isOver()) return false;
    await removal.putOff(record);
    // It may be the server's way, and looking took the whole message, twice.
    this.#looks = looksInRound;
    return false;
  }

  /** Others have removed it: to remove it again does nothing, and notes that. */
  async #isGone({ uid }: CollectedRecord): Promise<boolean> {
    const { course, open, source } = this.#parts;
    // RFC 1939 §4: over POP3 what was listed is there as long as the session.
    if (source.protocol === 'pop3') return false;
    return course.got(await open.has(uid)) === false;
  }
}
