/*
 * Which requests may be sent now, ahead of their answers (RFC 2449 §6.6): a window bounded by their
 * number and by the octets that they bring. It is filled up when it is half empty, so that requests
 * leave together. Without PIPELINING it holds one.
 */
import type { ClientCommand } from '#protocol/pop3/client/command';
import { octetsAhead, requestsAhead } from './limits.ts';

export interface Wanted<T> {
  readonly things: readonly T[];
  readonly pipelining: boolean;
  readonly command: (thing: T) => ClientCommand;
  /** Octets that the answer has, about. */
  readonly octets: (thing: T) => number;
}

export class Requests<T> {
  readonly #wanted: Wanted<T>;
  readonly #most: number;
  /** Index of the next to ask for, and of the one that is answered next. */
  #next = 0;
  #answered = 0;
  #octets = 0;

  constructor(wanted: Wanted<T>) {
    this.#wanted = wanted;
    this.#most = wanted.pipelining ? requestsAhead : 1;
  }

  /** What is answered now; undefined when nothing is asked for. */
  get current(): T | undefined {
    return this.#answered < this.#next ? this.#wanted.things[this.#answered] : undefined;
  }

  /** All was asked for and answered. */
  get done(): boolean {
    return this.#answered === this.#wanted.things.length;
  }

  /** The current one was answered. */
  answered(): void {
    const { current } = this;
    if (current !== undefined) this.#octets -= this.#wanted.octets(current);
    this.#answered++;
  }

  /** What to send now. */
  due(): ClientCommand[] {
    const commands: ClientCommand[] = [];
    if (2 * (this.#next - this.#answered) > this.#most) return commands;
    for (;;) {
      const ahead = this.#next - this.#answered;
      const thing = this.#wanted.things[this.#next];
      if (thing === undefined || ahead >= this.#most) return commands;
      const octets = this.#wanted.octets(thing);
      if (ahead > 0 && this.#octets + octets > octetsAhead) return commands;
      this.#octets += octets;
      this.#next++;
      commands.push(this.#wanted.command(thing));
    }
  }
}
