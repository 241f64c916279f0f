/*
 * From what a server said to what becomes of the recipients: sent, tried again, or given up, with a
 * line for the message's history and a report for who is to hear of it. The decision per recipient
 * is pure (`nextTry` of the schedule, the meanings of provider/); this puts them together and hands
 * them to the ledger.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import type { History } from '#mail/history/history';
import type { BoxTime, Outcome, QueuedRecipient, QueueItem } from '#mail/queue/queue';
import type { QueueTime } from '#mail/queue/queue-time';
import type { FailedRecipient, Reporting, ServerWords } from '#mail/queue/reporting';
import { nextTry, type ScheduleTerms } from '#mail/queue/schedule';
import type { Answer } from '#provider/answer';
import type { Meaning } from '#provider/meaning';
import type { Ledger } from './ledger.ts';
import type { Way } from './ways.ts';
import { listed, nextTryAt, wordsOf } from './words.ts';

/** An answer to one recipient, and what it means. */
export interface Answered {
  readonly recipient: QueuedRecipient;
  readonly answer: Answer;
  readonly meaning: Meaning;
}

/** What became of some recipients of a message, for a flush to count. */
export interface Settled {
  readonly item: QueueItem;
  readonly recipients: number;
  readonly as: 'sent' | 'later' | 'gaveUp' | 'untried';
  /** When the first of them is due again. */
  readonly due?: BoxTime;
}

export interface SettlementPorts {
  readonly ledger: Ledger;
  readonly reporting: Reporting;
  readonly history: Pick<History, 'note'>;
  readonly time: QueueTime;
  readonly clock: Clock;
  readonly clockIsSane: () => boolean;
  readonly random: Random;
  readonly schedule: () => ScheduleTerms;
  readonly settled: (what: Settled) => void;
}

/** A failed attempt, in words for people and for the report. */
interface Reason {
  readonly why: string;
  readonly advice?: string;
  /** RFC 3463 */
  readonly status: string;
  readonly words?: ServerWords;
  /** It may have arrived all the same. */
  readonly doubt?: boolean;
}

type Pair = readonly [QueuedRecipient, Reason];

/** RFC 3463 §3.5: delivery time expired. */
const expired = '5.4.7';

export class Settlement {
  readonly #ports: SettlementPorts;

  constructor(ports: SettlementPorts) {
    this.#ports = ports;
  }

  /** The server answered each. `reports`: it makes reports of its own (RFC 3461). Meanings that
   * are about the uplink as a whole are not for here but for `putOff`. */
  async answered(
    item: QueueItem,
    way: Way,
    reports: boolean,
    answers: readonly Answered[],
  ): Promise<void> {
    const sent = answers.filter(({ meaning }) => meaning.kind === 'sent');
    const later: Pair[] = [];
    const never: Pair[] = [];
    for (const { recipient, answer, meaning } of answers) {
      const words = serverWords(answer, way);
      if (meaning.kind === 'later') {
        const status = answer.enhanced ?? '4.0.0';
        later.push([recipient, { why: meaning.say, status, words }]);
      } else if (meaning.kind === 'never') {
        const { say, advice, status } = meaning;
        never.push([recipient, { why: say, status, words, ...(advice ? { advice } : {}) }]);
      }
    }
    await this.#sent(item, way, reports, sent);
    if (later.length > 0) await this.again(item, way, later);
    if (never.length > 0) await this.failed(item, way, never);
  }

  /** The connection broke. */
  async broke(
    item: QueueItem,
    way: Way,
    recipients: readonly QueuedRecipient[],
    { detail, doubt }: { readonly detail: string; readonly doubt: boolean },
  ): Promise<void> {
    const ending = doubt ? ' after all was sent; it may arrive twice' : '';
    const why = `the connection to ${way.name} broke off${ending} (${detail})`;
    // RFC 3463 §3.5: bad connection
    const reason = { why, status: '4.4.2', doubt };
    await this.again(
      item,
      way,
      recipients.map((one) => [one, reason] as const),
    );
  }

  /** The uplink as a whole wants nothing now: no attempt of these recipients, but others probe it
   * before them. */
  putOff(item: QueueItem, recipients: readonly QueuedRecipient[], wait: number, say: string): void {
    if (recipients.length === 0) return;
    const due = this.#ports.time.box() + wait;
    const outcomes = recipients.map(
      ({ id }): Outcome => ({ kind: 'again', recipient: id, due, counts: false, last: say }),
    );
    this.#ports.ledger.record(outcomes, [{ message: item.message, say }]);
    this.#ports.settled({ item, recipients: recipients.length, as: 'untried', due });
  }

  /** An attempt failed and another may go well: by the schedule again, or never. */
  async again(item: QueueItem, way: Way, pairs: readonly Pair[]): Promise<void> {
    const { time, schedule, random, clock, clockIsSane, ledger } = this.#ports;
    const age = clockIsSane() ? time.ageing() - item.born : undefined;
    const wall = clockIsSane() ? clock.now() : undefined;
    const over: Pair[] = [];
    const delayed: Pair[] = [];
    const outcomes: Outcome[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    const lines = new Map<string, QueuedRecipient[]>();
    // One roll of the dice for a message: its recipients stay together.
    const chance = random.octets(2).readUInt16BE() / 65_535;
    for (const pair of pairs) {
      const [recipient, { doubt }] = pair;
      const { id, delayTold } = recipient;
      const attempts = recipient.attempts + 1;
      const next = nextTry(schedule(), { attempts, age, delayTold }, chance);
      if (next.kind === 'give-up') {
        over.push(pair);
        continue;
      }
      if (next.tellDelay) delayed.push(pair);
      const last = saidOf(way, pair[1]);
      soonest = Math.min(soonest, next.wait);
      const due = time.box() + next.wait;
      const doubtStays = doubt === true ? { doubtStays: true } : {};
      outcomes.push({ kind: 'again', recipient: id, due, counts: true, last, ...doubtStays });
      const line = `${last}, ${nextTryAt(next.wait, wall)}`;
      lines.set(line, [...(lines.get(line) ?? []), recipient]);
    }
    const told = [...lines].map(([line, whom]) => ({
      message: item.message,
      say: `${listed(whom)}: ${line}`,
    }));
    if (outcomes.length > 0) {
      ledger.record(outcomes, told);
      const due = time.box() + soonest;
      this.#ports.settled({ item, recipients: outcomes.length, as: 'later', due });
    }
    if (delayed.length > 0) await this.delayed(item, delayed);
    if (over.length > 0) await this.expired(item, way, over);
  }

  /** It has waited too long. */
  async expired(item: QueueItem, way: Pick<Way, 'name'>, pairs: readonly Pair[]): Promise<void> {
    const gaveUp = pairs.map(([recipient, reason]): Pair => {
      const why = `It could not be sent for too long. The last time: ${reason.why}`;
      return [recipient, { ...reason, why, status: expired }];
    });
    await this.failed(item, way, gaveUp);
  }

  /** They will never get it. */
  async failed(item: QueueItem, way: Pick<Way, 'name'>, pairs: readonly Pair[]): Promise<void> {
    const { reporting, ledger, history, time, settled } = this.#ports;
    for (const [last, group] of Map.groupBy(pairs, ([, reason]) => saidOf(way, reason))) {
      const whom = listed(group.map(([recipient]) => recipient));
      history.note([item.message], `${whom}: ${last}; it is not tried again`);
    }
    const recipients = pairs.map(([recipient]) => recipient.id);
    const due = time.box() + reportAgain;
    await ledger.report({
      recipients,
      write: () => reporting.failed(item, pairs.map(failedRecipient)),
      // Nobody has been told, so they stay, are refused once more, and then somebody is.
      instead: pairs.map(([{ id }, reason]) => {
        const last = saidOf(way, reason);
        return { kind: 'again', recipient: id, due, counts: false, last };
      }),
    });
    settled({ item, recipients: pairs.length, as: 'gaveUp' });
  }

  /** Its sender is told that it takes long. False: that could not be written. */
  async delayed(item: QueueItem, pairs: readonly Pair[]): Promise<boolean> {
    const { reporting, schedule, time, clock } = this.#ports;
    const left = Math.max(0, schedule().giveUp - (time.ageing() - item.born));
    const told = await reporting.delayed(item, pairs.map(failedRecipient), clock.now() + left);
    return told.ok;
  }

  async #sent(
    item: QueueItem,
    way: Way,
    reports: boolean,
    sent: readonly Answered[],
  ): Promise<void> {
    const { ledger, reporting, history, settled } = this.#ports;
    for (const group of Map.groupBy(sent, ({ answer }) => wordsOf(answer)).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const all = group.map(({ recipient }) => recipient);
      const words = serverWords(first.answer, way);
      const say = `sent to ${listed(all)}, ${way.name} says ${wordsOf(first.answer)}`;
      const wanted = reports ? [] : all.filter(({ notify }) => notify?.includes('success'));
      const rest = all.filter((one) => !wanted.includes(one));
      if (rest.length > 0) {
        ledger.record(rest.map(ended), [{ message: item.message, say }]);
      }
      if (wanted.length > 0) {
        history.note([item.message], say);
        // RFC 3461 §5.2.2 (c): the next server does not do DSN, so we say "relayed".
        await ledger.report({
          recipients: wanted.map(({ id }) => id),
          write: () => reporting.relayed(item, wanted, words),
          instead: wanted.map(ended),
        });
      }
      settled({ item, recipients: all.length, as: 'sent' });
    }
  }
}

/** When nobody could be told of a failure, how long until it is tried again. */
const reportAgain = 900_000;

function ended({ id }: QueuedRecipient): Outcome {
  return { kind: 'sent', recipient: id };
}

/** "gmail answered 452 4.2.2 Mailbox full", or what happened instead of an answer. */
function saidOf(way: Pick<Way, 'name'>, { words, why }: Reason): string {
  if (words === undefined) return why;
  return `${way.name} answered ${wordsOf({ ...words, to: 'end' })}`;
}

function serverWords({ code, enhanced, text }: Answer, way: Way): ServerWords {
  return { code, text, by: way.name, ...(enhanced === undefined ? {} : { enhanced }) };
}

function failedRecipient([recipient, reason]: Pair): FailedRecipient {
  const { why, advice, status, words, doubt } = reason;
  return {
    recipient: doubt === true ? { ...recipient, doubt } : recipient,
    why,
    status,
    ...(advice === undefined ? {} : { advice }),
    ...(words === undefined ? {} : { words }),
  };
}
