/* The last lines of the log, in memory, for `log`; older ones are in the journal, if anywhere. */
import type { LogLine, Sink } from '#base/log';
import { Watchers } from '#base/watchers';
import type { LogBook } from './box.ts';

export class LogRing implements LogBook {
  readonly #room: number;
  readonly #lines: LogLine[] = [];
  readonly #followers = new Watchers<[LogLine]>();
  #oldest = 0;

  /** Keeps `room` lines. */
  constructor(room = 500) {
    this.#room = room;
  }

  /** Takes each line in; give it to the Log beside the visible output. */
  readonly sink: Sink = (line) => {
    if (this.#lines.length < this.#room) {
      this.#lines.push(line);
    } else {
      this.#lines[this.#oldest] = line;
      this.#oldest = (this.#oldest + 1) % this.#room;
    }
    this.#followers.tell(line);
  };

  recent(count: number): readonly LogLine[] {
    const inOrder = [...this.#lines.slice(this.#oldest), ...this.#lines.slice(0, this.#oldest)];
    return count === 0 ? [] : inOrder.slice(-count);
  }

  follow(tell: (line: LogLine) => void): Disposable {
    return this.#followers.add(tell);
  }
}
