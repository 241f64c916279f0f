/*
 * Structured log lines: a level, the part that speaks, a sentence, and facts beside it. Each
 * session's lines carry its id. Secrets are starred before they get here, not here.
 * Where lines go (terminal, journal, a test's array) is the Sink's affair.
 */
import type { Clock } from './clock.ts';

const levels = ['error', 'warn', 'info', 'debug', 'trace'] as const;
export type Level = (typeof levels)[number];

export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: Level;
  /** Which part speaks: 'store', 'smtp', 'tls' ... */
  readonly part: string;
  readonly session?: string;
  /** A sentence for a person. */
  readonly say: string;
  readonly facts: Facts;
}

export type Sink = (line: LogLine) => void;

/** Passes lines up to `threshold()` on to the sink; `of` and `for` make narrower loggers. */
export class Log {
  readonly #sink: Sink;
  readonly #clock: Clock;
  readonly #threshold: () => Level;
  readonly #part: string;
  readonly #session: string | undefined;

  constructor(
    sink: Sink,
    clock: Clock,
    threshold: () => Level = () => 'info',
    part = 'box',
    session?: string,
  ) {
    this.#sink = sink;
    this.#clock = clock;
    this.#threshold = threshold;
    this.#part = part;
    this.#session = session;
  }

  /** The same log, speaking as another part. */
  of(part: string): Log {
    return new Log(this.#sink, this.#clock, this.#threshold, part, this.#session);
  }

  /** The same log, each line carrying a session's id. */
  for(session: string): Log {
    return new Log(this.#sink, this.#clock, this.#threshold, this.#part, session);
  }

  keeps(level: Level): boolean {
    return levels.indexOf(level) <= levels.indexOf(this.#threshold());
  }

  error(say: string, facts: Facts = {}): void {
    this.#write('error', say, facts);
  }

  warn(say: string, facts: Facts = {}): void {
    this.#write('warn', say, facts);
  }

  info(say: string, facts: Facts = {}): void {
    this.#write('info', say, facts);
  }

  debug(say: string, facts: Facts = {}): void {
    this.#write('debug', say, facts);
  }

  trace(say: string, facts: Facts = {}): void {
    this.#write('trace', say, facts);
  }

  #write(level: Level, say: string, facts: Facts): void {
    if (!this.keeps(level)) return;
    const session = this.#session === undefined ? {} : { session: this.#session };
    this.#sink({ at: this.#clock.now(), level, part: this.#part, ...session, say, facts });
  }
}
