/*
 * One message being delivered into the inboxes of this house, and into the queue for whoever is
 * outside. It is stored once, whatever the number of its recipients, and lies once in each inbox;
 * inboxes, queue and history are one commit. Who may send and who lives here has been decided
 * before, in local-intake.ts; under which address copies go out stands in outgoing.ts.
 *
 * The octets that came are kept as they are, below the trace fields (RFC 5321 §4.4). A Return-Path
 * that the message brought along stays where it is: §4.4 lets a server remove it, but the octets of
 * a message are not ours, and the field on top is the one that counts. The one thing ever put into
 * a message is, on submission, a missing Date or Message-ID (RFC 6409 §8.2, §8.3) at the end of the
 * header section.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { type Failure, failed, ok, type Result, refusal, trouble } from '#base/result';
import type { Directory } from './accounts/accounts.ts';
import { formatAddress } from './address.ts';
import { beginning } from './beginning.ts';
import type { FailingSenders } from './devices/failing-senders.ts';
import type { ForwardMark } from './forward-mark.ts';
import type { MailboxId } from './ids.ts';
import type { Delivery, Departure, Envelope, Origin, Receipt, Recipient } from './intake.ts';
import { deliveryReport, wantsReport } from './message/delivery-report.ts';
import { beginsWithField, HeaderScan } from './message/header-scan.ts';
import { ReceivedIds } from './message/received-ids.ts';
import { dateTime, traceFields } from './message/trace.ts';
import { outgoingCopies } from './outgoing.ts';
import type { QueueTime } from './queue/queue-time.ts';
import type { Incoming, ReportRequests, Store } from './store/store.ts';
import type { UplinkDirectory } from './uplinks/directory.ts';

/** RFC 5321 §6.3: a threshold of at least 100 Received fields before a message is called a loop. */
const mostReceived = 100;
/** Clients load whole header sections; one above this (octets) is an attack on them, not mail. */
const largestHeader = 1_048_576;
/** As much (octets) of the header section goes back to a sender who asked for a report. */
const reportedHeader = 16_384;

export interface DeliveryParts {
  readonly directory: Directory;
  readonly failingSenders: FailingSenders;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Our name, for Received and Message-ID; asked for each message, as it may change. */
  readonly hostName: () => string;
  readonly uplinks: UplinkDirectory;
  readonly queueTime: QueueTime;
  readonly forwardMark: ForwardMark;
  /** Something is in the queue now; called after the commit. */
  readonly queued: () => void;
}

export class LocalDelivery implements Delivery {
  readonly #parts: DeliveryParts;
  readonly #envelope: Envelope;
  readonly #origin: Origin;
  readonly #incoming: Incoming;
  readonly #id: string;
  readonly #now: number;
  readonly #scan = new HeaderScan();
  /** Only when the message is to be forwarded: has it been before? */
  readonly #ids: ReceivedIds | undefined;
  /** While the store takes its time with the trace fields. */
  #begun: void | Promise<void>;
  /** The first octets, until they show whether the message has a header section at all. */
  #first: Buffer | undefined = Buffer.alloc(0);
  #refused: Failure | undefined;
  /** The header section for a report of success, when somebody asked for one. */
  #header: string | undefined;

  constructor(parts: DeliveryParts, envelope: Envelope, origin: Origin) {
    this.#parts = parts;
    this.#envelope = envelope;
    this.#origin = origin;
    this.#header = envelope.recipients.some(wantsReport) ? '' : undefined;
    this.#incoming = parts.store.incoming();
    const { forwardMark } = parts;
    const forwards = envelope.recipients.some(({ departures }) => departures?.some(isForward));
    this.#ids = forwards ? new ReceivedIds((id) => forwardMark.isOurs(id)) : undefined;
    this.#id = forwards ? forwardMark.make() : parts.random.octets(6).toString('hex');
    this.#now = parts.clock.now();
    const hostName = parts.hostName();
    const trace = traceFields({ envelope, origin, hostName, id: this.#id, now: this.#now });
    this.#begun = this.#incoming.write(Buffer.from(trace));
  }

  write(octets: Uint8Array): void | Promise<void> {
    if (this.#refused !== undefined) return undefined;
    if (this.#begun !== undefined) return this.#begun.then(() => this.#writeFirst(octets));
    const piece = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    if (this.#scan.ended) return this.#incoming.write(piece);
    if (this.#first === undefined) return this.#writeHeader(piece);
    const begun = this.#first.length === 0 ? piece : Buffer.concat([this.#first, piece]);
    const field = beginsWithField(begun);
    if (field === undefined) {
      this.#first = Buffer.from(begun);
      return undefined;
    }
    this.#first = undefined;
    return field ? this.#writeHeader(begun) : this.#writeHeadless(begun);
  }

  #writeFirst(octets: Uint8Array): void | Promise<void> {
    this.#begun = undefined;
    return this.write(octets);
  }

  /** Some of the header section, and perhaps of what follows it. */
  #writeHeader(piece: Buffer): void | Promise<void> {
    const end = this.#scan.update(piece);
    this.#judge();
    const header = end < 0 ? piece : piece.subarray(0, end);
    this.#ids?.update(header);
    if (this.#header !== undefined) this.#copyHeader(header);
    const missing = end < 0 ? '' : this.#missingFields();
    if (missing === '') return this.#incoming.write(piece);
    const whole = [piece.subarray(0, end), Buffer.from(missing), piece.subarray(end)];
    return this.#incoming.write(Buffer.concat(whole));
  }

  /** The message begins with its body. On submission it gets a header section, so that clients do
   * not read the body's first lines as one. */
  #writeHeadless(piece: Buffer): void | Promise<void> {
    const startsEmpty = piece[0] === 0x0d || piece[0] === 0x0a;
    this.#scan.update(Buffer.from('\r\n'));
    if (!this.#origin.submission) return this.#incoming.write(piece);
    const header = Buffer.from(`${this.#missingFields()}${startsEmpty ? '' : '\r\n'}`);
    return this.#incoming.write(Buffer.concat([header, piece]));
  }

  #judge(): void {
    if (this.#scan.received >= mostReceived) {
      // RFC 5321 §6.3
      this.#refused = refusal('loop', 'This message has been going round in circles');
    } else if (this.#scan.octets > largestHeader) {
      this.#refused = refusal('header-too-long', 'The header section of this message is too long');
    }
  }

  #copyHeader(piece: Buffer): void {
    const room = reportedHeader - (this.#header?.length ?? 0);
    this.#header += piece.toString('utf8', 0, Math.max(0, room));
  }

  #missingFields(): string {
    if (!this.#origin.submission) return '';
    // RFC 6409 §8.2 and §8.3
    const date = this.#scan.hasDate ? '' : `Date: ${dateTime(this.#now)}\r\n`;
    if (this.#scan.hasMessageId) return date;
    const unique = this.#parts.random.octets(16).toString('hex');
    return `${date}Message-ID: <${unique}@${this.#parts.hostName()}>\r\n`;
  }

  async commit(): Promise<Result<Receipt, Failure>> {
    await this.#begun;
    if (!this.#scan.ended && this.#refused === undefined) await this.#finishHeader();
    if (this.#refused !== undefined) {
      await this.abandon();
      return failed(this.#refused);
    }
    const returned = this.#ids?.found === true;
    const envelope = returned ? keptHere(this.#envelope, this.#parts.directory) : this.#envelope;
    const inboxes = new Set(envelope.recipients.flatMap((recipient) => recipient.inboxes));
    const facts = { name: this.#id, now: this.#now };
    const copies = outgoingCopies(envelope, facts, this.#parts);
    if (inboxes.size + copies.length === 0) {
      await this.abandon();
      return failed(nobodyLeft);
    }
    const stored = await this.#incoming.commit(this.#places(inboxes), {
      ...reportRequests(envelope),
      ...(copies.length === 0 ? {} : { queued: copies }),
      history: beginning({ ...facts, envelope, origin: this.#origin, copies, returned }),
    });
    if (!stored.ok) return stored;
    if (copies.length > 0) this.#parts.queued();
    this.#parts.failingSenders.succeeded(this.#origin.address);
    if (this.#header !== undefined) await this.#reportSuccess(this.#header);
    return ok({ id: this.#id });
  }

  #places(mailboxes: Iterable<MailboxId>) {
    return Array.from(mailboxes, (mailbox) => ({ mailbox, internalDate: this.#now }));
  }

  /**
   * RFC 3461 §5.2.3. The message is safe; that a report cannot be written changes nothing about
   * it. What leaves the house is reported on by who sends it on. Strangers get none: their address
   * may be invented, and a report would go to somebody who never wrote.
   */
  async #reportSuccess(header: string): Promise<void> {
    const { directory, store, random, hostName } = this.#parts;
    const { sender, recipients } = this.#envelope;
    // RFC 5321 §4.5.5: nothing is answered to a message without sender
    if (sender === 'null') return;
    const route = directory.route(sender);
    if (route.kind !== 'local') return;
    const delivered = recipients.filter((one) => wantsReport(one) && staysHere(one));
    if (delivered.length === 0) return;
    const report = deliveryReport({
      envelope: this.#envelope,
      sender,
      delivered,
      header,
      hostName: hostName(),
      id: random.octets(16).toString('hex'),
      now: this.#now,
    });
    const incoming = store.incoming();
    await incoming.write(Buffer.from(report));
    await incoming.commit(this.#places(route.inboxes.map(({ inbox }) => inbox)));
  }

  /** The message ended before its header section did. */
  async #finishHeader(): Promise<void> {
    const first = this.#first ?? Buffer.alloc(0);
    this.#first = undefined;
    if (first.length > 0) await this.#writeHeadless(first);
    else {
      const missing = this.#missingFields();
      if (missing === '') return;
      const lineEnd = this.#scan.atLineStart ? '' : '\r\n';
      await this.#incoming.write(Buffer.from(lineEnd + missing));
    }
  }

  abandon(): Promise<void> {
    return this.#incoming.abandon();
  }
}

const nobodyLeft = trouble(
  'lost',
  'The mail box of this message was removed while it came in',
  'no inbox and no copy is left of the envelope',
);

function isForward({ forwarded }: Departure): boolean {
  return forwarded;
}

/** It is for somebody here; what became of that is known at once. */
function staysHere({ inboxes, departures = [] }: Recipient): boolean {
  return inboxes.length > 0 || departures.some(isForward);
}

/** A message that came back is not forwarded again. Who forwards it without having it in an inbox
 * gets it there instead, so that it does not vanish. */
function keptHere(envelope: Envelope, directory: Pick<Directory, 'inbox'>): Envelope {
  const recipients = envelope.recipients.map((recipient) => {
    const { inboxes, departures = [] } = recipient;
    const instead = departures.filter(isForward).flatMap(({ account }) => {
      return directory.inbox(account) ?? [];
    });
    const leaving = departures.filter(({ forwarded }) => !forwarded);
    return { ...recipient, inboxes: [...inboxes, ...instead], departures: leaving };
  });
  return { ...envelope, recipients };
}

/** What to keep of the envelope for later reports: nothing when nobody asked for any. What leaves
 * the house keeps it in the queue. */
function reportRequests(envelope: Envelope): { readonly requests?: ReportRequests } {
  const { sender, id: envelopeId, reportWith } = envelope;
  const recipients = envelope.recipients.filter(staysHere);
  const asked = recipients.some(({ notices }) => notices !== undefined);
  const nothing = !asked && envelopeId === undefined && reportWith === undefined;
  if (nothing || recipients.length === 0) return {};
  const requests = {
    sender: sender === 'null' ? '' : formatAddress(sender),
    ...(envelopeId === undefined ? {} : { envelopeId }),
    ...(reportWith === undefined ? {} : { reportWith }),
    recipients: recipients.map(({ address, notices }) => ({
      address: formatAddress(address),
      ...notices,
    })),
  };
  return { requests };
}
