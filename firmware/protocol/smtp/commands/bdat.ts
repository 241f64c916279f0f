/*
 * BDAT (RFC 3030 §2): octets that are counted, not searched for an end. Whatever is wrong, the
 * octets announced are taken off the line before the answer, or they would be read as commands.
 */
import type { Cursor } from '#base/cursor';
import * as limits from '../limits.ts';
import { Reception, tooLarge } from '../reception.ts';
import { failureReply, type Reply, syntaxError } from '../reply.ts';
import { anyState, type Command, type CommandState, type Desk, type Outcome } from '../state.ts';
import { outOfOrder } from './order.ts';

// RFC 3030 §2:
//   bdat-cmd   ::= "BDAT" SP chunk-size [ SP end-marker ] CR LF
//   chunk-size ::= 1*DIGIT
//   end-marker ::= "LAST"
export const bdat: Command = {
  verb: 'BDAT',
  usage: 'BDAT octets [LAST]',
  states: anyState,
  run(cursor, state, desk) {
    const size = cursor.take(' ') ? wholeNumber(cursor) : undefined;
    // Nobody knows how many octets to take off the line: the only safe end is the end of it.
    if (size === undefined) return { reply: noSize, effect: 'close' };
    if (size > desk.terms.largestMessage + limits.oversize) {
      return { reply: tooLarge(desk.terms.largestMessage), effect: 'close' };
    }
    const last = cursor.takeAnyCase(' LAST');
    const into = cursor.end() ? receptionOf(state, desk) : refused(noEnd, state);
    return { state: { kind: 'chunk', size, left: size, last, into } };
  },
};

/** "1.5" and "0x10" are no numbers here, whatever they were meant to announce. */
function wholeNumber(cursor: Cursor): number | undefined {
  const number = cursor.takeNumber();
  return cursor.end() || cursor.peek() === space ? number : undefined;
}

const space = ' '.charCodeAt(0);

const noSize = syntaxError('BDAT wants a number of octets.');
const noEnd = syntaxError('Behind the number BDAT knows only LAST.');

type Into = Extract<Outcome['state'], { kind: 'chunk' }>['into'];

function receptionOf(state: CommandState, { intake, terms }: Desk): Into {
  switch (state.kind) {
    case 'chunks':
      return { hello: state.hello, reception: state.reception };
    case 'recipients': {
      const { hello, origin, sending, recipients } = state;
      const envelope = { ...sending, recipients };
      const opened = intake.open(envelope, origin);
      if (!opened.ok) return refused(failureReply(opened.error), { kind: 'ready', hello });
      const reception = new Reception(opened.value, envelope, terms.largestMessage, 'keep');
      return { hello, reception };
    }
    default:
      return refused(outOfOrder('BDAT', state.kind), state);
  }
}

function refused(because: Reply, back: CommandState): Into {
  return { refused: because, back };
}
