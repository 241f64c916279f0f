/*
 * Many short writes in one turn of the event loop leave as one: a busy box logs thousands of lines
 * a second, and each write of its own is a system call. What is gathered is written when the turn
 * ends; whoever ends the process flushes first.
 */
import type { LogStream } from './log-output.ts';

export class GatheredStream implements LogStream {
  readonly #stream: LogStream;
  #text = '';

  constructor(stream: LogStream) {
    this.#stream = stream;
  }

  get writableLength(): number {
    return this.#stream.writableLength + this.#text.length;
  }

  get writable(): boolean {
    return this.#stream.writable;
  }

  write(text: string): void {
    if (this.#text === '') setImmediate(() => this.flush());
    this.#text += text;
  }

  on(event: 'error', listener: () => void): void {
    this.#stream.on(event, listener);
  }

  /** Writes what was gathered now. */
  flush(): void {
    const text = this.#text;
    this.#text = '';
    if (text !== '' && this.#stream.writable) this.#stream.write(text);
  }
}
