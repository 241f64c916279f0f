/*
 * STARTTLS (RFC 3207). The session forgets all it heard before (§4.2); the net does the
 * handshake.
 */
import { offersTls } from '../extensions.ts';
import { badSequence, reply, syntaxError } from '../reply.ts';
import type { Command, StateOf } from '../state.ts';

export const starttls: Command<StateOf<'ready'>> = {
  verb: 'STARTTLS',
  usage: 'STARTTLS',
  states: ['ready'],
  run(cursor, _state, desk) {
    // RFC 3207 §4: "501 Syntax error (no parameters allowed)"
    if (!cursor.end()) return { reply: standsAlone };
    if (desk.tls !== undefined) return { reply: already };
    if (!offersTls(desk)) return { reply: notNow };
    return { reply: goOn, state: { kind: 'securing' }, effect: 'start-tls' };
  },
};

const standsAlone = syntaxError('STARTTLS stands alone on its line.');
const already = badSequence('This connection is encrypted already.');
// RFC 3207 §4: 454
const notNow = reply(454, '4.7.0', 'There is no certificate to encrypt with now.');
const goOn = reply(220, '2.0.0', 'Go on with TLS.');
