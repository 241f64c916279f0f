/*
 * Lines of history on their way to the disk: noted in memory, written with the next group that
 * commits anyway, or when the box stops. Losing the last of them in a power cut loses no mail, and
 * neither may writing them: after a group that failed, the next one goes without.
 */
import type { Clock } from '#base/clock';
import type { MessageId } from '../../ids.ts';
import type { Statements } from '../../store/sqlite/connection.ts';
import type { HistoryLine } from '../history.ts';

export interface WaitingLine extends HistoryLine {
  readonly message: MessageId;
}

/** Written with one group; the rest goes with the next ones. */
const linesOfGroup = 512;
/** Lines that may wait, if the disk takes none for long. The oldest give way. */
const linesInMemory = 8_192;
/** Characters of a line; a server may have much to say. */
const longestLine = 500;

export class HistoryLines {
  readonly #clock: Clock;
  #waiting: WaitingLine[] = [];
  #written: WaitingLine[] = [];
  #resting = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(messages: readonly MessageId[], say: string): void {
    const at = this.#clock.now();
    for (const message of messages) this.#waiting.push({ message, at, say });
    this.#bound();
  }

  /** How many lines are not on disk. */
  get waiting(): number {
    return this.#waiting.length + this.#written.length;
  }

  /** Those of some messages that are not on disk, oldest first. */
  of(messages: ReadonlySet<MessageId>): WaitingLine[] {
    return [...this.#written, ...this.#waiting].filter(({ message }) => messages.has(message));
  }

  /** Writes what waits, within somebody else's transaction. */
  async write(sql: Statements): Promise<void> {
    if (this.#waiting.length === 0 || this.#resting) return;
    this.#written = this.#waiting.splice(0, linesOfGroup);
    await insertLines(sql, this.#written);
  }

  /** The transaction ended: what did not get to the disk waits again. */
  ended(committed: boolean): void {
    if (!committed) {
      this.#waiting = [...this.#written, ...this.#waiting];
      this.#bound();
    }
    this.#resting = !committed;
    this.#written = [];
  }

  #bound(): void {
    const over = this.#waiting.length - linesInMemory;
    if (over > 0) this.#waiting.splice(0, over);
  }
}

/** Adds a line to each message's history. */
export async function insertLines(sql: Statements, lines: readonly WaitingLine[]): Promise<void> {
  if (lines.length === 0) return;
  const rows = lines.map(({ message, at, say }) => [message, at, say.slice(0, longestLine)]);
  await sql.run(
    `INSERT INTO further (message, at, say)
     SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`,
    [JSON.stringify(rows)],
  );
}
