/*
 * A message between its first octet and its reply, for DATA and BDAT alike: counts it against the
 * size limit, sees to bare CR and LF, and hands it on to the house. Once something is wrong the
 * house forgets the message, and what still comes of it is only counted.
 */
import type { Facts } from '#base/log';
import { formatAddress } from '#mail/address';
import type { Delivery, Envelope } from '#mail/intake';
import { Canonical } from '#mail/message/canonical';
import * as limits from './limits.ts';
import { failureReply, type Reply, reply } from './reply.ts';

/** `keep`: BDAT counts octets, so no octet in it can be mistaken for an end (RFC 3030 §2). */
export type NewlineRule = 'repair' | 'refuse' | 'keep';

/** An LF or CR alone, or a dot on a line of its own that did not begin after CR LF. */
const wrongEnd = /(?:(?:^|[^\r])\n|\r|[\r\n]\.\r\n)$/;

const bareNewlines = reply(
  550,
  '5.6.0',
  'This message has lines that do not end in CR LF. The program that sent it must be mended.',
);

export class Reception {
  readonly #delivery: Delivery;
  readonly #envelope: Envelope;
  readonly #largest: number;
  readonly #newlines: NewlineRule;
  readonly #lines = new Canonical();
  #octets = 0;
  /** The last four octets that came, transparency undone. */
  #tail = '';
  #refused: Reply | undefined;

  /** `largest`: octets of the largest message taken. */
  constructor(delivery: Delivery, envelope: Envelope, largest: number, newlines: NewlineRule) {
    this.#delivery = delivery;
    this.#envelope = envelope;
    this.#largest = largest;
    this.#newlines = newlines;
  }

  /** What the log says of it: whose, for whom, how long. */
  get facts(): Facts {
    const { sender, recipients } = this.#envelope;
    const to = recipients.slice(0, 3).map(({ address }) => formatAddress(address));
    if (recipients.length > to.length) to.push(`and ${recipients.length - to.length} more`);
    const from = sender === 'null' ? '<>' : formatAddress(sender);
    return { from, to: to.join(' '), octets: this.#octets };
  }

  /** Octets of the message so far. */
  get octets(): number {
    return this.#octets;
  }

  /** Lines ended in CR or LF alone, and what came last shows that a device may think its message
   * has ended. (A CR at the very end may be half of a CR LF, so another must have stood alone.) */
  get endsWrongly(): boolean {
    return this.#lines.changed && wrongEnd.test(this.#tail);
  }

  /** Why the message will not be taken, once that is known. */
  get refused(): Reply | undefined {
    return this.#refused;
  }

  /** So much has come beyond the limit that nobody means it. */
  get endless(): boolean {
    return this.#octets > this.#largest + limits.oversize;
  }

  /** Some of the message. A promise means: wait before the next call. */
  take(octets: Buffer): void | Promise<void> {
    this.#octets += octets.length;
    this.#tail = (this.#tail + octets.subarray(-4).toString('latin1')).slice(-4);
    if (this.#refused !== undefined) return undefined;
    // RFC 1870 §6.1: the declared size is a promise, the octets are what counts.
    if (this.#octets > this.#largest) return this.#refuse(tooLarge(this.#largest));
    if (this.#newlines === 'keep') return this.#delivery.write(octets);
    const whole = this.#lines.update(octets);
    if (this.#lines.changed && this.#newlines === 'refuse') return this.#refuse(bareNewlines);
    return this.#delivery.write(whole);
  }

  /** All of it has come: on disk when 250 is the answer, and not before (RFC 5321 §4.2.5). */
  async finish(): Promise<Reply> {
    if (this.#refused !== undefined) return this.#refused;
    const receipt = await this.#delivery.commit();
    if (!receipt.ok) return failureReply(receipt.error);
    return reply(250, '2.0.0', `Safely stored as ${receipt.value.id}`);
  }

  abandon(): Promise<void> {
    return this.#delivery.abandon();
  }

  #refuse(because: Reply): Promise<void> {
    this.#refused = because;
    return this.#delivery.abandon();
  }
}

export function tooLarge(largest: number): Reply {
  const megabytes = Math.floor(largest / 1_048_576);
  const most = megabytes > 0 ? `${megabytes} MB` : `${largest} octets`;
  return reply(552, '5.3.4', `This message is too large: this box takes at most ${most}.`);
}
