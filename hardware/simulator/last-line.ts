/*
 * A terminal with a last line that stays where it is while the log scrolls above it. Everything
 * that is written goes through here: the line is wiped, the text written, the line drawn again, in
 * one write. While nothing is shown it passes text on as it came, so it can stand in front of any
 * stream. It deliberately knows nothing of lamps.
 */
import type { LogStream } from '#base/log-output';

/** ECMA-48: CPL is CSI n A after CR; ED 0 erases from the cursor to the end of the screen. */
const wipe = '\r\x1b[J';

export class LastLine implements LogStream {
  readonly #stream: LogStream;
  readonly #columns: () => number;
  #line = '';
  /** Columns that the drawn line takes, and how wide the terminal was then. */
  #width = 0;

  /** `columns`: how wide the terminal is now. */
  constructor(stream: LogStream, columns: () => number) {
    this.#stream = stream;
    this.#columns = columns;
  }

  get writableLength(): number {
    return this.#stream.writableLength;
  }

  get writable(): boolean {
    return this.#stream.writable;
  }

  on(event: 'error', listener: () => void): void {
    this.#stream.on(event, listener);
  }

  /** Writes above the line. */
  write(text: string): void {
    if (this.#line === '') {
      this.#stream.write(text);
      return;
    }
    const end = text.endsWith('\n') ? '' : '\n';
    this.#stream.write(`${this.#wipe()}${text}${end}${this.#line}`);
  }

  /** Shows this in place of what was there. `width`: the columns it takes. '': no last line. */
  show(line: string, width: number): void {
    if (line === this.#line || !this.#stream.writable) return;
    const before = this.#line === '' ? wipe : this.#wipe();
    this.#line = line;
    this.#width = width;
    this.#stream.write(before + line);
  }

  /** Takes the line away. */
  hide(): void {
    this.show('', 0);
  }

  /** It is not there any more (somebody else had the terminal meanwhile): nothing to wipe. */
  forget(): void {
    this.#line = '';
  }

  /** A terminal that became narrower has broken the line into several rows. One that does not know
   * its width (a serial line, a container) says 0. */
  #wipe(): string {
    const rows = Math.ceil(this.#width / (this.#columns() || Number.POSITIVE_INFINITY));
    return rows > 1 ? `\x1b[${rows - 1}A${wipe}` : wipe;
  }
}
