/* The serial console's line: each time it is plugged in, a new console serves it. */
import type { Result, Trouble } from '#base/result';
import type { Console } from '#control/console/console';
import { SerialLine, type SerialLineParts } from './serial-line.ts';

export class ConsoleLine {
  readonly #line: SerialLine;
  readonly #console: Pick<Console, 'serve'>;

  constructor(parts: Omit<SerialLineParts, 'setting'>, console: Pick<Console, 'serve'>) {
    this.#line = new SerialLine({ ...parts, setting: 'serial.console' });
    this.#console = console;
  }

  /** The only trouble is a missing package; a line that is not there is waited for. */
  start(): Promise<Result<void, Trouble<'lost'>>> {
    return this.#line.start((stream) => void this.#console.serve(stream));
  }

  stop(): Promise<void> {
    return this.#line.stop();
  }
}
