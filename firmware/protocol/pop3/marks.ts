/* The messages that DELE has marked (RFC 1939 §5). Only an update takes them out. */

export class Marks {
  /** One octet a message; made when the first is marked, for most sessions mark nothing. */
  #marked: Uint8Array | undefined;
  readonly #messages: number;
  #count = 0;
  #octets = 0;

  constructor(messages: number) {
    this.#messages = messages;
  }

  get count(): number {
    return this.#count;
  }

  /** Octets of the marked messages, for STAT. */
  get octets(): number {
    return this.#octets;
  }

  has(index: number): boolean {
    return this.#marked?.[index] === 1;
  }

  add(index: number, octets: number): void {
    if (this.has(index)) return;
    this.#marked ??= new Uint8Array(this.#messages);
    this.#marked[index] = 1;
    this.#count++;
    this.#octets += octets;
  }

  clear(): void {
    this.#marked = undefined;
    this.#count = 0;
    this.#octets = 0;
  }

  /** The marked ones, lowest first. */
  indexes(): number[] {
    const found: number[] = [];
    if (this.#count === 0) return found;
    for (let index = 0; index < this.#messages; index++) if (this.has(index)) found.push(index);
    return found;
  }
}
