/*
 * Fetches the messages of a folder that are wanted, a batch at a time: while one comes, those before
 * it are on their way to disk, up to a number. Where the second proof needs to know what lies at the
 * source, that is asked between two batches, and the message fetched again.
 */
import type { CollectedRecord, Match, SourceFolder } from '#mail/collected/collected';
import { Arrival, type Arrived } from './arrival.ts';
import type { Course } from './course.ts';
import type { Doubts } from './doubts.ts';
import type { LargeMessages } from './large-messages.ts';
import { batchMessages, batchOctets, commitsInFlight } from './limits.ts';
import type { RoundPorts, RoundSource } from './ports.ts';
import type { Removal } from './removal.ts';
import type { Settled, Settlement } from './settlement.ts';
import { receivedField } from './trace.ts';
import type { Listed, OpenFolder, Upstream } from './upstream.ts';

/** A message to be fetched. */
export interface Wanted {
  readonly listed: Listed;
  /** What is noted of its id. */
  readonly known: CollectedRecord | undefined;
  /** Only its header section, as it comes, tells whether it is wanted: from that moment on. */
  readonly from?: number;
}

export interface FetchingParts {
  readonly ports: RoundPorts;
  readonly source: RoundSource;
  readonly upstream: Upstream;
  readonly course: Course;
  readonly removal: Removal;
  readonly open: OpenFolder;
  readonly folder: SourceFolder;
  readonly settlement: Settlement;
  readonly doubts: Doubts;
  readonly large: LargeMessages;
  readonly isOver: () => boolean;
  /** The ids of the folder are in doubt. */
  readonly doubt: () => void;
  /** It was listed, and is not to be had now. `why`: what the source says of it, if it does. */
  readonly leave: (listed: Listed, why?: string) => void;
  readonly tooOld: (listed: Listed) => Promise<void>;
  /** The connection broke at one of these. */
  readonly broke: (suspects: Iterable<Listed>) => void;
  readonly came: (listed: Listed) => void;
}

/** A message is fetched again at most so often: each time more is known of what is asked about. */
const mostTurns = 8;

export class Fetching {
  readonly #parts: FetchingParts;
  readonly #tasks = new Set<Promise<void>>();
  /** Begun, and not ended; a connection that breaks leaves them so. */
  readonly #arriving = new Set<Arrival>();
  #batch: Wanted[] = [];
  #batchOctets = 0;
  #asked: { readonly wanted: Wanted; readonly about: readonly Match[] }[] = [];

  constructor(parts: FetchingParts) {
    this.#parts = parts;
  }

  /** Fetches it with the others of its batch, when that is full. */
  async want(wanted: Wanted): Promise<void> {
    this.#batch.push(wanted);
    this.#batchOctets += wanted.listed.octets;
    const full = this.#batch.length >= batchMessages || this.#batchOctets >= batchOctets;
    if (full) await this.fetch();
  }

  /** What is left of the batch. */
  async fetch(): Promise<void> {
    for (
      let turn = 0;
      turn < mostTurns && this.#batch.length > 0 && !this.#parts.isOver();
      turn++
    ) {
      const octets = this.#batch.reduce((sum, { listed }) => sum + listed.octets, 0);
      if (!this.#parts.ports.hasRoom(octets)) return this.#parts.course.fail({ kind: 'room' });
      const batch = new Map(this.#batch.map((wanted) => [wanted.listed, wanted]));
      this.#batch = [];
      this.#batchOctets = 0;
      await this.#fetchAll(batch);
      await this.#ask();
    }
    for (const { listed } of this.#batch) this.#parts.leave(listed);
    this.#batch = [];
  }

  async #fetchAll(batch: Map<Listed, Wanted>): Promise<void> {
    const { course } = this.#parts;
    const listed = [...batch.keys()];
    try {
      const fetched = await this.#parts.open.fetch(listed, (one) => {
        const wanted = batch.get(one);
        if (wanted === undefined) throw new Error(`the upstream gives ${one.uid}, unasked`);
        batch.delete(one);
        return this.#receive(wanted);
      });
      if (!fetched.ok) {
        course.got(fetched);
        this.#parts.broke(this.#suspects(listed, batch));
      }
    } finally {
      await this.#drained();
      for (const arrival of this.#arriving) await arrival.incoming.abandon();
      this.#arriving.clear();
    }
    course.rethrow();
    // Not begun though nothing is broken: the server refused them together.
    if (!this.#parts.isOver()) for (const { listed } of batch.values()) this.#parts.leave(listed);
  }

  /** At which of those that were asked for the connection broke: at the one that was coming, or at the
   * next; or at any, when none came. */
  #suspects(listed: readonly Listed[], left: ReadonlyMap<Listed, Wanted>): Iterable<Listed> {
    const [coming] = this.#arriving;
    if (coming !== undefined) return [coming.listed];
    return left.size < listed.length ? [...left.keys()].slice(0, 1) : listed;
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
      ...{ trace, largest: ports.largest(), isOver: () => this.#parts.isOver() },
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
      this.#settled(wanted, await this.#parts.settlement.settle(arrival, wanted.known, id));
      return;
    }
    await arrival.incoming.abandon();
    if (how === 'missing') this.#parts.leave(listed, arrival.why);
    else if (how === 'too-large') await this.#parts.large.tellOf(listed, arrival);
    else if (how === 'too-old') await this.#parts.tooOld(listed);
  }

  #settled(wanted: Wanted, settled: Settled): void {
    const { removal, course } = this.#parts;
    const { listed } = wanted;
    if (settled.kind === 'doubt') this.#parts.doubt();
    if (settled.kind === 'ask') this.#asked.push({ wanted, about: settled.about });
    if (settled.kind !== 'safe') return;
    this.#parts.came(listed);
    if (!listed.ambiguous) course.confirm(this.#parts.folder.id, listed.uid);
    // One that is back although it was removed is left for a while.
    const isBack = wanted.known?.removedAt !== undefined;
    if (!listed.ambiguous && !isBack) removal.queue({ listed, record: settled.record });
  }

  /** Finds out what was asked, and wants those messages again. */
  async #ask(): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    for (const { wanted, about } of asked) {
      for (const record of about) {
        if (this.#parts.isOver()) return;
        if ((await this.#parts.doubts.look(record)) === 'doubt') this.#parts.doubt();
      }
      this.#batch.push(wanted);
    }
  }
}
