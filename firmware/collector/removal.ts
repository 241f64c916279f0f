/*
 * Removing at the source what is safe here (`--keep`): only messages whose arrival is on disk, and
 * only after the chosen days by a clock that can be trusted. Over IMAP a removal is done when it is
 * answered, over POP3 when the session ends well (RFC 1939 §6), and is noted then. Should the power go
 * before it is noted, the next round finds it gone, or removes it again.
 */
import type { CollectedRecord } from '#mail/collected/collected';
import type { SourceFolderId } from '#mail/ids';
import type { Course } from './course.ts';
import { isIndistinct } from './judgement.ts';
import { batchMessages, recordsAtOnce, removalsInSession } from './limits.ts';
import type { RoundPorts, RoundSource } from './ports.ts';
import type { Listed, OpenFolder } from './upstream.ts';

const day = 86_400_000;

export interface RemovalParts {
  readonly ports: RoundPorts;
  readonly source: RoundSource;
  readonly course: Course;
}

export interface Removable {
  readonly listed: Listed;
  readonly record: CollectedRecord;
}

export class Removal {
  readonly #parts: RemovalParts;
  /** POP3: to be removed when all that is wanted has come. Before that, a copy that was removed could be
   * taken for an equal one that has not come yet. */
  #queued: Removable[] = [];
  /** POP3: asked for, and done when the session ends well. */
  #pending: CollectedRecord[] = [];
  #refused = false;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /** Its copy may go right after it has come. */
  queue(message: Removable): void {
    const { keep, protocol } = this.#parts.source;
    if (protocol === 'pop3' && keep.kind === 'days' && keep.days === 0) this.#queue(message);
  }

  /** Its copy may go when it has lain there long enough. */
  async queueWhenDue(message: Removable): Promise<void> {
    if (await this.#isDue(message.record)) this.#queue(message);
  }

  /** What is queued, some at a time; it is queued no more. */
  *batches(): Generator<readonly Removable[]> {
    while (this.#queued.length > 0) yield this.#queued.splice(0, batchMessages);
  }

  /** Nothing is queued: the ids that it was queued under are in doubt. */
  forget(): void {
    this.#queued = [];
  }

  #queue(message: Removable): void {
    if (this.#queued.length < removalsInSession) this.#queued.push(message);
  }

  /** May the source's copy go? What was noted without a date begins to count now. */
  async #isDue(record: CollectedRecord): Promise<boolean> {
    const { ports, source, course } = this.#parts;
    const { keep } = source;
    const delivered = record.fate === 'here' || record.fate === 'twin';
    if (this.#refused || keep.kind === 'forever' || !delivered) return false;
    if (record.removedAt !== undefined || isIndistinct(record.uid)) return false;
    if (keep.days > 0 && !ports.clockIsSane()) return false;
    const isDated = record.at > 0 || keep.days === 0;
    if (isDated) return record.at <= ports.clock.now() - keep.days * day;
    course.kept(await ports.collected.note([{ ...record, at: ports.clock.now() }]));
    return false;
  }

  async remove(open: OpenFolder, messages: readonly Removable[]): Promise<void> {
    const { source, course, ports } = this.#parts;
    if (messages.length === 0 || this.#refused) return;
    const removed = await open.remove(messages.map(({ listed }) => listed));
    if (!removed.ok) {
      course.got(removed);
      this.#refused = true;
      if (course.over) return;
      course.remark(`${source.name} does not let its copies be removed: ${removed.error.detail}`);
      return;
    }
    const records = messages.map(({ record }) => record);
    if (source.protocol === 'pop3') this.#pending.push(...records);
    else {
      course.kept(await ports.collected.removed(records, ports.clock.now()));
      course.count('removed', records.length);
    }
  }

  /** IMAP: what was collected before, and has lain there long enough; some at a time. Each batch is
   * to be removed, put off, or the last. */
  async *due(folder: SourceFolderId): AsyncGenerator<readonly Removable[]> {
    const { ports, source, course } = this.#parts;
    const { keep } = source;
    if (keep.kind === 'forever' || (keep.days > 0 && !ports.clockIsSane())) return;
    const until = ports.clock.now() - keep.days * day;
    while (!this.#refused && !course.over) {
      const old = course.kept(await ports.collected.removable(folder, until, recordsAtOnce));
      // Those whose id proves nothing stay, and would be met again and again.
      if (old === undefined || old.every(({ uid }) => isIndistinct(uid))) return;
      const due: Removable[] = [];
      for (const record of old) {
        const { uid, octets } = record;
        if (await this.#isDue(record)) due.push({ listed: { uid, number: 0, octets }, record });
      }
      yield due;
    }
  }

  /** It is not known whether it is what was noted: asked again after a day. */
  async putOff(record: CollectedRecord): Promise<void> {
    const { ports, source, course } = this.#parts;
    const days = source.keep.kind === 'days' ? source.keep.days : 0;
    const at = ports.clock.now() - (days - 1) * day;
    course.kept(await ports.collected.note([{ ...record, at }]));
  }

  /** The session ended well: what was to be removed over POP3 is. */
  async sessionEnded(): Promise<void> {
    const { ports, course } = this.#parts;
    const pending = this.#pending;
    this.#pending = [];
    for (let from = 0; from < pending.length; from += recordsAtOnce) {
      const some = pending.slice(from, from + recordsAtOnce);
      course.kept(await ports.collected.removed(some, ports.clock.now()));
    }
    course.count('removed', pending.length);
  }
}
