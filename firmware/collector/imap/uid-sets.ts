/*
 * Unique-ids of IMAP messages as text. They are decimal numbers of 32 bits; a set of them is written
 * as in a command, with runs drawn together, and cut where a line would become too long.
 *
 *     uniqueid      =  nz-number            ; RFC 9051 §9, strictly ascending
 *     sequence-set  =  (seq-number / seq-range) *("," sequence-set)
 */

export const largestUid = 0xffff_ffff;

/** The number; undefined for what can be no unique-id. */
export function uidNumber(uid: string): number | undefined {
  if (!/^[1-9][0-9]{0,9}$/.test(uid)) return undefined;
  const number = Number(uid);
  return number <= largestUid ? number : undefined;
}

/** As few sets as there may be, each of at most `count` numbers and about `octets` octets. */
export function* uidSets(
  uids: Iterable<number>,
  count: number,
  octets: number,
): Generator<{ readonly text: string; readonly uids: readonly number[] }> {
  let set = new UidSet();
  for (const uid of uids) {
    if (set.uids.length >= count || set.octets >= octets) {
      yield set;
      set = new UidSet();
    }
    set.add(uid);
  }
  if (set.uids.length > 0) yield set;
}

/** One set that grows. */
export class UidSet {
  readonly uids: number[] = [];
  readonly #runs: { readonly first: number; last: number }[] = [];
  #octets = 0;

  add(uid: number): void {
    this.uids.push(uid);
    const run = this.#runs.at(-1);
    if (run === undefined || run.last + 1 !== uid) {
      this.#runs.push({ first: uid, last: uid });
      this.#octets += `${uid},`.length;
      return;
    }
    if (run.first === run.last) this.#octets += `:${uid}`.length;
    run.last = uid;
  }

  /** Octets of the text, give or take a few. */
  get octets(): number {
    return this.#octets;
  }

  get text(): string {
    return this.#runs
      .map(({ first, last }) => (first === last ? `${first}` : `${first}:${last}`))
      .join(',');
  }
}
