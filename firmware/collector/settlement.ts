/*
 * What becomes of a message that was fetched: the second proof is asked, and it is delivered, or
 * noted, in one commit. Equal messages are settled one after the other, so that what is noted of one
 * is seen by the next.
 */
import { addressKey, formatAddress } from '#mail/address';
import type { CollectedRecord, Fate, Match, SourceFolder } from '#mail/collected/collected';
import type { Along } from '#mail/store/store';
import type { Arrival } from './arrival.ts';
import { internalDate, writtenArrival } from './arrival-date.ts';
import { authorKeys } from './author.ts';
import type { Course } from './course.ts';
import type { Digests } from './digest.ts';
import { indistinct, type Surroundings, secondProof } from './judgement.ts';
import type { RoundPorts, RoundSource } from './ports.ts';
import type { Listed } from './upstream.ts';

const day = 86_400_000;

export interface SettlementParts {
  readonly ports: RoundPorts;
  readonly source: RoundSource;
  readonly folder: SourceFolder;
  readonly course: Course;
  readonly surroundings: Surroundings;
}

export type Settled =
  /** It is here, and noted under its id. */
  | { readonly kind: 'safe'; readonly record: CollectedRecord }
  /** The source has to be asked about these; then it is to be fetched again. */
  | { readonly kind: 'ask'; readonly about: readonly Match[] }
  /** Its id is noted for another message: no id of this folder is to be trusted. */
  | { readonly kind: 'doubt' }
  /** The round is over. */
  | { readonly kind: 'nothing' };

const nothing: Settled = { kind: 'nothing' };

export class Settlement {
  readonly #parts: SettlementParts;
  /** The last of those with this digest. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** `known`: what is noted of its id. `id`: the name in the trace field. */
  async settle(arrival: Arrival, known: CollectedRecord | undefined, id: string): Promise<Settled> {
    const digests = arrival.digests();
    const key = digests.digest.toString('hex');
    const before = this.#queues.get(key);
    const settled = (before ?? Promise.resolve()).then(() =>
      this.#settle(arrival, known, id, digests),
    );
    // What is thrown reaches who waits for it, not the next in the queue.
    const quiet = settled.catch(() => {});
    this.#queues.set(key, quiet);
    try {
      return await settled;
    } finally {
      if (this.#queues.get(key) === quiet) this.#queues.delete(key);
    }
  }

  async #settle(
    arrival: Arrival,
    known: CollectedRecord | undefined,
    id: string,
    digests: Digests,
  ): Promise<Settled> {
    const { course, ports, source, folder, surroundings } = this.#parts;
    const { listed } = arrival;
    if (course.over) return this.#abandon(arrival, nothing);
    if (isOther(known, listed, digests.digest)) {
      // Gone before: its id went to another message. Never seen to go: who knows of the others?
      if (known.removedAt === undefined) return this.#abandon(arrival, { kind: 'doubt' });
      if (!(await this.#displace(known))) return this.#abandon(arrival, nothing);
    }
    const matches = course.kept(await ports.collected.matching(source.id, digests.digest));
    if (matches === undefined) return this.#abandon(arrival, nothing);
    const uid = listed.ambiguous ? indistinct(listed.uid, digests.digest) : listed.uid;
    const found = { key: { folder: folder.id, uid }, name: folder.name };
    const proof = secondProof(found, matches, surroundings);
    if (proof.kind === 'ask') return this.#abandon(arrival, proof);
    const record: CollectedRecord = {
      ...{ ...found.key, fate: fateOf(proof), ...digests, octets: listed.octets },
      at: proof.kind === 'same' ? this.#stampOf(proof.record) : this.#stamp(),
    };
    if (proof.kind === 'deliver') return this.#deliver(arrival, record, id);
    await arrival.incoming.abandon();
    const { record: former } = 'record' in proof ? proof : { record: undefined };
    const instead = former === undefined || isSameKey(former, record) ? [] : [former];
    const noted = await ports.collected.note([record], instead);
    if (!noted.ok) {
      course.kept(noted);
      return nothing;
    }
    course.count(proof.kind === 'twin' ? 'twins' : 'known');
    return { kind: 'safe', record };
  }

  /** The message, the note of it, and the beginning of its history: one commit. */
  async #deliver(arrival: Arrival, record: CollectedRecord, id: string): Promise<Settled> {
    const { ports, source, course } = this.#parts;
    const { directory, clock, clockIsSane } = ports;
    const mailbox = directory.inbox(source.account);
    if (mailbox === undefined) {
      const say = 'The account that the source is collected for is gone';
      const trouble = {
        kind: 'trouble',
        code: 'lost',
        temporary: false,
        say,
        detail: say,
      } as const;
      course.fail({ kind: 'store', trouble });
      return this.#abandon(arrival, nothing);
    }
    const arrivedAt = arrival.listed.arrivedAt ?? writtenArrival(arrival.beginning);
    const now = clock.now();
    const place = {
      mailbox,
      internalDate: internalDate(arrivedAt, { now, clockIsSane: clockIsSane() }),
    };
    const along = { collected: record, history: this.#beginning(id, arrival, now) } satisfies Along;
    const stored = await arrival.incoming.commit([place], along);
    if (!stored.ok) {
      course.kept(stored);
      return nothing;
    }
    course.count('delivered');
    return { kind: 'safe', record };
  }

  #beginning(name: string, { beginning }: Arrival, now: number) {
    const { ports, source } = this.#parts;
    const home = ports.directory.homeAddress(source.account);
    const whom = home === undefined ? 'somebody of the house' : formatAddress(home);
    return {
      ...{ name, at: now, say: `collected from ${source.name} for ${whom}` },
      addresses: [...authorKeys(beginning), ...(home === undefined ? [] : [addressKey(home)])],
    };
  }

  /** What is noted of an id that went to another message is kept, to be found by its digest. */
  async #displace(known: CollectedRecord & { readonly digest: Buffer }): Promise<boolean> {
    const { ports, course } = this.#parts;
    const record = { ...known, uid: indistinct(known.uid, known.digest) };
    const noted = await ports.collected.note([record], [known]);
    course.kept(noted);
    return noted.ok;
  }

  async #abandon(arrival: Arrival, settled: Settled): Promise<Settled> {
    await arrival.incoming.abandon();
    return settled;
  }

  /** A source that brings back what was removed is asked to remove it again after a day, not with each
   * round. */
  #stampOf({ at, removedAt }: Match): number {
    return removedAt === undefined ? at : this.#parts.ports.clock.now() + day;
  }

  /** When it was noted; 0 while the clock is not to be trusted. */
  #stamp(): number {
    const { clock, clockIsSane } = this.#parts.ports;
    return clockIsSane() ? clock.now() : 0;
  }
}

/** The id is noted for a message that was here, and this is another one. */
function isOther(
  known: CollectedRecord | undefined,
  listed: Listed,
  digest: Buffer,
): known is CollectedRecord & { readonly digest: Buffer } {
  if (known?.digest === undefined || listed.ambiguous) return false;
  return (known.fate === 'here' || known.fate === 'twin') && !known.digest.equals(digest);
}

function fateOf(proof: { readonly kind: string; readonly record?: Match }): Fate {
  return proof.record?.fate ?? (proof.kind === 'twin' ? 'twin' : 'here');
}

function isSameKey(one: CollectedRecord, other: CollectedRecord): boolean {
  return one.folder === other.folder && one.uid === other.uid;
}
