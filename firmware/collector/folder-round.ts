/*
 * One folder of a source in one round: what is listed is judged page by page, what is wanted is
 * fetched in batches, and when everything is on disk the folder is settled. The rule is
 * judgement.ts's; what becomes of a message that came, settlement.ts's.
 *
 * Should the round be cut anywhere: what was committed is known by its id the next time, and what was
 * under way is fetched again whole. Nothing is settled before all of it is on disk.
 */
import type { CollectedRecord, Match, SourceFolder } from '#mail/collected/collected';
import { Arrival, type Arrived } from './arrival.ts';
import { writtenArrival } from './arrival-date.ts';
import type { Course } from './course.ts';
import { Doubts } from './doubts.ts';
import { identityOf, isInDoubt, nextIdentity } from './identity.ts';
import { baseOf, type First, type FirstTerms, firstProof, type Sorting } from './judgement.ts';
import { LargeMessages } from './large-messages.ts';
import { batchMessages, batchOctets, commitsInFlight, recordsAtOnce } from './limits.ts';
import { Listing } from './listing.ts';
import { foldersOf, type RoundPorts, type RoundSource, type SourceMemory } from './ports.ts';
import type { Removal } from './removal.ts';
import { type Settled, Settlement } from './settlement.ts';
import { byDate, sortingOf } from './sorting.ts';
import { receivedField } from './trace.ts';
import type { Listed, OpenFolder, Upstream } from './upstream.ts';

export interface FolderRoundParts {
  readonly ports: RoundPorts;
  readonly source: RoundSource;
  readonly upstream: Upstream;
  readonly course: Course;
  readonly memory: SourceMemory;
  readonly removal: Removal;
}

/** A message to be fetched. */
interface Wanted {
  readonly listed: Listed;
  readonly known: CollectedRecord | undefined;
  /** Only its header section, as it comes, tells whether it is. */
  readonly from?: number;
}

type PassEnd = 'whole' | 'parts' | 'doubt';

export class FolderRound {
  readonly #parts: FolderRoundParts;
  readonly #name: string;
  readonly #open: OpenFolder;

  constructor(parts: FolderRoundParts, name: string, open: OpenFolder) {
    this.#parts = parts;
    this.#name = name;
    this.#open = open;
  }

  async run(): Promise<void> {
    const { ports, source, course } = this.#parts;
    const folders = course.kept(await ports.collected.folders(source.id));
    if (folders === undefined) return;
    const there = { name: this.#name, identity: this.#open.identity };
    let row = await this.#row(identityOf(there, source, folders));
    if (row !== undefined && source.protocol === 'imap' && isInDoubt(row, this.#open)) {
      ports.log.warn(`${source.name}: the unique-ids went back; messages are compared one by one`);
      row = await this.#row(nextIdentity(row.identity));
    }
    if (row === undefined) return;
    const collected = foldersOf(source);
    const former = folders.filter(({ id }) => id !== row?.id);
    const met = former.some(({ name }) => name === this.#name || !collected.includes(name));
    const end = await new Pass(this.#parts, this.#open, row, met).run();
    if (end !== 'doubt' || course.over) return;
    ports.log.warn(`${source.name}: a unique-id was used twice; messages are compared one by one`);
    const anew = await this.#row(nextIdentity(row.identity));
    if (anew !== undefined) await new Pass(this.#parts, this.#open, anew, true).run();
  }

  async #row(identity: string): Promise<SourceFolder | undefined> {
    const { ports, source, course } = this.#parts;
    return course.kept(await ports.collected.folder(source.id, this.#name, identity));
  }
}

/** Once through a folder, under one identity. */
class Pass {
  readonly #parts: FolderRoundParts;
  readonly #open: OpenFolder;
  readonly #row: SourceFolder;
  readonly #met: boolean;
  readonly #pop3: boolean;
  readonly #settlement: Settlement;
  readonly #doubts: Doubts;
  readonly #large: LargeMessages;
  readonly #tasks = new Set<Promise<void>>();
  /** Begun, and not ended; a connection that breaks leaves them so. */
  readonly #arriving = new Set<Arrival>();
  #listing: Listing | undefined;
  #batch: Wanted[] = [];
  #batchOctets = 0;
  #asked: { readonly wanted: Wanted; readonly about: readonly Match[] }[] = [];
  /** Here now, and to be removed at the source at once. */
  #fresh: { readonly listed: Listed; readonly record: CollectedRecord }[] = [];
  #doubt = false;
  /** The lowest UID that was listed and could not be fetched, or Infinity. */
  #unsettled = Number.POSITIVE_INFINITY;
  #highest = 0;

  constructor(parts: FolderRoundParts, open: OpenFolder, row: SourceFolder, met: boolean) {
    this.#parts = parts;
    this.#open = open;
    this.#row = row;
    this.#met = met;
    this.#pop3 = parts.source.protocol === 'pop3';
    this.#doubts = new Doubts({ ...parts, open, folder: row, listing: () => this.#listing });
    this.#large = new LargeMessages({ ...parts, open, folder: row });
    const collected = foldersOf(parts.source);
    this.#settlement = new Settlement({
      ...parts,
      folder: row,
      surroundings: {
        collects: (name) => collected.includes(name),
        isThere: (record) => this.#doubts.isThere(record),
      },
    });
  }

  async run(): Promise<PassEnd> {
    const { source, course, memory, ports } = this.#parts;
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
    await this.#drained();
    course.rethrow();
    if (this.#doubt) return 'doubt';
    if (course.over) return 'parts';
    await this.#finish(largest);
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
    const { course, memory } = this.#parts;
    const wasSettled = this.#row.settled;
    const seeksLarge = !this.#pop3 && wasSettled !== undefined;
    const large = seeksLarge ? await this.#large.lowestThatFits(memory) : undefined;
    const from = Math.min(large ?? Number.POSITIVE_INFINITY, wasSettled ?? 0);
    if (this.#over || this.#isQuiet(large)) return;
    for await (const page of this.#open.list(this.#pop3 ? 0 : from)) {
      if (!page.ok) {
        if (course.got(page) === undefined) this.#unsettled = 0;
        return;
      }
      await this.#judgePage(page.value, sorting);
      if (this.#over) return;
    }
    await this.#fetchBatch();
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
      const first = await this.#dated(firstProof(listed, record, terms), listed);
      if (first.kind === 'ask-date') {
        await this.#want({ listed, known: record, from: first.moment });
      } else if (first.kind === 'fetch') await this.#want({ listed, known: record });
      else if (first.kind === 'too-large') await this.#tooLarge(listed);
      else if (first.kind === 'skip') skipped.push(listed);
      else if (first.kind === 'later') this.#leave(listed);
      else if (record !== undefined) await this.#removeKnown(listed, record);
    }
    await this.#noteSkipped(skipped);
  }

  async #tooLarge(listed: Listed): Promise<void> {
    if (!(await this.#large.tell(listed))) this.#leave(listed);
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

  async #want(wanted: Wanted): Promise<void> {
    this.#batch.push(wanted);
    this.#batchOctets += wanted.listed.octets;
    const full = this.#batch.length >= batchMessages || this.#batchOctets >= batchOctets;
    if (full) await this.#fetchBatch();
  }

  async #fetchBatch(): Promise<void> {
    // Fetched again at most so often: each time more is known of what is asked about.
    for (let turn = 0; turn < 8 && this.#batch.length > 0 && !this.#over; turn++) {
      const batch = new Map(this.#batch.map((wanted) => [wanted.listed, wanted]));
      this.#batch = [];
      this.#batchOctets = 0;
      await this.#fetch(batch);
      await this.#removeFresh();
      await this.#ask();
    }
    for (const { listed } of this.#batch) this.#leave(listed);
    this.#batch = [];
  }

  async #fetch(batch: Map<Listed, Wanted>): Promise<void> {
    const { course } = this.#parts;
    const listed = [...batch.keys()];
    try {
      const fetched = await this.#open.fetch(listed, (one) => {
        const wanted = batch.get(one);
        if (wanted === undefined) throw new Error(`the upstream gives ${one.uid}, unasked`);
        batch.delete(one);
        return this.#receive(wanted);
      });
      if (!fetched.ok) course.got(fetched);
    } finally {
      await this.#drained();
      for (const arrival of this.#arriving) await arrival.incoming.abandon();
      this.#arriving.clear();
    }
    course.rethrow();
    // Not begun though nothing is broken: the server refused them together.
    if (!this.#over) for (const { listed } of batch.values()) this.#leave(listed);
  }

  #receive(wanted: Wanted): Arrival {
    const { ports, source, upstream } = this.#parts;
    const id = ports.random.octets(6).toString('hex');
    const trace = receivedField({
      ...{ facts: upstream.facts, host: source.host, source: source.name, id },
      ...{ hostName: ports.hostName(), now: ports.clock.now() },
      to: ports.directory.homeAddress(source.account),
    });
    const arrival = new Arrival(wanted.listed, ports.store.incoming(), {
      ...{ trace, largest: ports.largest(), isOver: () => this.#over },
      ...(wanted.from === undefined ? {} : { from: wanted.from }),
      ended: (how) => {
        this.#arriving.delete(arrival);
        return this.#launch(() => this.#ended(wanted, arrival, how, id));
      },
    });
    this.#arriving.add(arrival);
    return arrival;
  }

  /** Commits go on beside the fetching, up to a number. */
  #launch(task: () => Promise<void>): void | Promise<void> {
    const running: Promise<void> = task()
      .catch((bug) => this.#parts.course.threw(bug))
      .finally(() => void this.#tasks.delete(running));
    this.#tasks.add(running);
    return this.#tasks.size < commitsInFlight ? undefined : Promise.race(this.#tasks);
  }

  async #drained(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.race(this.#tasks);
  }

  async #ended(wanted: Wanted, arrival: Arrival, how: Arrived, id: string): Promise<void> {
    const { listed } = wanted;
    if (how === 'whole') {
      this.#settled(wanted, await this.#settlement.settle(arrival, wanted.known, id));
      return;
    }
    await arrival.incoming.abandon();
    if (how === 'missing') this.#leave(listed);
    else if (how === 'too-large') await this.#large.tellOf(listed, arrival);
    else if (how === 'too-old') await this.#noteSkipped([listed]);
  }

  #settled(wanted: Wanted, settled: Settled): void {
    const { source, course } = this.#parts;
    const { listed } = wanted;
    if (settled.kind === 'doubt') this.#doubt = true;
    if (settled.kind === 'ask') this.#asked.push({ wanted, about: settled.about });
    if (settled.kind !== 'safe') return;
    if (!listed.ambiguous) course.confirm(this.#row.id, listed.uid);
    const { keep } = source;
    const atOnce = keep.kind === 'days' && keep.days === 0 && !listed.ambiguous;
    // One that is back although it was removed is left for a while.
    if (atOnce && wanted.known?.removedAt === undefined) {
      this.#fresh.push({ listed, record: settled.record });
    }
  }

  /** Listed, and not to be had now. */
  #leave({ uid }: Listed): void {
    this.#unsettled = Math.min(this.#unsettled, this.#pop3 ? 0 : Number(uid));
  }

  /** Finds out what was asked, and wants those messages again. */
  async #ask(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    for (const { wanted, about } of asked) {
      for (const record of about) {
        if (this.#over) return;
        if ((await this.#doubts.look(record)) === 'doubt') this.#doubt = true;
      }
      this.#batch.push(wanted);
    }
  }

  async #removeFresh(): Promise<void> {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (!this.#over) await this.#parts.removal.remove(this.#open, fresh);
  }

  /** POP3: what was collected before, and has lain there long enough. */
  async #removeKnown(listed: Listed, record: CollectedRecord): Promise<void> {
    const { removal, course } = this.#parts;
    if (!this.#pop3 || !(await removal.isDue(record))) return;
    if (!course.isConfirmed(record.folder, record.uid)) {
      const verdict = await this.#doubts.verify(listed, record, 'header');
      if (verdict === 'doubt') this.#doubt = true;
      if (verdict !== 'it') return;
    }
    // In this session it is not to be looked at again.
    course.confirm(record.folder, record.uid);
    if (!this.#over) await removal.remove(this.#open, [{ listed, record }]);
  }

  async #finish(largest: number): Promise<void> {
    const { course, memory, removal } = this.#parts;
    if (this.#pop3) await this.#noteGone();
    else await removal.removeOld(this.#open, this.#row.id);
    if (course.over) return;
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

  #isListed({ uid }: CollectedRecord): boolean {
    const base = baseOf(uid);
    if (base !== uid) return this.#listing?.hasIndistinct(base) === true;
    return this.#listing?.has(uid) === true;
  }
}
