/*
 * The rule by which every message comes exactly once. Pure; README.md has it in words for people,
 * and its tests as tables.
 *
 * First proof: the unique-id. A message whose id is noted for its folder, under the folder's
 * identity, is known, and nothing is done. Over IMAP that is all (RFC 9051 §2.3.1.1). Over POP3 an id
 * proves nothing when the listing has it twice, when its size is not the noted one, or when it had
 * gone and is back: RFC 1939 §7 forbids all three, and servers do them.
 *
 * Second proof: the digest. A message that the first proof does not know is fetched, unless it is
 * older than the source is to be collected from, or too large. What is noted with an equal digest is
 * matched to it one to one:
 *  - noted under this very id: it is this message.
 *  - noted in the same folder, and its own message still lies there under its own id: another
 *    message, for a mailbox may hold two equal ones, and both come.
 *  - noted in the same folder under an id that is gone, or in a folder that is no longer collected
 *    (the source moved house): it is this message, and the note moves to the new id.
 *  - noted in another folder that is collected: a copy, or a label. A copy is noted as `twin` as long
 *    as the other folder has more of them than this one; so what comes is as often as the message
 *    is in the folder that has it most often, whichever is read first.
 * Message-ID plays no part: a stranger could reuse one.
 */
import type { CollectedKey, CollectedRecord, Match } from '#mail/collected/collected';
import type { SourceProtocol } from '#mail/sources/records';
import type { Listed } from './upstream.ts';

/** What lies in a folder before it is first settled may be older than what is wanted. */
export type Sorting =
  /** It was settled: what is not known is new, and comes. */
  | { readonly kind: 'over' }
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  /** Those that arrived there at or after that moment. */
  | { readonly kind: 'from'; readonly moment: number };

export interface FirstTerms {
  readonly protocol: SourceProtocol;
  readonly sorting: Sorting;
  /** Where a skipped id has come to mean another message: as if it were met in the first sorting. */
  readonly resorting: Sorting | 'clock';
  /** Octets. */
  readonly largest: number;
}

export type First =
  | { readonly kind: 'nothing' | 'fetch' | 'skip' | 'too-large' }
  /** It depends on what day it is, and the box does not know. */
  | { readonly kind: 'later' }
  /** Its header section tells when it arrived; older ones are skipped. */
  | { readonly kind: 'ask-date'; readonly moment: number };

export function firstProof(
  listed: Listed,
  known: CollectedRecord | undefined,
  terms: FirstTerms,
): First {
  if (listed.ambiguous) return sized(listed, terms);
  if (known === undefined) return sort(listed, terms.sorting, terms);
  if (!proves(known, listed, terms)) {
    return known.fate === 'skipped' ? sort(listed, terms.resorting, terms) : sized(listed, terms);
  }
  // What is wanted may have changed since.
  const again = known.fate === 'skipped' && terms.sorting.kind !== 'over';
  if (again) return sort(listed, terms.sorting, terms);
  // Its listed size may be a lie, so what was seen of it is asked.
  const fits = known.fate === 'too-large' && known.octets <= terms.largest;
  return fits ? sized(listed, terms) : { kind: 'nothing' };
}

/** Is it still the message that was noted under its id? */
function proves(known: CollectedRecord, listed: Listed, terms: FirstTerms): boolean {
  if (terms.protocol === 'imap') return true;
  if (known.removedAt !== undefined) return false;
  return known.fate === 'too-large' || known.octets === listed.octets;
}

function sort(listed: Listed, sorting: Sorting | 'clock', terms: FirstTerms): First {
  if (sorting === 'clock') return { kind: 'later' };
  if (sorting.kind === 'none') return { kind: 'skip' };
  if (sorting.kind !== 'from') return sized(listed, terms);
  const { moment } = sorting;
  if (listed.arrivedAt === undefined) return { kind: 'ask-date', moment };
  return listed.arrivedAt < moment ? { kind: 'skip' } : sized(listed, terms);
}

function sized(listed: Listed, { largest }: FirstTerms): First {
  return { kind: listed.octets > largest ? 'too-large' : 'fetch' };
}

/** Where the message is that was fetched. */
export interface Found {
  readonly key: CollectedKey;
  /** Of the folder. */
  readonly name: string;
}

export interface Surroundings {
  /** Is the folder one of those that are collected? */
  readonly collects: (folder: string) => boolean;
  /** Of a record of this very folder: does its own message still lie there under its id? Undefined:
   * the source has to be asked. */
  readonly isThere: (record: Match) => boolean | undefined;
}

export type Second =
  | { readonly kind: 'deliver' | 'twin' }
  /** The record is this message's, and is noted anew under its id. */
  | { readonly kind: 'same' | 'moved'; readonly record: Match }
  /** It depends on whether these still lie where they were noted. */
  | { readonly kind: 'ask'; readonly about: readonly Match[] };

export function secondProof(
  { key, name }: Found,
  matches: readonly Match[],
  { collects, isThere }: Surroundings,
): Second {
  const delivered = matches.filter(({ fate }) => fate === 'here' || fate === 'twin');
  const same = delivered.find(
    ({ folder, uid }) => folder === key.folder && baseOf(uid) === baseOf(key.uid),
  );
  if (same !== undefined) return { kind: 'same', record: same };
  const asked: Match[] = [];
  const elsewhere = new Map<string, number>();
  let others = 0;
  for (const record of delivered) {
    const folder = record.in.name;
    if (record.folder === key.folder) {
      const there = isThere(record);
      if (there === false) return { kind: 'moved', record };
      if (there === undefined) asked.push(record);
      else others++;
    } else if (folder === name || !collects(folder)) return { kind: 'moved', record };
    else elsewhere.set(folder, (elsewhere.get(folder) ?? 0) + 1);
  }
  if (asked.length > 0) return { kind: 'ask', about: asked };
  return { kind: Math.max(0, ...elsewhere.values()) > others ? 'twin' : 'deliver' };
}

/*
 * Unique-ids have no blanks (RFC 1939 §7), so what stands behind one is ours: the digest, where the id
 * alone names nothing. Such a note is found by its digest only.
 */

/** An id that the listing has more than once, or that means another message by now. */
export function indistinct(uid: string, digest: Buffer): string {
  return `${baseOf(uid)} ${digest.toString('hex')}`;
}

export function isIndistinct(uid: string): boolean {
  return uid.includes(' ');
}

export function baseOf(uid: string): string {
  const blank = uid.indexOf(' ');
  return blank < 0 ? uid : uid.slice(0, blank);
}
