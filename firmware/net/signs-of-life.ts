/*
 * When the peer of a connection last showed that it lives: it earned a reply, said much, or took
 * octets that waited for it. Octets that earn no answer are no sign until there are many of them,
 * so whoever sends one a minute is silent. It judges nobody: how long silence may last is for the
 * session and the network to say. Times are the clock's `elapsed`, in milliseconds.
 */

/** A peer that sent this many octets was not silent. Stops slow drips. */
const manyOctets = 1024;

export class SignsOfLife {
  #last: number;
  /** Octets heard since then. */
  #heard = 0;
  #answered = false;
  /** Unsent octets when last looked at; a change means that the peer reads. */
  #unsent = 0;

  constructor(now: number) {
    this.#last = now;
  }

  /** It begins anew, with the patience of its next phase. */
  note(now: number): void {
    this.#last = now;
  }

  heard(octets: number): void {
    this.#heard += octets;
  }

  answered(): void {
    this.#answered = true;
  }

  /** The session is done with what was heard. */
  settled(now: number): void {
    if (!this.#answered && this.#heard < manyOctets) return;
    this.#last = now;
    this.#heard = 0;
    this.#answered = false;
  }

  /** Looks at what still waits for the peer to read it. */
  look(unsent: number, now: number): void {
    if (unsent === this.#unsent) return;
    this.#unsent = unsent;
    this.#last = now;
  }

  /** There was something that the peer had not taken, when last looked. */
  get isBehind(): boolean {
    return this.#unsent > 0;
  }

  silence(now: number): number {
    return now - this.#last;
  }
}
