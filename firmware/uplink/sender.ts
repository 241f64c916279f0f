/*
 * One queued message over one connection: its transactions one after the other, and what the server
 * says to each handed to the settlement. What concerns the uplink as a whole is not settled here
 * but answered, for the lane to draw the consequences.
 *
 * A defect of ours ends the message that met it, and no other: mail that makes the box stumble must
 * not keep it from starting.
 *
 * The end of a message is sent only when it is on disk that it may have been sent: should the box
 * die before the answer is written down, it is known that the message may have arrived.
 */
import type { Log } from '#base/log';
import type { Result } from '#base/result';
import type { Queue, QueuedRecipient, QueueItem } from '#mail/queue/queue';
import type { StoreTrouble } from '#mail/store/store';
import type { Meaning } from '#provider/meaning';
import type { Broken, SendAnswers, UplinkConnection } from './connection.ts';
import type { Ledger, Ride } from './ledger.ts';
import type { Answered, Settlement } from './settlement.ts';
import { type Transaction, transactions } from './transactions.ts';
import type { Letter, Letters, Sense, Way } from './ways.ts';

/** Meanings that are about the uplink, not about one message. */
export type UplinkMeaning = Extract<Meaning, { kind: 'quota' | 'pause' | 'sign-in' }>;

/** How sending a message ended, as far as it concerns the uplink. */
export type Upshot =
  /** The server dealt with it; what became of the recipients is settled. */
  | { readonly kind: 'dealt' }
  /** Not settled: these recipients met it. */
  | {
      readonly kind: 'uplink';
      readonly meaning: UplinkMeaning;
      readonly recipients: readonly QueuedRecipient[];
    }
  | {
      readonly kind: 'broke';
      readonly broken: Broken;
      readonly recipients: readonly QueuedRecipient[];
    }
  /** We stumbled over it; it is tried again by the schedule, over another connection. */
  | { readonly kind: 'defect' }
  /** The store could not be read or written. */
  | { readonly kind: 'store'; readonly trouble: StoreTrouble };

export interface SenderPorts {
  readonly queue: Pick<Queue, 'doubt'>;
  readonly ledger: Pick<Ledger, 'expect'>;
  readonly letters: Letters;
  readonly sense: Sense;
  readonly settlement: Settlement;
  readonly log: Log;
}

export class Sender {
  readonly #ports: SenderPorts;

  constructor(ports: SenderPorts) {
    this.#ports = ports;
  }

  /** `cut` is asked before the end of a message is sent: true, and it never is. */
  async send(
    item: QueueItem,
    connection: UplinkConnection,
    way: Way,
    cut: () => boolean,
  ): Promise<Upshot> {
    const dsn = connection.facts.extensions.has('DSN');
    for (const transaction of transactions(item, dsn)) {
      const upshot = await this.#transact(item, transaction, connection, way, cut).catch(
        (defect: unknown) => this.#stumble(item, transaction, way, defect),
      );
      if (upshot.kind !== 'dealt') return upshot;
    }
    return { kind: 'dealt' };
  }

  /** Nobody knows how far it came: it may have been sent. */
  async #stumble(
    item: QueueItem,
    { recipients }: Transaction,
    way: Way,
    defect: unknown,
  ): Promise<Upshot> {
    const stack = defect instanceof Error ? defect.stack : String(defect);
    const say = 'A defect in Restante keeps a message from going out. Please report it.';
    this.#ports.log.error(say, { message: item.name, stack });
    const pairs = recipients.map((one) => [one, stumbled] as const);
    await this.#ports.settlement.again(item, way, pairs);
    return { kind: 'defect' };
  }

  async #transact(
    item: QueueItem,
    transaction: Transaction,
    connection: UplinkConnection,
    way: Way,
    cut: () => boolean,
  ): Promise<Upshot> {
    const { letters, settlement, ledger } = this.#ports;
    const { recipients } = transaction;
    using ride = ledger.expect();
    const letter = await letters.letter(item, transaction, connection.facts);
    if (!letter.ok && letter.error.temporary) return { kind: 'store', trouble: letter.error };
    const ready = letter.ok ? letter.value : unreadable;
    if (ready.kind === 'cannot') {
      const pairs = recipients.map((one) => [one, ready] as const);
      await settlement.failed(item, way, pairs);
      return { kind: 'dealt' };
    }
    const notes: { trouble?: StoreTrouble } = {};
    const sent = await this.#hand(item, transaction, ready, connection, cut, notes, ride);
    if (notes.trouble !== undefined) return { kind: 'store', trouble: notes.trouble };
    if (!sent.ok) return { kind: 'broke', broken: sent.error, recipients };
    return this.#settle(item, transaction, sent.value, connection, way);
  }

  #hand(
    item: QueueItem,
    { recipients, dsn }: Transaction,
    letter: Extract<Letter, { kind: 'ready' }>,
    connection: UplinkConnection,
    cut: () => boolean,
    notes: { trouble?: StoreTrouble },
    ride: Ride,
  ): Promise<Result<SendAnswers, Broken>> {
    const { size, eightBit, utf8 } = letter;
    const addresses = recipients.map(({ address }) => address);
    const envelope = { sender: item.sender, recipients: addresses, size, eightBit, utf8 };
    const ids = recipients.map(({ id }) => id);
    const ending = async () => {
      if (cut()) return false;
      const marked = this.#ports.queue.doubt(ids);
      ride[Symbol.dispose]();
      const noted = await marked;
      if (!noted.ok) notes.trouble = noted.error;
      return noted.ok && !cut();
    };
    const whole = dsn === undefined ? envelope : { ...envelope, dsn };
    return connection.send(whole, letter.octets(), ending);
  }

  async #settle(
    item: QueueItem,
    { recipients }: Transaction,
    answers: SendAnswers,
    connection: UplinkConnection,
    way: Way,
  ): Promise<Upshot> {
    const { sense, settlement } = this.#ports;
    const settled: Answered[] = [];
    const stopped: QueuedRecipient[] = [];
    let stop: UplinkMeaning | undefined;
    for (const [index, recipient] of recipients.entries()) {
      const answer = answers.recipients[index];
      if (answer === undefined) throw new Error(`no answer to recipient ${index}`);
      const meaning = sense.meaningOf(answer, way.provider);
      if (meaning.kind === 'quota' || meaning.kind === 'pause' || meaning.kind === 'sign-in') {
        stop ??= meaning;
        stopped.push(recipient);
      } else settled.push({ recipient, answer, meaning });
    }
    const reports = connection.facts.extensions.has('DSN');
    await settlement.answered(item, way, reports, settled);
    if (stop === undefined) return { kind: 'dealt' };
    return { kind: 'uplink', meaning: stop, recipients: stopped };
  }
}

const stumbled = {
  why: 'The box stumbled over this message; its log says more',
  // RFC 3463 §3.4: other or undefined mail system status
  status: '4.3.0',
  doubt: true,
};

const unreadable: Letter = {
  kind: 'cannot',
  why: 'The box can no longer read this message from its disk.',
  advice: 'Send it again from the folder of sent mail.',
  // RFC 3463 §3.4: other or undefined mail system status
  status: '5.3.0',
};
