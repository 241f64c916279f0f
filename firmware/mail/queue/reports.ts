/*
 * Tells people what became of their mail: bounces, delays, and that it was passed on (RFC 3461 §6,
 * RFC 3464). A report lies in an inbox of this house, and recipients leave the queue in its commit:
 * after a power cut either both have happened or neither. Who is told stands in who-is-told.ts, the
 * words in report-words.ts. What has no one to be told ends with a line in log and history.
 *
 * A message that cannot be read any more is reported on without it; anything else that goes wrong
 * leaves everything as it was, and the caller tries again.
 */
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import { ok, type Result } from '#base/result';
import type { Directory } from '../accounts/accounts.ts';
import type { History } from '../history/history.ts';
import { type Returned, returned } from '../message/returned.ts';
import type { Notices } from '../notices.ts';
import type { Store, StoreTrouble } from '../store/store.ts';
import { originalOctets } from './original-octets.ts';
import type { Outcome, Queue, QueuedRecipient, QueueItem } from './queue.ts';
import { type Case, queueReport } from './queue-report.ts';
import { namesOf, noteOn, titleOf } from './report-words.ts';
import type { FailedRecipient, Reporting, ServerWords } from './reporting.ts';
import { type Addressee, addressee, wants } from './who-is-told.ts';

type Done = Promise<Result<void, StoreTrouble>>;

export interface ReportsPorts {
  readonly store: Pick<Store, 'read' | 'health'>;
  readonly directory: Pick<Directory, 'inbox' | 'route'>;
  readonly notices: Pick<Notices, 'deliver'>;
  readonly queue: Pick<Queue, 'record'>;
  readonly history: Pick<History, 'note'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Our name; asked for each report, as it may change. */
  readonly hostName: () => string;
}

export class Reports implements Reporting {
  readonly #ports: ReportsPorts;

  constructor(ports: ReportsPorts) {
    this.#ports = ports;
  }

  async failed(item: QueueItem, recipients: readonly FailedRecipient[]): Done {
    const told = recipients.filter(({ recipient }) => wants('failed', recipient));
    const who = addressee('failed', item, this.#ports.directory);
    const all = recipients.map(({ recipient }) => recipient);
    if (told.length === 0 || who === undefined) {
      const why = told.length === 0 ? 'its sender wanted no report' : 'there is nobody to be told';
      return this.#leave(item, all, 'ended', `it did not reach ${namesOf(all)}; ${why}`);
    }
    // Those who asked for no report leave with the others, in the one commit.
    return this.#tell({ kind: 'failed', item, fates: told }, who, all);
  }

  async delayed(item: QueueItem, recipients: readonly FailedRecipient[], tryUntil: number): Done {
    const told = recipients.filter(({ recipient }) => {
      return wants('delayed', recipient) && !recipient.delayTold;
    });
    const who = addressee('delayed', item, this.#ports.directory);
    if (told.length === 0 || who === undefined) return ok(undefined);
    return this.#tell({ kind: 'delayed', item, fates: told, tryUntil }, who, []);
  }

  async relayed(item: QueueItem, recipients: readonly QueuedRecipient[], words: ServerWords): Done {
    const told = recipients.filter((recipient) => wants('relayed', recipient));
    const who = addressee('relayed', item, this.#ports.directory);
    if (told.length > 0 && who !== undefined) {
      const status = words.enhanced ?? '2.0.0';
      const fates = told.map((recipient) => ({ recipient, status, words }));
      const done = await this.#tell({ kind: 'relayed', item, fates }, who, recipients);
      if (done.ok) return done;
      // It has been sent: better no report than the same mail once more.
      const { detail } = done.error;
      this.#ports.log.warn(`the report on message ${item.name} could not be written`, { detail });
    }
    const say = `it was passed on for ${namesOf(recipients)}; nobody has been told`;
    return this.#leave(item, recipients, 'sent', say);
  }

  /** Out of the queue, and nobody is told. */
  #leave(
    { message, name }: QueueItem,
    recipients: readonly QueuedRecipient[],
    kind: 'sent' | 'ended',
    say: string,
  ): Done {
    const outcomes = recipients.map(({ id }): Outcome => ({ kind, recipient: id }));
    if (kind === 'ended') this.#ports.log.warn(`message ${name}: ${say}`);
    return this.#ports.queue.record(outcomes, [{ message, say }]);
  }

  /** Delivers the report; `leaving` leave the queue with it. */
  async #tell(about: Case, who: Addressee, leaving: readonly QueuedRecipient[]): Done {
    const { store, history, notices, log } = this.#ports;
    const { kind, item, fates } = about;
    const read = await store.read([{ message: item.message, chunk: 0 }]);
    if (!read.ok && !isUnreadable(read.error)) return read;
    const [beginning] = read.ok ? read.value : [];
    const original = beginning && returned(beginning);
    const told = fates.map(({ recipient }) => recipient);
    const deliver = (what: 'whole' | 'headers') =>
      notices.deliver(who.to, {
        octets: this.#octets(about, who, original, what),
        say: `"${titleOf(kind)}", about message ${item.name} to ${namesOf(told)}`,
        ...(leaving.length === 0 ? {} : { ends: leaving.map(({ id }) => id) }),
        ...(kind === 'delayed' ? { delayTold: told.map(({ id }) => id) } : {}),
      });
    const whole = original !== undefined && this.#returnsWhole(about, who);
    let done = await deliver(whole ? 'whole' : 'headers');
    if (whole && !done.ok && isUnreadable(done.error)) done = await deliver('headers');
    if (!done.ok) return done;
    const say = noteOn(kind, told, who.stands);
    history.note([item.message], say);
    log.info(`message ${item.name}: ${say}`);
    return done;
  }

  /**
   * RFC 3461 §4.3: RET is about failures; other reports have the header section. So has a bounce
   * whose sender did not say: the message lies in a folder of sent mail. The postmaster does not
   * get other people's mail to read, and a disk that is nearly full has room for short reports.
   */
  #returnsWhole({ kind, item }: Case, { stands }: Addressee): boolean {
    const { takesMail, room } = this.#ports.store.health();
    const wanted = kind === 'failed' && item.reportWith === 'full' && stands === 'sender';
    return wanted && takesMail && item.octets < room;
  }

  async *#octets(
    about: Case,
    who: Addressee,
    original: Returned | undefined,
    what: 'whole' | 'headers',
  ): AsyncGenerator<Result<Uint8Array, StoreTrouble>> {
    const { store, random, clock, hostName } = this.#ports;
    const { before, after } = queueReport({
      ...about,
      who,
      ...(original === undefined ? {} : { original }),
      what,
      hostName: hostName(),
      id: random.octets(16).toString('hex'),
      now: clock.now(),
    });
    yield ok(Buffer.from(before));
    if (what === 'whole') yield* originalOctets(store, about.item);
    else if (original !== undefined) yield ok(original.header);
    yield ok(Buffer.from(after));
  }
}

/** Waiting does not bring the octets back. */
function isUnreadable({ code }: StoreTrouble): boolean {
  return code === 'damaged' || code === 'lost';
}
