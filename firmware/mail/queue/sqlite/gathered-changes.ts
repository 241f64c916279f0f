/*
 * Marks and outcomes on their way to the queue's rows. Ten connections mark ten messages at about
 * the same moment, and hand in what became of the ten before them; what gathers until the writer
 * comes to it is one job with a handful of statements. It is on disk, or refused, as a whole.
 */
import type { Result } from '#base/result';
import { insertLines, type WaitingLine } from '../../history/sqlite/history-lines.ts';
import type { QueuedRecipientId } from '../../ids.ts';
import type { Statements } from '../../store/sqlite/connection.ts';
import type { SharedDatabase } from '../../store/sqlite/database.ts';
import type { StoreTrouble } from '../../store/store.ts';
import type { Outcome } from '../queue.ts';

type Written = Promise<Result<void, StoreTrouble>>;
type Again = Extract<Outcome, { kind: 'again' }>;

interface Changes {
  readonly marks: QueuedRecipientId[];
  readonly again: Again[];
  readonly gone: QueuedRecipientId[];
  readonly lines: WaitingLine[];
}

export class GatheredChanges {
  readonly #database: Pick<SharedDatabase, 'write'>;
  #next: { readonly changes: Changes; readonly written: Written } | undefined;

  constructor(database: Pick<SharedDatabase, 'write'>) {
    this.#database = database;
  }

  mark(recipients: readonly QueuedRecipientId[]): Written {
    const { changes, written } = this.#gathering();
    changes.marks.push(...recipients);
    return written;
  }

  record(outcomes: readonly Outcome[], lines: readonly WaitingLine[]): Written {
    const { changes, written } = this.#gathering();
    for (const outcome of outcomes) {
      if (outcome.kind === 'again') changes.again.push(outcome);
      else changes.gone.push(outcome.recipient);
    }
    changes.lines.push(...lines);
    return written;
  }

  #gathering() {
    this.#next ??= this.#begin();
    return this.#next;
  }

  #begin() {
    const changes: Changes = { marks: [], again: [], gone: [], lines: [] };
    const close = () => {
      if (this.#next?.changes === changes) this.#next = undefined;
    };
    const written = this.#database.write(async (sql) => {
      close(); // who comes from now on is written by the next job
      await write(sql, changes);
    }, true);
    // A group that fails before its jobs began never closes them.
    return { changes, written: written.finally(close) };
  }
}

async function write(sql: Statements, { marks, again, gone, lines }: Changes): Promise<void> {
  if (marks.length > 0) {
    await sql.run(
      'UPDATE queued_recipient SET doubt = 1 WHERE id IN (SELECT value FROM json_each(?))',
      [JSON.stringify(marks)],
    );
  }
  for (const outcome of again) await writeAgain(sql, outcome);
  if (gone.length > 0) {
    await sql.run('DELETE FROM queued_recipient WHERE id IN (SELECT value FROM json_each(?))', [
      JSON.stringify(gone),
    ]);
  }
  await insertLines(sql, lines);
}

async function writeAgain(sql: Statements, outcome: Again): Promise<void> {
  const { due, counts, last, doubtStays, recipient } = outcome;
  await sql.run(
    `UPDATE queued_recipient SET due = ?, attempts = attempts + ?, last = ?, doubt = (doubt AND ?)
     WHERE id = ?`,
    [Math.floor(due), counts ? 1 : 0, last, doubtStays === true ? 1 : 0, recipient],
  );
}
