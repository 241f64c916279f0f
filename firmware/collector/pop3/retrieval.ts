/*
 * RETR of messages in order, into their receivers. Nothing of a message is held: its octets go
 * on as they come, and while a receiver is busy the server is not read. What a receiver does
 * not want is let pass (limits.ts says why and how much).
 */
import type { Soon } from '#base/soon';
import { whenThere } from '#base/soon';
import { type Answer, inWords } from '#protocol/pop3/client/answer';
import type { ClientEvent } from '#protocol/pop3/client/client';
import { retr } from '#protocol/pop3/client/commands/retrieving';
import type { Listed, Receiver } from '../upstream.ts';
import type { Pop3Dialogue, Verdict } from './dialogue.ts';
import { passingOctets, unknownSize } from './limits.ts';
import { Requests } from './requests.ts';

export class Pop3Retrieval {
  readonly #dialogue: Pop3Dialogue;
  readonly #requests: Requests<Listed>;
  readonly #receive: (message: Listed) => Receiver;
  readonly #count: number;
  /** Of the message that is coming; undefined between messages, and when it wants no more. */
  #receiver: Receiver | undefined;
  /** Octets of the present message that nobody wants. */
  #passed = 0;
  #putOff = 0;
  /** The last words with which one was put off. */
  #why = '';

  constructor(
    dialogue: Pop3Dialogue,
    messages: readonly Listed[],
    pipelining: boolean,
    receive: (message: Listed) => Receiver,
  ) {
    this.#dialogue = dialogue;
    this.#receive = receive;
    this.#count = messages.length;
    this.#requests = new Requests({
      things: messages,
      pipelining,
      command: ({ number }) => retr(number),
      octets: ({ octets }) => octets || unknownSize,
    });
  }

  /** Why the server gives none of several just now; undefined: it gave one, or does not say so. One
   * alone may be damaged, and is no matter of the moment whatever the server says. */
  get putOff(): string | undefined {
    return this.#putOff > 1 && this.#putOff === this.#count ? this.#why : undefined;
  }

  begin(): void {
    this.#dialogue.send(this.#requests.due());
  }

  /** For `Pop3Dialogue.until`. */
  take(event: ClientEvent): Soon<Verdict> {
    switch (event.kind) {
      case 'begun':
        this.#receiver = this.#receive(this.#current);
        return 'more';
      case 'octets':
        return this.#write(event.octets);
      case 'end':
        return whenThere(this.#receiver?.end(), () => this.#next());
      case 'answer':
        return whenThere(this.#missing(event.answer), () => this.#next());
      default:
        return 'more';
    }
  }

  #write(octets: Buffer): Soon<Verdict> {
    if (this.#receiver === undefined) return this.#pass(octets.length);
    return whenThere(this.#receiver.write(octets), (wanted) => {
      if (!wanted) this.#receiver = undefined;
      return 'more';
    });
  }

  #pass(octets: number): Verdict {
    this.#passed += octets;
    const { number } = this.#current;
    return this.#passed > passingOctets ? { endless: `message ${number}` } : 'more';
  }

  #missing(answer: Answer): Soon<void> {
    // RFC 3206 §4
    if (answer.code === 'SYS/TEMP') this.#putOff += 1;
    this.#why = inWords(answer);
    return this.#receive(this.#current).missing(this.#why);
  }

  #next(): Verdict {
    this.#receiver = undefined;
    this.#passed = 0;
    this.#requests.answered();
    if (this.#requests.done) return 'done';
    this.#dialogue.send(this.#requests.due());
    return 'more';
  }

  get #current(): Listed {
    const { current } = this.#requests;
    if (current === undefined) throw new Error('an answer to no request');
    return current;
  }
}
