/*
 * Does the message that was noted under an id still lie there? Over IMAP the id itself says so. Over
 * POP3 the listing does, when it has another size or none; an equal size is looked into by the header
 * section, and where that does not fit, or cannot be had, by the whole message: an id that is found
 * to name another message puts all of them in doubt.
 */
import type { CollectedRecord, Match, SourceFolder } from '#mail/collected/collected';
import { Comparison } from './arrival.ts';
import type { Course } from './course.ts';
import { headDigestOf } from './digest.ts';
import { baseOf, isIndistinct } from './judgement.ts';
import type { Listing } from './listing.ts';
import type { RoundPorts, RoundSource } from './ports.ts';
import type { Listed, OpenFolder } from './upstream.ts';

export interface DoubtsParts {
  readonly ports: RoundPorts;
  readonly source: RoundSource;
  readonly course: Course;
  readonly open: OpenFolder;
  readonly folder: SourceFolder;
  readonly listing: () => Listing | undefined;
}

/** `it`: the id still names the noted message. `unknown`: the source did not tell. */
export type Verdict = 'it' | 'doubt' | 'unknown';

export class Doubts {
  readonly #parts: DoubtsParts;
  /** Ids that were asked about and are gone. */
  readonly #gone = new Set<string>();

  constructor(parts: DoubtsParts) {
    this.#parts = parts;
  }

  /** Undefined: `look` first. */
  isThere({ uid, octets, removedAt, folder }: Match): boolean | undefined {
    const { course } = this.#parts;
    if (removedAt !== undefined || this.#gone.has(uid)) return false;
    const listing = this.#parts.listing();
    if (isIndistinct(uid)) return listing?.hasIndistinct(baseOf(uid)) === true;
    if (course.isConfirmed(folder, uid)) return true;
    return listing !== undefined && !listing.hasDistinct(uid, octets) ? false : undefined;
  }

  /** Asks the source about a record of this folder. */
  async look(record: Match): Promise<Verdict> {
    const { course, source, open } = this.#parts;
    if (this.isThere(record) !== undefined) return 'it';
    if (source.protocol === 'imap') {
      const has = course.got(await open.has(record.uid));
      if (has === undefined) return 'unknown';
      if (has) course.confirm(record.folder, record.uid);
      else this.#gone.add(record.uid);
      return 'it';
    }
    const listed = this.#parts.listing()?.find(record.uid);
    if (listed === undefined) {
      this.#gone.add(record.uid);
      return 'it';
    }
    return this.verify(listed, record, 'message');
  }

  /** `by`: how much is asked for at least. */
  async verify(
    listed: Listed,
    record: CollectedRecord,
    by: 'header' | 'message',
  ): Promise<Verdict> {
    const { course, open } = this.#parts;
    const got = await open.header(listed);
    const header = course.got(got);
    if (course.over) return 'unknown';
    // A server that has no header sections to give; not one that refuses this one.
    if (got.ok && header === undefined && by === 'header') return 'it';
    if (header !== undefined && record.headDigest?.equals(headDigestOf(header))) {
      course.confirm(record.folder, record.uid);
      return 'it';
    }
    return this.#compare(listed, record);
  }

  async #compare(listed: Listed, record: CollectedRecord): Promise<Verdict> {
    const { course, source } = this.#parts;
    const digest = await this.#digestOf(listed, record);
    if (digest === undefined || record.digest === undefined) return 'unknown';
    if (digest.equals(record.digest)) {
      course.confirm(record.folder, record.uid);
      return 'it';
    }
    // Some servers write into what they give out, each time anew. Their digests prove nothing.
    const again = await this.#digestOf(listed, record);
    if (again === undefined) return 'unknown';
    if (again.equals(digest)) return 'doubt';
    course.remark(`${source.name} gives out a message differently each time; it is left there`);
    return 'unknown';
  }

  async #digestOf(listed: Listed, { octets }: CollectedRecord): Promise<Buffer | undefined> {
    const { course, open } = this.#parts;
    const comparison = new Comparison(2 * octets + 1_048_576);
    course.got(await open.fetch([listed], () => comparison));
    return comparison.digest;
  }
}
