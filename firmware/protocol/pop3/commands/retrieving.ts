/*
 * Sending messages: RETR (RFC 1939 §5) and TOP (RFC 1939 §7). A message's beginning is read before
 * anything is said, so that a message that cannot be read gets a proper -ERR. If the rest fails
 * later, the line is cut: the end of the reply would tell the client that it has the whole message,
 * and many delete next.
 */
import { digits } from '#base/cursor';
import { type Soon, whenThere } from '#base/soon';
import type { MaildropMessage } from '#mail/maildrop';
import { type Conversation, command } from '../command.ts';
import { DotStuffing } from '../dot-stuffing.ts';
import { findMessage, type Numeral, readMessageNumber } from '../message-number.ts';
import { positive } from '../replies.ts';
import type { Transaction } from '../state.ts';
import { Top } from '../top.ts';

const end = '.\r\n';

/** `RETR msg` */
export const retr = command<Transaction, Numeral>('RETR', {
  usage: 'RETR message-number',
  read: readMessageNumber,
  run(session, state, numeral) {
    const index = findMessage(state, numeral);
    if (!index.ok) return session.refuse(index.error);
    return whenThere(state.maildrop.read(index.value), (message) => {
      if (!message.ok) return session.refuse(message.error);
      const heading = positive(`${message.value.wireOctets} octets`);
      return whenThere(sendMessage(session, heading, message.value), (sent) => {
        if (sent) state.maildrop.noteRetrieved(index.value);
      });
    });
  },
});

/** `TOP msg n`: n lines of the body, n >= 0. Not a retrieval: mail programs use it to look. */
export const top = command<Transaction, { numeral: Numeral; lines: number }>('TOP', {
  usage: 'TOP message-number lines',
  read(cursor) {
    const numeral = readMessageNumber(cursor);
    if (numeral === undefined || !cursor.expect(' ')) return undefined;
    const lines = cursor.expectSome(digits, 'a number of lines');
    return lines === undefined ? undefined : { numeral, lines: Number(lines) };
  },
  run(session, state, { numeral, lines }) {
    const index = findMessage(state, numeral);
    if (!index.ok) return session.refuse(index.error);
    return whenThere(state.maildrop.read(index.value), (message) => {
      if (!message.ok) return session.refuse(message.error);
      const heading = positive(`The top of message ${index.value + 1}`);
      return whenThere(sendMessage(session, heading, message.value, new Top(lines)), () => {});
    });
  },
});

/** Sends the whole reply. Says whether its end was sent. */
function sendMessage(
  session: Conversation,
  heading: string,
  message: MaildropMessage,
  top?: Top,
): Soon<boolean> {
  if (!message.whole) return streamMessage(session, heading, message, top);
  const shown = top === undefined ? message.beginning : top.update(message.beginning);
  const body = message.dotless ? [shown] : new DotStuffing().update(shown);
  // Sent as they are: the net gathers them into one write without copying the message.
  session.wire.send(heading);
  for (const octets of body) session.wire.send(octets);
  session.wire.send(end);
  return true;
}

async function streamMessage(
  session: Conversation,
  heading: string,
  message: MaildropMessage,
  top: Top | undefined,
): Promise<boolean> {
  const { wire } = session;
  const stuffing = message.dotless ? undefined : new DotStuffing();
  wire.send(heading);
  let piece: Buffer | undefined = message.beginning;
  while (piece !== undefined) {
    const shown: Buffer = top === undefined ? piece : top.update(piece);
    for (const octets of stuffing?.update(shown) ?? [shown]) wire.send(octets);
    if (top?.done === true) break;
    await wire.drained();
    if (wire.lost) return false;
    const next = await message.next();
    if (!next.ok) {
      session.cut(next.error);
      return false;
    }
    piece = next.value;
  }
  wire.send(end);
  return true;
}
