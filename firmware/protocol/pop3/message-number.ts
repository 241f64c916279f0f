/*
 * The only reader of message-numbers (RFC 1939 §3: decimal, counting from 1), and the only place
 * that knows which of them a command may name.
 */
import { type Cursor, digits } from '#base/cursor';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { quotedCharacters } from './limits.ts';
import type { Transaction } from './state.ts';

/** A message-number as the client wrote it: digits, perhaps of no message. */
export type Numeral = string & { readonly numeral: true };

/** RFC 2449 §3: SP param; here `msg = 1*DIGIT`. Undefined when there is none. */
export function readMessageNumber(cursor: Cursor): Numeral | undefined {
  if (!cursor.expect(' ')) return undefined;
  return cursor.expectSome(digits, 'a message-number') as Numeral | undefined;
}

/** The message's index, unless there is no such message or it is marked (RFC 1939 §5 DELE). */
export function findMessage(
  { maildrop, marks }: Transaction,
  numeral: Numeral,
): Result<number, Refusal> {
  const number = Number(numeral);
  if (number < 1 || number > maildrop.messages) {
    const asked = numeral.slice(0, quotedCharacters);
    const say = `There is no message ${asked}, only ${maildrop.messages} in the maildrop`;
    return failed(refusal('no-such-message', say));
  }
  if (marks.has(number - 1)) {
    return failed(refusal('deleted', `Message ${number} is marked as deleted`));
  }
  return ok(number - 1);
}
