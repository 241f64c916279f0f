/*
 * A message between its first octet and its reply, for DATA and BDAT alike: counts it against the
 * size limit, sees to bare CR and LF, and hands it on to the house. Once something is wrong the
 * house forgets the message, and what still comes of it is only counted.
 */
import type { Delivery } from '#mail/intake';
import { Canonical } from '#mail/message/canonical';
import { limits } from './limits.ts';
import { failureReply, type Reply, reply } from './reply.ts';

/** `keep`: BDAT counts octets, so no octet in it can be mistaken for an end (RFC 3030 §2). */
export type NewlineRule = 'repair' | 'refuse' | 'keep';

const cr = 0x0d;
const lf = 0x0a;

const bareNewlines = reply(
  550,
  '5.6.0',
  'This message has lines that do not end in CR LF. The program that sent it must be mended.',
);

export class Reception {
  readonly #delivery: Delivery;
  readonly #largest: number;
  readonly #newlines: NewlineRule;
  readonly #lines = new Canonical();
  #octets = 0;
  /** The last two octets that came. */
  #tail: readonly [number, number] = [lf, lf];
  #refused: Reply | undefined;

  /** `largest`: octets of the largest message taken. */
  constructor(delivery: Delivery, largest: number, newlines: NewlineRule) {
    this.#delivery = delivery;
    this.#largest = largest;
    this.#newlines = newlines;
  }

  /** Octets of the message so far. */
  get octets(): number {
    return this.#octets;
  }

  /** Lines ended in CR or LF alone, and so does what came: there a device may think that its message
   * has ended. (A CR at the very end may be half of a CR LF, so another one must have stood alone.) */
  get endsInBareNewline(): boolean {
    const [before, last] = this.#tail;
    return this.#lines.changed && (last === cr || (last === lf && before !== cr));
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
    const last = octets.length - 1;
    this.#tail = [octets[last - 1] ?? this.#tail[1], octets[last] ?? lf];
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
