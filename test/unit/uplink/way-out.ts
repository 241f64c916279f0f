/*
 * A house with a way out, for tests of the dispatcher: the real dispatcher over a queue on paper, a
 * clock that is turned by hand, and a provider that follows a script. What is reported and noted is
 * kept to be looked at.
 */
import { Readable } from 'node:stream';
import { Log, type LogLine } from '#base/log';
import { failed, ok, type Result, trouble } from '#base/result';
import type { AccountId, UplinkId } from '#mail/ids';
import type { Notice, Notices } from '#mail/notices';
import { QueueTimes } from '#mail/queue/box-time';
import type { QueueItem } from '#mail/queue/queue';
import type { FailedRecipient, Reporting } from '#mail/queue/reporting';
import type { SendingWindow } from '#mail/queue/windows';
import { uplinkKey } from '#mail/sign-ins/sign-in-key';
import type { StoreTrouble } from '#mail/store/store';
import type { Answer } from '#provider/answer';
import type { Meaning } from '#provider/meaning';
import { tellOwners } from '#provider/sign-in-notice';
import { Dispatcher } from '#uplink/dispatcher';
import type { FlushReport } from '#uplink/state';
import type { Letter, NoTarget, Way, Ways } from '#uplink/ways';
import { FakeClock } from '../../support/fake-clock.ts';
import { PlainQueue } from '../../support/plain-queue.ts';
import { ScriptedConnector } from '../../support/scripted-connector.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const gmail = 1 as UplinkId;
export const gmx = 2 as UplinkId;

const quiet: FlushReport = {
  joined: false,
  messages: 0,
  sent: 0,
  later: 0,
  gaveUp: 0,
  untried: 0,
  uplinks: [],
};

/** A flush report without what went as nothing. */
export function brief(report: FlushReport): Partial<FlushReport> {
  const told = Object.entries(report).filter(([name, value]) => {
    return name !== 'uplinks' && value !== quiet[name as keyof FlushReport];
  });
  return Object.fromEntries(told);
}

/** The uplinks of a house, as a test sets them. */
class PlainWays implements Ways {
  list: Way[] = [{ id: gmail, name: 'gmail', provider: 'gmail', connections: 3 }];
  noTarget: NoTarget | undefined;
  readonly quotas: Way['quota'][] = [];
  serves: (via: string) => UplinkId | undefined = () => this.list[0]?.id;

  all(): readonly Way[] {
    return this.list;
  }

  way(uplink: UplinkId): Way | undefined {
    return this.list.find(({ id }) => id === uplink);
  }

  serving(via: string): UplinkId | undefined {
    return this.serves(via);
  }

  nameOf(uplink: UplinkId): string | undefined {
    return this.way(uplink)?.name;
  }

  async target(uplink: UplinkId) {
    if (this.noTarget !== undefined) return failed(this.noTarget);
    const host = `smtp.${this.nameOf(uplink)}.example`;
    return ok({ host, port: 465, security: 'tls' as const, helloName: 'box' });
  }

  async setQuota(_uplink: UplinkId, quota: Way['quota']): Promise<Result<void, unknown>> {
    this.quotas.push(quota);
    return ok(undefined);
  }

  owners(): readonly AccountId[] {
    return [7 as AccountId];
  }
}

export interface Reported {
  readonly kind: 'failed' | 'delayed' | 'relayed';
  readonly to: readonly string[];
  readonly why: readonly string[];
}

export class WayOut {
  readonly clock = new FakeClock(new Date(2026, 10, 23, 9).getTime());
  readonly queue: PlainQueue;
  readonly ways = new PlainWays();
  readonly server = new ScriptedConnector();
  readonly log: LogLine[] = [];
  readonly reports: Reported[] = [];
  readonly notices: Notice[] = [];
  readonly notes: string[] = [];
  readonly times: QueueTimes;
  readonly dispatcher: Dispatcher;
  sane = true;
  windows: readonly SendingWindow[] = [];
  letter: (item: QueueItem) => Letter = letterOf;
  reportingRefuses = false;

  constructor(queue = new PlainQueue()) {
    this.queue = queue;
    const { clock } = this;
    const log = new Log((line) => void this.log.push(line), clock);
    const clockIsSane = () => this.sane;
    const windows = () => this.windows;
    this.times = new QueueTimes({ queue, clock, clockIsSane, windows, log });
    const notices = this.#notices();
    this.dispatcher = new Dispatcher({
      queue,
      ways: this.ways,
      connector: this.server,
      letters: { letter: async (item) => ok(this.letter(item)) },
      sense: { meaningOf, explain: ({ stage, detail }) => explain(stage, detail) },
      reporting: this.#reporting(),
      notices,
      tellOfSignIn: (uplink, say) => {
        const key = uplinkKey(uplink);
        const name = this.ways.nameOf(uplink) ?? '';
        const concerned = { key, name, owners: this.ways.owners() };
        const news = { kind: 'refused', say } as const;
        return tellOwners({ notices, log }, [concerned], news);
      },
      history: { note: (_messages, say) => void this.notes.push(say) },
      times: this.times,
      clockIsSane,
      schedule: () => ({
        retries: [minute, 5 * minute, 15 * minute],
        delayNotice: 4 * hour,
        giveUp: 120 * hour,
      }),
      clock,
      random: new SeededRandom(),
      log,
    });
  }

  async start(): Promise<void> {
    await this.times.start();
    await this.dispatcher.start();
    await this.rest();
  }

  /** Turns the clock, and lets everything that follows from it happen. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.rest();
  }

  /** In steps, for what takes its turn at every step. */
  async passSlowly(ms: number, step = minute): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) await this.pass(step);
  }

  /** Until nothing more happens by itself: only promises and the event loop's turns are waited for. */
  async rest(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      await new Promise<void>((resolve) => void setImmediate(resolve));
    }
  }

  /** Recipients of what the server took, in order. */
  get sent(): string[] {
    return this.server.accepted.flatMap(({ envelope }) => envelope.recipients);
  }

  /** All lines of all histories. */
  get history(): string[] {
    return [...this.queue.told.map(({ say }) => say), ...this.notes];
  }

  #reporting(): Reporting {
    return {
      failed: async (_item, recipients) => this.#report('failed', recipients),
      delayed: async (_item, recipients) => this.#report('delayed', recipients),
      relayed: async (_item, recipients) => {
        const whom = recipients.map((recipient) => ({ recipient, why: '' }));
        return this.#report('relayed', whom);
      },
    };
  }

  #report(
    kind: Reported['kind'],
    whom: readonly Pick<FailedRecipient, 'recipient' | 'why'>[],
  ): Result<void, StoreTrouble> {
    if (this.reportingRefuses) return failed(trouble('full', 'The disk is full', 'a test'));
    const to = whom.map(({ recipient }) => recipient.address);
    this.reports.push({ kind, to, why: whom.map(({ why }) => why) });
    const ids = whom.map(({ recipient }) => recipient.id);
    if (kind === 'delayed') this.queue.markDelayTold(ids);
    else this.queue.end(ids);
    return ok(undefined);
  }

  #notices(): Notices {
    return {
      tell: async (_account, notice) => {
        this.notices.push(notice);
        return ok(undefined);
      },
      deliver: async () => ok(undefined),
    };
  }
}

function letterOf(item: QueueItem): Letter {
  const octets = () => Readable.from([Buffer.from(`message ${item.name}`)]);
  return { kind: 'ready', size: 20, eightBit: false, utf8: false, octets };
}

/** The codes of this test's provider; the real table is provider/refusals.ts. */
function meaningOf({ code, enhanced = '', text }: Answer): Meaning {
  if (code < 300) return { kind: 'sent' };
  if (enhanced === '5.4.5') return { kind: 'quota', say: text, resumes: { afterMs: 2 * hour } };
  if (code === 421) return { kind: 'pause', say: text };
  if (code === 535) return { kind: 'sign-in', say: text, advice: '' };
  return code < 500
    ? { kind: 'later', say: text }
    : { kind: 'never', say: text, status: enhanced || '5.0.0' };
}

function explain(stage: string, say: string) {
  return { kind: stage === 'sign-in' ? ('sign-in' as const) : ('unreachable' as const), say };
}
