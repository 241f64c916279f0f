/*
 * Messages over the limit: their owner is told once, and they are noted, so that they are collected
 * when the limit is raised. First told, then noted: should the power go in between, the notice's own
 * key keeps it from being told again.
 */
import type { CollectedRecord, SourceFolder } from '#mail/collected/collected';
import { type Arrival, Beginning } from './arrival.ts';
import type { Course } from './course.ts';
import { headDigestOf, largeDigest } from './digest.ts';
import { indistinct } from './judgement.ts';
import { largeNotice } from './large-notice.ts';
import { recordsAtOnce } from './limits.ts';
import type { RoundPorts, RoundSource, SourceMemory } from './ports.ts';
import type { Listed, OpenFolder } from './upstream.ts';

export interface LargeParts {
  readonly ports: RoundPorts;
  readonly source: RoundSource;
  readonly course: Course;
  readonly open: OpenFolder;
  readonly folder: SourceFolder;
}

export class LargeMessages {
  readonly #parts: LargeParts;

  constructor(parts: LargeParts) {
    this.#parts = parts;
  }

  /** IMAP: the lowest UID of those that fit by now. Looked for once in a process, and when the limit
   * has grown. */
  async lowestThatFits(memory: SourceMemory): Promise<number | undefined> {
    const { ports, course, folder } = this.#parts;
    const largest = ports.largest();
    if (memory.largest !== undefined && memory.largest >= largest) return undefined;
    let lowest: number | undefined;
    let after: string | undefined;
    for (;;) {
      const page = await ports.collected.present(folder.id, after, recordsAtOnce);
      const records = course.kept(page);
      const last = records?.at(-1);
      if (records === undefined || last === undefined) return lowest;
      for (const { uid, fate, octets } of records) {
        if (fate !== 'too-large' || octets > largest) continue;
        lowest = Math.min(lowest ?? Number(uid), Number(uid));
      }
      after = last.uid;
    }
  }

  /** The source lists it as too large. False: it is not noted, for the source does not give it. */
  async tell(listed: Listed): Promise<boolean> {
    const { course, open } = this.#parts;
    let header = course.got(await open.header(listed));
    if (header === undefined && !course.over) {
      const beginning = new Beginning();
      const fetched = await open.fetch([listed], () => beginning);
      header = beginning.octets;
      // POP3 has no other way of stopping than to hang up; what came is enough.
      if (beginning.isMissing || !fetched.ok) header = header.length > 0 ? header : undefined;
      course.got(fetched);
    }
    if (header === undefined) return false;
    await this.#note(listed, header, listed.octets, false);
    return true;
  }

  /** It was listed as less, and more came. */
  async tellOf(listed: Listed, { beginning, octets }: Arrival): Promise<void> {
    const atLeast = octets > listed.octets;
    await this.#note(listed, beginning, Math.max(listed.octets, octets), atLeast);
  }

  async #note(listed: Listed, header: Buffer, octets: number, atLeast: boolean): Promise<void> {
    const { ports, source, folder, course } = this.#parts;
    const headDigest = headDigestOf(header);
    const digest = largeDigest(headDigest, listed.octets);
    const matches = course.kept(await ports.collected.matching(source.id, digest));
    if (matches === undefined) return;
    const uid = listed.ambiguous ? indistinct(listed.uid, digest) : listed.uid;
    if (matches.length === 0 && !(await this.#tell(listed, header, octets, atLeast))) return;
    const record: CollectedRecord = {
      ...{ folder: folder.id, uid, fate: 'too-large', digest, headDigest, octets },
      at: ports.clockIsSane() ? ports.clock.now() : 0,
    };
    const noted = await ports.collected.note([record]);
    course.kept(noted);
    if (noted.ok && matches.length === 0) course.count('tooLarge');
  }

  async #tell({ uid }: Listed, header: Buffer, octets: number, atLeast: boolean): Promise<boolean> {
    const { ports, source, folder, course } = this.#parts;
    const notice = largeNotice({
      ...{ source: source.name, folder: folder.name, uid, octets, atLeast, header },
      largest: ports.largest(),
    });
    const told = await ports.notices.tell(source.account, notice);
    course.kept(told);
    return told.ok;
  }
}
