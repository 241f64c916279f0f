/*
 * The queue and the history of messages, as the control door sees them. A message is named by its
 * receipt's id; the copies of it that wait (the sender's own, and one for each who forwards) are
 * treated together.
 */
import type { Clock } from '#base/clock';
import { failed, ok, type Result, refusal } from '#base/result';
import type { QueueBook } from '#control/box';
import type {
  FlushReport,
  HistoryReport,
  HoldReport,
  QueuedRecipientReport,
  QueuedReport,
} from '#control/types';
import type { Household } from '#mail/accounts/household';
import { noSuchAccount } from '#mail/accounts/obstacles';
import { addressKey, parseAddress } from '#mail/address';
import type { History, MessageHistory } from '#mail/history/history';
import type { UplinkId } from '#mail/ids';
import type { QueueTimes } from '#mail/queue/box-time';
import type { Queue, QueuedRecipient, QueueItem, Waiting } from '#mail/queue/queue';
import type { Reporting } from '#mail/queue/reporting';
import type { StoreTrouble } from '#mail/store/store';
import type { UplinkDirectory } from '#mail/uplinks/directory';
import type { Dispatcher } from '#uplink/dispatcher';
import type { HouseFlush } from './house-flush.ts';
import { nextTryOf } from './next-try.ts';

export interface QueueParts {
  readonly household: Household;
  readonly queue: Queue;
  readonly history: History;
  readonly times: QueueTimes;
  readonly dispatcher: Dispatcher;
  readonly reporting: Reporting;
  readonly uplinks: UplinkDirectory;
  readonly everything: HouseFlush;
  readonly clock: Clock;
}

/** Copies of one message: its sender's, and one for each account that forwards. */
const mostCopies = 100;

export function queueBook(parts: QueueParts): QueueBook {
  const { household, queue, history, dispatcher, reporting } = parts;
  return {
    async list(account, count) {
      const owner = account === undefined ? undefined : household.byLogin(account)?.record.id;
      if (account !== undefined && owner === undefined) return failed(noSuchAccount(account));
      const items = await queue.list(owner === undefined ? {} : { account: owner }, count);
      return items.ok ? ok(items.value.map((item) => queuedReport(item, parts))) : items;
    },
    async why(id) {
      const found = await history.byName(id);
      if (!found.ok) return found;
      if (found.value !== undefined) return historyReport(found.value, parts);
      // Its beginning may have been forgotten while it still waits.
      const copies = await copiesOf(id, queue);
      if (!copies.ok) return copies;
      const lines = await history.of(copies.value[0].message);
      return lines.ok
        ? ok({ id, lines: lines.value?.lines ?? [], ...waitingOf(copies.value, parts) })
        : lines;
    },
    async whyAddress(text, count) {
      const address = parseAddress(text);
      if (address === undefined) return failed(notAnAddress(text));
      const found = await history.ofAddress(addressKey(address), count);
      if (!found.ok) return found;
      const reports: HistoryReport[] = [];
      for (const one of found.value) {
        const report = await historyReport(one, parts);
        if (!report.ok) return report;
        reports.push(report.value);
      }
      return ok(reports);
    },
    async retry(id) {
      const copies = await copiesOf(id, queue);
      if (!copies.ok) return copies;
      const reports = [];
      for (const { id: queued } of copies.value) reports.push(await dispatcher.retryNow(queued));
      return ok({ ...sum(reports), collected: 0, held: parts.times.held });
    },
    async lossOf(id) {
      const copies = await copiesOf(id, queue);
      if (!copies.ok) return copies;
      const names = copies.value.flatMap(({ recipients }) => recipients.map((one) => one.address));
      const said = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ' and others' : ''}`;
      return ok(`Dropping ${copies.value[0].name} means that it is never sent to ${said}.`);
    },
    async drop(id, tell) {
      const copies = await copiesOf(id, queue);
      if (!copies.ok) return copies;
      using withdrawn = new DisposableStack();
      for (const item of copies.value) {
        const leftAlone = dispatcher.withdraw(item);
        if (leftAlone === undefined) return failed(beingSent(id));
        withdrawn.use(leftAlone);
      }
      for (const item of copies.value) {
        const dropped = tell
          ? await reporting.failed(item, item.recipients.map(takenOut))
          : await endQuietly(item, queue);
        if (!dropped.ok) return dropped;
      }
      return ok(undefined);
    },
    async flush(force, progress) {
      return ok({ ...(await parts.everything({ force }, progress)), held: parts.times.held });
    },
    hold: async () => held(await dispatcher.hold(), parts),
    release: async () => held(await dispatcher.release(), parts),
  };
}

/** What waits in all, for `status`. */
export function depthOf(rows: readonly Waiting[]): Omit<Waiting, 'uplink'> | undefined {
  if (rows.length === 0) return undefined;
  return rows.reduce((one, other) => ({
    uplink: undefined,
    messages: one.messages + other.messages,
    recipients: one.recipients + other.recipients,
    octets: one.octets + other.octets,
    due: Math.min(one.due, other.due),
    oldest: Math.min(one.oldest, other.oldest),
    born: Math.min(one.born, other.born),
  }));
}

type Copies = readonly [QueueItem, ...QueueItem[]];

async function copiesOf(name: string, queue: Queue): Promise<Result<Copies>> {
  const found = await queue.list({ name }, mostCopies);
  if (!found.ok) return found;
  const [first, ...others] = found.value;
  if (first !== undefined) return ok([first, ...others]);
  const say = `No message that waits has the id ${name}; see: restante queue list`;
  return failed(refusal('unknown', say));
}

async function historyReport(
  { message, name, lines }: MessageHistory,
  parts: QueueParts,
): Promise<Result<HistoryReport>> {
  const copies = await parts.queue.list({ name }, mostCopies);
  if (!copies.ok) return copies;
  const own = copies.value.filter((item) => item.message === message);
  const [first, ...others] = own;
  const waiting = first === undefined ? {} : waitingOf([first, ...others], parts);
  return ok({ id: name, lines, ...waiting });
}

function waitingOf(copies: Copies, parts: QueueParts): { readonly queued: QueuedReport } {
  const recipients = copies.flatMap((item) => queuedReport(item, parts).recipients);
  return { queued: { ...queuedReport(copies[0], parts), recipients } };
}

function queuedReport(item: QueueItem, parts: QueueParts): QueuedReport {
  const { household, uplinks } = parts;
  const uplink = item.uplink === undefined ? undefined : uplinks.nameOf(item.uplink);
  return {
    id: item.name,
    account: household.byId(item.account)?.record.name ?? 'an account that is gone',
    sender: item.sender,
    queuedAt: item.queuedAt,
    octets: item.octets,
    ...(uplink === undefined ? {} : { uplink }),
    recipients: item.recipients.map((one) => recipientReport(one, item.uplink, parts)),
  };
}

function recipientReport(
  { address, attempts, last, doubt, due }: QueuedRecipient,
  uplink: UplinkId | undefined,
  parts: QueueParts,
): QueuedRecipientReport {
  const nextAt = nextTryOf(due, uplink, parts);
  return { address, attempts, last, doubt, ...(nextAt === undefined ? {} : { nextAt }) };
}

function takenOut(recipient: QueuedRecipient) {
  return {
    recipient,
    why: 'Somebody who looks after the box took this message out of the queue.',
    advice: 'Send it again if it should go out all the same.',
    status: '5.0.0', // RFC 3463 §3.1: an other or undefined status
  };
}

function endQuietly({ message, recipients }: QueueItem, queue: Queue) {
  const ended = recipients.map(({ id }) => ({ kind: 'ended' as const, recipient: id }));
  return queue.record(ended, [{ message, say: 'taken out of the queue by hand, unsent' }]);
}

async function held(
  done: Result<void, StoreTrouble>,
  { queue, times }: QueueParts,
): Promise<Result<HoldReport>> {
  if (!done.ok) return done;
  const waiting = await queue.waiting();
  if (!waiting.ok) return waiting;
  return ok({ held: times.held, messages: depthOf(waiting.value)?.messages ?? 0 });
}

type Sent = Omit<FlushReport, 'held' | 'collected'>;

function sum(reports: readonly Sent[]): Sent {
  const total = (of: (one: Sent) => number) => reports.reduce((so, one) => so + of(one), 0);
  return {
    joined: reports.some(({ joined }) => joined),
    messages: total((one) => one.messages),
    sent: total((one) => one.sent),
    later: total((one) => one.later),
    gaveUp: total((one) => one.gaveUp),
    untried: total((one) => one.untried),
    uplinks: reports.flatMap(({ uplinks }) => uplinks),
  };
}

function beingSent(id: string) {
  return refusal('busy', `${id} is being sent just now; it is too late to drop it`);
}

function notAnAddress(text: string) {
  return refusal('bad-address', `"${text}" is not a mail address; write all of it`);
}
