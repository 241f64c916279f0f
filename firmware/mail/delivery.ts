/*
 * One message being delivered into the inboxes of this house. It is stored once, whatever the
 * number of its recipients, and lies once in each inbox. Who may send and who lives here has been
 * decided before, in local-intake.ts.
 *
 * The octets that came are kept as they are, below the trace fields (RFC 5321 §4.4). A Return-Path
 * that the message brought along stays where it is: §4.4 lets a server remove it, but the octets of
 * a message are not ours, and the field on top is the one that counts. The one thing ever put into
 * a message is, on submission, a missing Date or Message-ID (RFC 6409 §8.2, §8.3) at the end of the
 * header section.
 */
import type { Clock } from '#base/clock';
import type { Random } from '#base/random';
import { type Failure, failed, ok, type Result, refusal } from '#base/result';
import type { Directory } from './accounts/accounts.ts';
import { formatAddress } from './address.ts';
import type { FailingSenders } from './devices/failing-senders.ts';
import type { Delivery, Envelope, Origin, Receipt } from './intake.ts';
import { deliveryReport, wantsReport } from './message/delivery-report.ts';
import { beginsWithField, HeaderScan } from './message/header-scan.ts';
import { dateTime, traceFields } from './message/trace.ts';
import type { Incoming, Placement, ReportRequests, Store } from './store/store.ts';

/** RFC 5321 §6.3: "usually at least 100 Received entries" before a message is called a loop. */
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
}

export class LocalDelivery implements Delivery {
  readonly #parts: DeliveryParts;
  readonly #envelope: Envelope;
  readonly #origin: Origin;
  readonly #incoming: Incoming;
  readonly #id: string;
  readonly #now: number;
  readonly #scan = new HeaderScan();
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
    this.#id = parts.random.octets(6).toString('hex');
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
    if (this.#header !== undefined) this.#copyHeader(end < 0 ? piece : piece.subarray(0, end));
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
    const inboxes = new Set(this.#envelope.recipients.flatMap(({ inboxes }) => inboxes));
    const places: Placement[] = [];
    for (const mailbox of inboxes) places.push({ mailbox, internalDate: this.#now });
    const stored = await this.#incoming.commit(places, reportRequests(this.#envelope));
    if (!stored.ok) return stored;
    this.#parts.failingSenders.succeeded(this.#origin.address);
    if (this.#header !== undefined) await this.#reportSuccess(this.#header);
    return ok({ id: this.#id });
  }

  /**
   * RFC 3461 §5.2.3. The message is safe; that a report cannot be written changes nothing about
   * it. Senders elsewhere get theirs when there is a way out.
   */
  async #reportSuccess(header: string): Promise<void> {
    const { directory, store, random, hostName } = this.#parts;
    const { sender, recipients } = this.#envelope;
    // RFC 5321 §4.5.5: nothing is answered to a message without sender
    if (sender === 'null') return;
    const route = directory.route(sender);
    if (route.kind !== 'local') return;
    const report = deliveryReport({
      envelope: this.#envelope,
      sender,
      delivered: recipients.filter(wantsReport),
      header,
      hostName: hostName(),
      id: random.octets(16).toString('hex'),
      now: this.#now,
    });
    const incoming = store.incoming();
    await incoming.write(Buffer.from(report));
    await incoming.commit(
      route.inboxes.map(({ inbox }) => ({ mailbox: inbox, internalDate: this.#now })),
    );
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

/** What to keep of the envelope for later reports; undefined when nobody asked for any. */
function reportRequests(envelope: Envelope): ReportRequests | undefined {
  const { sender, id: envelopeId, reportWith, recipients } = envelope;
  const asked = recipients.some(({ notices }) => notices !== undefined);
  if (!asked && envelopeId === undefined && reportWith === undefined) return undefined;
  return {
    sender: sender === 'null' ? '' : formatAddress(sender),
    ...(envelopeId === undefined ? {} : { envelopeId }),
    ...(reportWith === undefined ? {} : { reportWith }),
    recipients: recipients.map(({ address, notices }) => ({
      address: formatAddress(address),
      ...notices,
    })),
  };
}
