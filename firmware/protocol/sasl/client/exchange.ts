/*
 * One sign-in over a line protocol, client side: base64 lines that answer the server's challenges
 * (RFC 5034 §4, RFC 4954 §4). The counterpart of ../exchange.ts. What the lines are embedded in is
 * the protocol's affair.
 */
import { type Soon, whenThere } from '#base/soon';
import { decodeBase64 } from '../base64.ts';
import type { ClientMechanism, ClientStep } from './mechanism.ts';

export type ClientExchangeStep =
  /** Send this line; it may be empty. */
  | { readonly kind: 'send'; readonly text: string }
  /** Send `*`, which cancels. */
  | { readonly kind: 'cancel'; readonly why: string };

export class ClientExchange {
  readonly #mechanism: ClientMechanism;
  #begun = false;

  constructor(mechanism: ClientMechanism) {
    this.#mechanism = mechanism;
  }

  get name(): ClientMechanism['name'] {
    return this.#mechanism.name;
  }

  /** The first word, to be sent with AUTH; RFC 5034 §4: "=" stands for one that is there and empty.
   * Undefined when it has more octets than `room`, or the server is to begin: then it answers the
   * first challenge. */
  initial(room: number): string | undefined {
    if (this.#mechanism.waits) return undefined;
    const text = this.#mechanism.first().toString('base64') || '=';
    if (text.length > room) return undefined;
    this.#begun = true;
    return text;
  }

  /** What to say to a challenge. */
  answer(challenge: string): Soon<ClientExchangeStep> {
    if (!this.#begun) {
      this.#begun = true;
      // The server has nothing to say yet; some prompt nevertheless.
      return { kind: 'send', text: this.#mechanism.first().toString('base64') };
    }
    const octets = decodeBase64(challenge);
    if (octets === undefined) return { kind: 'cancel', why: 'its challenge is not base64' };
    return whenThere(this.#mechanism.step(octets), inBase64);
  }

  /** The server says that we are signed in: is that to be believed? */
  get satisfied(): boolean {
    return this.#mechanism.satisfied;
  }
}

function inBase64(step: ClientStep): ClientExchangeStep {
  return step.kind === 'response'
    ? { kind: 'send', text: step.data.toString('base64') }
    : { kind: 'cancel', why: step.why };
}
