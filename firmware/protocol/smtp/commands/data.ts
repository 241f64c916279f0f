/* DATA (RFC 5321 §4.1.1.4). What follows it is transparency.ts's and reception.ts's affair. */
import { Reception } from '../reception.ts';
import { failureReply, reply, syntaxError } from '../reply.ts';
import type { Command, StateOf } from '../state.ts';
import { newlineRule } from '../terms.ts';
import { Transparency } from '../transparency.ts';

export const data: Command<StateOf<'recipients'>> = {
  verb: 'DATA',
  usage: 'DATA',
  states: ['recipients'],
  run(cursor, { hello, origin, sending, recipients }, { intake, terms, peer, identity }) {
    if (!cursor.end()) return { reply: standsAlone };
    const envelope = { ...sending, recipients };
    const opened = intake.open(envelope, origin);
    if (!opened.ok) return { reply: failureReply(opened.error), state: { kind: 'ready', hello } };
    const newlines = newlineRule(terms.bareNewline, peer.place, identity !== undefined);
    const reception = new Reception(opened.value, envelope, terms.largestMessage, newlines);
    const transparency = new Transparency();
    return { reply: goOn, state: { kind: 'data', hello, reception, transparency } };
  },
};

const standsAlone = syntaxError('DATA stands alone on its line.');
const goOn = reply(354, '', 'Go on; end with a line that is a single dot.');
