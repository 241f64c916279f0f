/*
 * A room in which reports are made: ann and bob live here, a message of ann's lies in the queue,
 * and what the parts around the reports are told is written down. The store is real.
 */
import { Log, type LogLine } from '#base/log';
import { failed, ok, type Result, trouble } from '#base/result';
import type { MessageHistory } from '#mail/history/history';
import type { AccountId, MailboxId, MessageId, QueuedId, QueuedRecipientId } from '#mail/ids';
import { LocalNotices } from '#mail/local-notices';
import type { Outcome, QueuedRecipient, QueueItem, Told } from '#mail/queue/queue';
import type { FailedRecipient, ServerWords } from '#mail/queue/reporting';
import { Reports } from '#mail/queue/reports';
import { FailingStore } from '#mail/store/failing/failing-store';
import { MemoryStore } from '#mail/store/memory/memory-store';
import type { Along, Incoming, StoreTrouble } from '#mail/store/store';
import { FakeClock } from './fake-clock.ts';
import { SeededRandom } from './seeded-random.ts';
import { SmallHousehold } from './small-household.ts';

const dinner =
  'Return-Path: <ann@example.net>\r\n' +
  'Received: from laptop ([192.168.1.20])\r\n' +
  '\tby restante.local with ESMTPSA\r\n' +
  '\tid a1b2c3d4e5f6 for <bob@example.org>;\r\n' +
  '\tMon, 23 Nov 2026 09:00:00 +0000\r\n' +
  'From: Ann <ann@example.net>\r\n' +
  'To: Bob <bob@example.org>\r\n' +
  'Subject: Dinner on Sunday\r\n' +
  'Message-ID: <1@laptop>\r\n' +
  '\r\n' +
  'Shall I bring the fish?\r\n';

export const unknown: ServerWords = {
  code: 550,
  enhanced: '5.1.1',
  text: '<bob@example.org>: Recipient address rejected: User unknown',
  by: 'mx.example.org',
};

interface Committed {
  readonly places: readonly MailboxId[];
  readonly along: Along;
  readonly text: string;
}

export class ReportRoom {
  readonly clock = new FakeClock();
  readonly random = new SeededRandom('reports');
  readonly household = new SmallHousehold();
  readonly memory = new MemoryStore(this.clock);
  readonly failing = new FailingStore(this.memory);
  /** Each delivery that was committed, in order. */
  readonly committed: Committed[] = [];
  /** What left the queue without a report. */
  readonly recorded: { outcomes: readonly Outcome[]; told: readonly Told[] }[] = [];
  readonly noted: { messages: readonly MessageId[]; say: string }[] = [];
  readonly log: LogLine[] = [];
  /** What reading a chunk of a message comes to, when it is not what it should be. */
  damage: { readonly chunk: number; readonly trouble: StoreTrouble } | undefined;
  room = Number.MAX_SAFE_INTEGER;
  #keeper: MailboxId | undefined;
  #recipients = 0;
  #accounts = 0;

  readonly store = {
    incoming: () => this.#watch(this.failing.incoming()),
    read: async (chunks: Parameters<MemoryStore['read']>[0]) => {
      const hit = chunks.some(({ chunk }) => chunk === this.damage?.chunk);
      return this.damage !== undefined && hit
        ? failed(this.damage.trouble)
        : this.failing.read(chunks);
    },
    health: () => ({ ...this.failing.health(), room: this.room }),
  };

  readonly queue = {
    record: async (outcomes: readonly Outcome[], told: readonly Told[]) => {
      const why = this.failing.trouble;
      if (why !== undefined && why.code !== 'full') return failed(why);
      this.recorded.push({ outcomes, told });
      return ok(undefined);
    },
  };

  readonly history = {
    note: (messages: readonly MessageId[], say: string) => {
      this.noted.push({ messages, say });
    },
    ofAddress: async (key: string): Promise<Result<MessageHistory[], StoreTrouble>> => {
      if (this.failing.trouble !== undefined) return failed(this.failing.trouble);
      const found = this.committed.flatMap(({ along: { history } }) => history ?? []);
      const own = found.filter(({ addresses }) => addresses.includes(key)).reverse();
      const message = 1 as MessageId;
      return ok(own.map((first) => ({ message, ...first, lines: [first] })));
    },
  };

  readonly parts = {
    store: this.store,
    queue: this.queue,
    history: this.history,
    directory: this.household,
    clock: this.clock,
    random: this.random,
    log: new Log((line) => void this.log.push(line), this.clock),
    hostName: () => 'restante.local',
  };
  readonly notices = new LocalNotices(this.parts);
  readonly reports = new Reports({ ...this.parts, notices: this.notices });

  /** A new account; its number. */
  add(login: string): AccountId {
    const account = ++this.#accounts as AccountId;
    this.household.add(login, 'tuna', account, this.memory.makeInbox(account));
    return account;
  }

  /** A message in the queue. */
  async item(more: Partial<QueueItem> = {}, octets: string = dinner): Promise<QueueItem> {
    const incoming = this.memory.incoming();
    await incoming.write(Buffer.from(octets, 'latin1'));
    // In an inbox of nobody's, which keeps it as the queue would.
    this.#keeper ??= this.memory.makeInbox(0 as AccountId);
    const stored = await incoming.commit([{ mailbox: this.#keeper, internalDate: 0 }]);
    if (!stored.ok) throw new Error(stored.error.say);
    const { message, shape } = stored.value;
    return {
      id: 1 as QueuedId,
      name: 'a1b2c3d4e5f6',
      message,
      octets: shape.octets,
      canonical: shape.canonical,
      sender: 'ann@example.net',
      account: 0 as AccountId,
      via: 'ann@example.net',
      queuedAt: this.clock.now(),
      born: 0,
      recipients: [],
      ...more,
    };
  }

  recipient(address: string, more: Partial<QueuedRecipient> = {}): QueuedRecipient {
    const id = ++this.#recipients as QueuedRecipientId;
    const state = { due: 0, attempts: 1, doubt: false, delayTold: false, last: '' };
    return { id, address, ...state, ...more };
  }

  failure(address = 'bob@example.org', more: Partial<QueuedRecipient> = {}): FailedRecipient {
    return {
      recipient: this.recipient(address, more),
      why: `There is no mailbox ${address}`,
      advice: 'Look for a typing mistake in the address, and send it again',
      status: '5.1.1',
      words: unknown,
    };
  }

  /** Whose inboxes the last delivery lies in. */
  get readers(): string[] {
    const places = this.committed.at(-1)?.places ?? [];
    return ['ann', 'bob'].filter((login) => {
      const inbox = this.household.inbox(this.#member(login));
      return inbox !== undefined && places.includes(inbox);
    });
  }

  #member(login: string): AccountId {
    try {
      return this.household.member(login).account;
    } catch {
      return 0 as AccountId;
    }
  }

  #watch(incoming: Incoming): Incoming {
    const pieces: Buffer[] = [];
    return {
      write: (octets) => {
        pieces.push(Buffer.from(octets));
        return incoming.write(octets);
      },
      commit: async (places, along = {}) => {
        const stored = await incoming.commit(places, along);
        if (!stored.ok) return stored;
        const text = Buffer.concat(pieces).toString();
        this.committed.push({ places: places.map(({ mailbox }) => mailbox), along, text });
        return stored;
      },
      abandon: () => incoming.abandon(),
    };
  }
}

export const failingDisk = trouble('failing', 'The disk reports errors', 'EIO');
export const fullDisk = trouble('full', 'The disk is full', 'ENOSPC');
export const damaged = trouble('damaged', 'This message is damaged', 'digest', false);
