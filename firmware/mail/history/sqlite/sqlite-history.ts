/*
 * Histories in the store's database. First lines come by `arrival` (0005-queue.ts), outcomes by
 * SqliteQueue, all else through here. What is not on disk yet is told all the same. The sweeper
 * forgets what is old; the table is small, so it is searched from end to end.
 */
import { ok, type Result } from '#base/result';
import type { MessageId } from '../../ids.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import { reading } from '../../store/sqlite/errors.ts';
import type { StoreTrouble } from '../../store/store.ts';
import { type History, type HistoryLine, type MessageHistory, shortestName } from '../history.ts';
import type { HistoryLines, WaitingLine } from './history-lines.ts';

/** Lines that may wait for somebody else's commit; a commit for so many is cheap. */
const worthACommit = 2_048;

interface Row {
  readonly message: MessageId;
  readonly at: number;
  readonly say: string;
  readonly name: string | null;
  readonly addresses: string | null;
}

type Found<T> = Promise<Result<T, StoreTrouble>>;

export class SqliteHistory implements History {
  readonly #database: SharedDatabase;
  readonly #lines: HistoryLines;

  /** `lines`: those of the store, which writes them with its commits. */
  constructor(database: SharedDatabase, lines: HistoryLines) {
    this.#database = database;
    this.#lines = lines;
  }

  note(messages: readonly MessageId[], say: string): void {
    this.#lines.note(messages, say);
    if (this.#lines.waiting > worthACommit) void this.#database.write(async () => {});
  }

  /** When the newest line was written, by the wall clock of that time; 0: there is none. */
  newest(): Found<number> {
    return reading(async () => {
      const [row] = await this.#database.all<{ at: number }>(
        'SELECT coalesce(max(at), 0) AS at FROM history',
      );
      return ok(row?.at ?? 0);
    });
  }

  byName(name: string): Found<MessageHistory | undefined> {
    return reading(async () => {
      const found = await this.#database.all<{ message: MessageId; name: string }>(
        `SELECT message, name FROM history WHERE substr(name, 1, ?1) = ?2
         ORDER BY name <> ?2 LIMIT 2`,
        [name.length, name],
      );
      const [first] = found;
      const only = found.length === 1 && name.length >= shortestName;
      if (first === undefined || !(first.name === name || only)) return ok(undefined);
      return ok((await this.#histories([first.message]))[0]);
    });
  }

  of(message: MessageId): Found<MessageHistory | undefined> {
    return reading(async () => ok((await this.#histories([message]))[0]));
  }

  ofAddress(key: string, count: number): Found<MessageHistory[]> {
    return reading(async () => {
      const found = await this.#database.all<{ message: MessageId }>(
        `SELECT message FROM history WHERE instr(addresses, ' ' || ? || ' ') > 0
         ORDER BY message DESC LIMIT ?`,
        [key, count],
      );
      return ok(await this.#histories(found.map(({ message }) => message)));
    });
  }

  /** Newest message first. */
  async #histories(messages: readonly MessageId[]): Promise<MessageHistory[]> {
    // Before the question: what gets to the disk meanwhile is seen twice, rather than not at all.
    const waiting = this.#lines.of(new Set(messages));
    const rows = await this.#database.all<Row>(
      `SELECT message, at, say, name, addresses FROM history
       WHERE message IN (SELECT value FROM json_each(?)) ORDER BY message DESC, line`,
      [JSON.stringify(messages)],
    );
    const kept = Map.groupBy(rows, ({ message }) => message);
    const late = waiting.filter(({ message }) => !kept.has(message));
    for (const { message } of late) kept.set(message, []);
    return [...kept].map(([message, told]) => history(message, told, waiting));
  }
}

function history(
  message: MessageId,
  rows: readonly Row[],
  waiting: readonly WaitingLine[],
): MessageHistory {
  const lines: HistoryLine[] = rows.map(({ at, say }) => ({ at, say }));
  for (const { message: of, at, say } of waiting) {
    const twice = lines.some((line) => line.at === at && line.say === say);
    if (of === message && !twice) lines.push({ at, say });
  }
  const [first] = rows;
  const addresses = first?.addresses?.trim().split(' ') ?? [];
  return { message, name: first?.name ?? '', addresses, lines };
}
