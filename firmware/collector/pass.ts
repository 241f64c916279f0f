/*
 * Once through a folder, under one identity: what is listed is judged page by page, what is wanted is
 * fetched, and when everything is on disk the folder is settled. The rule is judgement.ts's.
 *
 * Should the round be cut anywhere: what was committed is known by its id the next time, and what was
 * under way is fetched again whole. Nothing is settled before all of it is on disk.
 */
import type { CollectedRecord, Present, SourceFolder } from '#mail/collected/collected';
import { writtenArrival } from './arrival-date.ts';
import { Breaking } from './breaking.ts';
import type { Course } from './course.ts';
import { Doubts } from './doubts.ts';
import { Fetching } from './fetching.ts';
import { baseOf, type First, type FirstTerms, firstProof, type Sorting } from './judgement.ts';
import { LargeMessages } from './large-messages.ts';
import { recordsAtOnce } from './limits.ts';
import { Listing } from './listing.ts';
import { foldersOf, type RoundPorts, type RoundSource, type SourceMemory } from './ports.ts';
import type { Removal } from './removal.ts';
import { Removing } from './removing.ts';
import { Settlement } from './settlement.ts';
import { byDate, sortingOf } from './sorting.ts';
import type { Listed, OpenFolder, Upstream } from './upstream.ts';

export interface PassParts {
  readonly ports: RoundPorts;
  readonly source: RoundSource;
  readonly upstream: Upstream;
  readonly course: Course;
  readonly memory: SourceMemory;
  readonly removal: Removal;
}

/** A message, and what its id and its size say of it. */
interface Judged {
  readonly first: First;
  readonly listed: Listed;
  readonly known: CollectedRecord | undefined;
}

/** `parts`: not all of it, for now. `doubt`: its unique-ids name other messages than they did. */
export type PassEnd = 'whole' | 'parts' | 'doubt';

export class Pass {
  readonly #parts: PassParts;
  readonly #open: OpenFolder;
  readonly #row: SourceFolder;
  readonly #met: boolean;
  readonly #pop3: boolean;
  readonly #doubts: Doubts;
  readonly #large: LargeMessages;
  readonly #fetching: Fetching;
  readonly #removing: Removing;
  readonly #breaking: Breaking;
  /** Those at which the connection broke before: they come behind all others. */
  readonly #last: Judged[] = [];
  #listing: Listing | undefined;
  #doubt = false;
  /** The lowest UID that was listed and could not be fetched, or Infinity. */
  #unsettled = Number.POSITIVE_INFINITY;
  #highest = 0;
  /** Why the source did not give these. */
  readonly #missing = new Map<string, string>();

  constructor(parts: PassParts, open: OpenFolder, row: SourceFolder, met: boolean) {
    this.#parts = parts;
    this.#open = open;
    this.#row = row;
    this.#met = met;
    this.#pop3 = parts.source.protocol === 'pop3';
    parts.memory.breaking ??= new Breaking();
    this.#breaking = parts.memory.breaking;
    this.#doubts = new Doubts({ ...parts, open, folder: row, listing: () => this.#listing });
    this.#large = new LargeMessages({ ...parts, open, folder: row });
    const collected = foldersOf(parts.source);
    const settlement = new Settlement({
      ...parts,
      folder: row,
      surroundings: {
        collects: (name) => collected.includes(name),
        isThere: (record) => this.#doubts.isThere(record),
      },
    });
    const told = {
      isOver: () => this.#over,
      doubt: () => {
        this.#doubt = true;
      },
    };
    this.#removing = new Removing({ ...parts, ...told, open, folder: row, doubts: this.#doubts });
    this.#fetching = new Fetching({
      ...{ ...parts, open, folder: row, settlement, doubts: this.#doubts, large: this.#large },
      ...told,
      leave: (listed, why) => this.#leave(listed, why),
      tooOld: (listed) => this.#noteSkipped([listed]),
      broke: (suspects) => this.#broke(suspects),
      came: ({ uid }) => this.#breaking.came(uid),
    });
  }

  async run(): Promise<PassEnd> {
    const { source, course, memory, ports, removal } = this.#parts;
    removal.forget();
    const largest = ports.largest();
    const sorting = await this.#sorting();
    if (sorting === undefined) return 'parts';
    if (this.#pop3) {
      if (!(await this.#readListing())) return 'parts';
      const same = memory.listing === this.#listing?.fingerprint && memory.largest === largest;
      const settled = this.#row.settled !== undefined;
      if (same && settled && source.keep.kind === 'forever') return 'whole';
    } else if (sorting.kind === 'none' && this.#open.uidNext !== undefined) {
      await this.#settle(this.#open.uidNext);
      return 'whole';
    }
    await this.#judgeAll(sorting);
    if (this.#doubt) return 'doubt';
    if (course.over) return 'parts';
    this.#tellMissing();
    await this.#finish(largest);
    if (this.#doubt) return 'doubt';
    return course.over ? 'parts' : 'whole';
  }

  async #sorting(): Promise<Sorting | undefined> {
    const { source, ports, course } = this.#parts;
    const first = course.kept(await ports.collected.present(this.#row.id, undefined, 1));
    if (first === undefined) return undefined;
    const past = { settled: this.#row.settled, met: this.#met || first.length > 0 };
    const time = { now: ports.clock.now(), clockIsSane: ports.clockIsSane() };
    const sorting = sortingOf(source, past, time);
    if (sorting !== 'clock') return sorting;
    course.remark(
      'The box does not know what time it is yet, so it cannot tell which messages are wanted. ' +
        'It sets its clock by the network, and then goes on by itself',
    );
    return undefined;
  }

  async #readListing(): Promise<boolean> {
    const { course } = this.#parts;
    const listing = new Listing();
    for await (const page of this.#open.list(0)) {
      if (!page.ok) course.got(page);
      if (course.over || !page.ok) return false;
      for (const listed of page.value) listing.add(listed);
    }
    this.#listing = listing;
    return true;
  }

  get #over(): boolean {
    return this.#doubt || this.#parts.course.over;
  }

  async #judgeAll(sorting: Sorting): Promise<void> {
    const { memory } = this.#parts;
    const wasSettled = this.#row.settled;
    const seeksLarge = !this.#pop3 && wasSettled !== undefined;
    const large = seeksLarge ? await this.#large.lowestThatFits(memory) : undefined;
    const from = Math.min(large ?? Number.POSITIVE_INFINITY, wasSettled ?? 0);
    if (this.#over || this.#isQuiet(large)) return;
    for await (const page of this.#pages(from)) {
      await this.#judgePage(page, sorting);
      if (this.#over) return;
    }
    await this.#fetching.fetch();
    const times = ({ listed }: Judged) => this.#breaking.timesOf(listed.uid);
    for (const judged of this.#last.sort((one, other) => times(one) - times(other))) {
      if (this.#over) return;
      await this.#noteSkipped((await this.#follow(judged)) ? [judged.listed] : []);
      await this.#fetching.fetch();
    }
  }

  /** Nothing is asked of the server while it lists. IMAP's listing is begun again behind each page. */
  async *#pages(from: number): AsyncGenerator<readonly Listed[]> {
    if (this.#listing !== undefined) return yield* this.#listing.pages();
    const { course } = this.#parts;
    const { uidNext = Number.POSITIVE_INFINITY } = this.#open;
    for (let next = from; next < uidNext; ) {
      const listed = await firstPage(this.#open.list(next));
      if (listed === undefined) return;
      const page: readonly Listed[] | undefined = course.got(listed);
      if (page === undefined) this.#unsettled = 0;
      if (!listed.ok && !course.over) {
        const { name } = this.#parts.source;
        const where = `what lies in "${this.#row.name}"`;
        course.remark(`${name} does not list ${where}: ${listed.error.detail}`);
      }
      if (page === undefined) return;
      yield page;
      next = Number(page.at(-1)?.uid ?? next) + 1;
    }
  }

  /** IMAP says by itself that nothing came since. */
  #isQuiet(large: number | undefined): boolean {
    const { settled } = this.#row;
    const { uidNext } = this.#open;
    if (this.#pop3 || large !== undefined || settled === undefined) return false;
    return uidNext !== undefined && uidNext <= settled;
  }

  async #judgePage(page: readonly Listed[], sorting: Sorting): Promise<void> {
    const { ports, course } = this.#parts;
    const uids = page.map(({ uid }) => uid);
    const known = course.kept(await ports.collected.known(this.#row.id, uids));
    if (known === undefined) return;
    const terms = this.#terms(sorting);
    const skipped: Listed[] = [];
    for (const listed of page) {
      if (this.#over) return;
      const record = known.get(listed.uid);
      if (!this.#pop3 && this.#isSettled(listed, record)) continue;
      if (!this.#pop3) this.#highest = Math.max(this.#highest, Number(listed.uid));
      const first = firstProof(listed, record, terms);
      if (this.#waitsItsTurn({ first, listed, known: record })) continue;
      if (await this.#follow({ first, listed, known: record })) skipped.push(listed);
    }
    await this.#noteSkipped(skipped);
  }

  /** Does what the first proof says; true: it is to be skipped. */
  async #follow({ first: proof, listed, known }: Judged): Promise<boolean> {
    const first = await this.#dated(proof, listed);
    if (first.kind === 'ask-date') {
      await this.#fetching.want({ listed, known, from: first.moment });
    } else if (first.kind === 'fetch') await this.#fetching.want({ listed, known });
    else if (first.kind === 'too-large') await this.#tooLarge(listed);
    else if (first.kind === 'later') this.#leave(listed);
    else if (first.kind === 'nothing' && known !== undefined && this.#pop3) {
      await this.#parts.removal.queueWhenDue({ listed, record: known });
    }
    return first.kind === 'skip';
  }

  /** Is it one at which the connection broke before? */
  #waitsItsTurn(judged: Judged): boolean {
    const { first, listed } = judged;
    if (first.kind === 'nothing' || first.kind === 'skip' || first.kind === 'later') return false;
    const turn = this.#breaking.turnOf(listed.uid, this.#parts.ports.clock.elapsed());
    if (turn === 'last') this.#last.push(judged);
    if (turn === 'later') this.#leave(listed, 'the connection breaks there each time');
    return turn !== 'usual';
  }

  #broke(suspects: Iterable<Listed>): void {
    const { course, ports } = this.#parts;
    if (!course.broke) return;
    for (const { uid } of suspects) this.#breaking.broke(uid, ports.clock.elapsed());
  }

  async #tooLarge(listed: Listed): Promise<void> {
    if (await this.#large.tell(listed)) return;
    this.#broke([listed]);
    this.#leave(listed);
  }

  /** Below the settled UID only what was too large may be wanted by now. */
  #isSettled({ uid }: Listed, record: CollectedRecord | undefined): boolean {
    const { settled } = this.#row;
    return settled !== undefined && Number(uid) < settled && record?.fate !== 'too-large';
  }

  #terms(sorting: Sorting): FirstTerms {
    const { source, ports } = this.#parts;
    const time = { now: ports.clock.now(), clockIsSane: ports.clockIsSane() };
    return {
      protocol: source.protocol,
      sorting,
      resorting: byDate(source, time),
      largest: ports.largest(),
    };
  }

  /** Asks for the header section where it is needed to tell how old a message is. Where it is not to
   * be had, the message tells it as it comes. */
  async #dated(first: First, listed: Listed): Promise<First> {
    if (first.kind !== 'ask-date') return first;
    const { course, ports } = this.#parts;
    const header = course.got(await this.#open.header(listed));
    this.#broke([listed]);
    if (header === undefined) return first;
    const arrival = writtenArrival(header);
    if (arrival !== undefined && arrival < first.moment) return { kind: 'skip' };
    return { kind: listed.octets > ports.largest() ? 'too-large' : 'fetch' };
  }

  /** Over IMAP the settled UID says it. */
  async #noteSkipped(skipped: readonly Listed[]): Promise<void> {
    const { ports, course } = this.#parts;
    course.count('skipped', skipped.length);
    if (!this.#pop3) return;
    const at = ports.clock.now();
    for (let from = 0; from < skipped.length; from += recordsAtOnce) {
      const records = skipped.slice(from, from + recordsAtOnce).map(({ uid, octets }) => {
        return { folder: this.#row.id, uid, fate: 'skipped', octets, at } as const;
      });
      course.kept(await ports.collected.note(records));
    }
  }

  /** Listed, and not to be had now. */
  #leave({ uid }: Listed, why?: string): void {
    if (why !== undefined && this.#missing.size < recordsAtOnce) this.#missing.set(uid, why);
    this.#unsettled = Math.min(this.#unsettled, this.#pop3 ? 0 : Number(uid));
  }

  /** Once is no matter: it may have gone between the listing and its turn. */
  #tellMissing(): void {
    const { source, course, memory } = this.#parts;
    const again = [...this.#missing].filter(([uid]) => memory.missing?.has(uid) === true);
    memory.missing = new Set(this.#missing.keys());
    const [first] = again;
    if (first === undefined) return;
    const [what, them] =
      again.length === 1 ? ['a message', 'it'] : [`${again.length} messages`, 'them'];
    const asked = again.length === 1 ? 'it is asked for again' : 'they are asked for again';
    course.remark(`${source.name} lists ${what} and does not give ${them} (${first[1]}); ${asked}`);
  }

  async #finish(largest: number): Promise<void> {
    const { memory } = this.#parts;
    if (this.#pop3) {
      await this.#noteGone();
      await this.#removing.queued();
    } else await this.#removing.old();
    if (this.#over) return;
    const whole = this.#unsettled === Number.POSITIVE_INFINITY;
    if (this.#pop3) {
      if (!whole) return;
      if (this.#row.settled === undefined) await this.#settle(1);
      memory.listing = this.#listing?.fingerprint ?? '';
    } else if (whole) {
      await this.#settle(Math.max(this.#open.uidNext ?? this.#highest + 1, this.#row.settled ?? 0));
    } else if (this.#row.settled !== undefined) {
      await this.#settle(Math.max(this.#unsettled, this.#row.settled));
    }
    memory.largest = largest;
  }

  async #settle(settled: number): Promise<void> {
    const { ports, course } = this.#parts;
    const { modseq } = this.#open;
    const far = { settled, ...(modseq === undefined ? {} : { modseq }) };
    // A flag that somebody sets is not worth a write; MODSEQ only tells when it goes back.
    if (settled === this.#row.settled) return;
    course.kept(await ports.collected.settle(this.#row.id, far));
  }

  /** POP3: what is noted and not listed any more was removed by others, or by us before the power
   * went. Should its id come back, it proves nothing. */
  async #noteGone(): Promise<void> {
    const { ports, course } = this.#parts;
    const { collected, clock } = ports;
    let after: string | undefined;
    for (;;) {
      const records = course.kept(await collected.present(this.#row.id, after, recordsAtOnce));
      const last = records?.at(-1);
      if (records === undefined || last === undefined) return;
      const gone = records.filter((record) => !this.#isListed(record));
      if (gone.length > 0) course.kept(await collected.removed(gone, clock.now()));
      if (course.over) return;
      after = last.uid;
    }
  }

  #isListed({ uid }: Present): boolean {
    const base = baseOf(uid);
    if (base !== uid) return this.#listing?.hasIndistinct(base) === true;
    return this.#listing?.has(uid) === true;
  }
}

async function firstPage<T>(pages: AsyncIterable<T>): Promise<T | undefined> {
  for await (const page of pages) return page;
  return undefined;
}
