/*
 * A house that collects from a source played in memory, for tests of rounds: the store and the
 * clock are real implementations, no connection is made, and nothing happens by itself.
 */
import assert from 'node:assert/strict';
import { Log, type LogLine } from '#base/log';
import { failed, ok, trouble } from '#base/result';
import { Course } from '#collector/course';
import type { RoundPorts, RoundSource, SourceMemory } from '#collector/ports';
import { Round } from '#collector/round';
import type { Collected } from '#mail/collected/collected';
import type { AccountId, MailboxId, SourceId } from '#mail/ids';
import type { Notice } from '#mail/notices';
import { FailingStore } from '#mail/store/failing/failing-store';
import { MemoryStore } from '#mail/store/memory/memory-store';
import { FakeClock } from './fake-clock.ts';
import type { MemorySource } from './memory-upstream.ts';
import { SeededRandom } from './seeded-random.ts';

export const ann = 1 as AccountId;
export const day = 86_400_000;

export class CollectingHouse {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore(this.clock);
  readonly failing = new FailingStore(this.store);
  readonly inbox: MailboxId = this.store.makeInbox(ann);
  readonly at: MemorySource;
  readonly notices: Notice[] = [];
  readonly lines: LogLine[] = [];
  readonly ports: RoundPorts;
  clockIsSane = true;
  /** So many writes succeed before the disk fails; until it is set anew. */
  writesLeft = Number.POSITIVE_INFINITY;
  largest = 100_000;
  hasRoom = true;
  source: RoundSource;
  #memory = new Map<string, SourceMemory>();

  constructor(at: MemorySource, source: Partial<RoundSource> = {}) {
    this.at = at;
    this.source = {
      id: 1 as SourceId,
      name: 'gmail',
      account: ann,
      protocol: at.protocol,
      host: 'mail.example',
      user: 'ann',
      folders: [],
      since: { kind: 'all' },
      keep: { kind: 'forever' },
      addedAt: this.clock.now(),
      ...source,
    };
    const told = new Set<string>();
    this.ports = {
      store: this.failing,
      collected: this.#failingCollected(),
      directory: {
        inbox: (account) => (account === ann ? this.inbox : undefined),
        homeAddress: () => ({ local: 'ann', domain: 'restante.local' }),
      },
      notices: {
        tell: async (_account, notice) => {
          if (!told.has(notice.once ?? '')) this.notices.push(notice);
          told.add(notice.once ?? `${told.size}`);
          return ok(undefined);
        },
      },
      clock: this.clock,
      clockIsSane: () => this.clockIsSane,
      random: new SeededRandom('collecting'),
      log: new Log((line) => void this.lines.push(line), this.clock),
      hostName: () => 'box.local',
      largest: () => this.largest,
      hasRoom: () => this.hasRoom,
    };
  }

  /** Every write counts, and fails when the disk does; so do arrivals from then on. */
  #failingCollected(): Collected {
    const disk = trouble('failing', 'The disk fails', 'EIO');
    const store = this.failing;
    const counts = () => {
      this.writesLeft--;
      store.trouble = this.writesLeft < 0 ? disk : undefined;
      return store.trouble;
    };
    const kept = this.store.collected;
    const { incoming } = store;
    store.incoming = () => {
      const inner = incoming.call(store);
      return {
        ...inner,
        commit: (places, along) => {
          counts();
          return inner.commit(places, along);
        },
      };
    };
    const writes = new Set(['folder', 'settle', 'note', 'removed', 'prune']);
    return new Proxy<Collected>(kept, {
      get: (_target, name) => {
        const method = Reflect.get(kept, name).bind(kept);
        if (!writes.has(String(name))) return method;
        return async (...given: unknown[]) => {
          return counts() === undefined ? method(...given) : failed(disk);
        };
      },
    });
  }

  /** The box is switched off and on: what is not on disk is forgotten. */
  restart(): void {
    this.#memory = new Map();
  }

  /** Somebody asks for all that there is. */
  forgive(): void {
    for (const { breaking } of this.#memory.values()) breaking?.forgive();
  }

  /** One connection, one round, as the collector does it. */
  async round(signal = new AbortController().signal): Promise<Course> {
    const target = {
      ...this.source,
      port: 993,
      security: 'tls',
      secret: { password: 'x' },
    } as const;
    const connected = await this.at.connect(target);
    assert.ok(connected.ok);
    const course = new Course(signal);
    const memory = (folder: string) => {
      const there = this.#memory.get(folder) ?? {};
      this.#memory.set(folder, there);
      return there;
    };
    const round = new Round(this.ports, this.source, connected.value, memory, course);
    await round.run();
    if ((await connected.value.close()).ok) await round.closed();
    return course;
  }

  /** Rounds until one comes to its end. */
  async rounds(most = 20): Promise<Course> {
    for (let count = 0; count < most; count++) {
      const course = await this.round();
      if (course.trouble === undefined) return course;
    }
    throw new Error('no round comes to its end');
  }

  /** What arrived, below the field that was put on top. */
  get mail(): string[] {
    return this.store.contents(this.inbox).map(({ octets }) => belowTrace(octets).toString());
  }
}

function belowTrace(octets: Buffer): Buffer {
  const trace = /^Received: [^\n]*\r\n(?:\t[^\n]*\r\n)*/.exec(octets.toString('latin1'));
  assert.ok(trace !== null, 'there is no trace field on top');
  return octets.subarray(trace[0].length);
}

/** A message with a subject. */
export function letter(subject: string, more = ''): string {
  return `From: Bob <bob@example.org>\r\nSubject: ${subject}\r\n${more}\r\nHello, ${subject}.\r\n`;
}
