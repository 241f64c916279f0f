/* EHLO and HELO (RFC 5321 §4.1.1.1). Both drop a message under way, as RSET does (§4.1.4). */
import type { Cursor } from '#base/cursor';
import { advertised } from '../extensions.ts';
import * as limits from '../limits.ts';
import { reply, syntaxError } from '../reply.ts';
import { anyState, type Command, type Desk, type Hello, type Outcome } from '../state.ts';

export const ehlo: Command = {
  verb: 'EHLO',
  usage: 'EHLO your.name',
  states: anyState,
  run: (cursor, _state, desk) => greet('EHLO', cursor, desk),
};

export const helo: Command = {
  verb: 'HELO',
  usage: 'HELO your.name',
  states: anyState,
  run: (cursor, _state, desk) => greet('HELO', cursor, desk),
};

// RFC 5321 §4.1.1.1:
//   ehlo = "EHLO" SP ( Domain / address-literal ) CRLF
//   helo = "HELO" SP Domain CRLF
function greet(verb: Hello['verb'], cursor: Cursor, desk: Desk): Outcome {
  cursor.take(' ');
  const claimed = cursor.rest().trim();
  if (claimed === '') return { reply: syntaxError(`Say who you are: ${verb} your.name`) };
  // RFC 5321 §4.1.4: mail is not refused because of a name that is wrong. Printers and Windows
  // machines send names with blanks and underscores; it is only ever written into the trace field,
  // and there in safe forms alone (mail/message/trace.ts).
  if (claimed.length > limits.claimedName) {
    return { reply: syntaxError('That name is too long.') };
  }
  const extensions = verb === 'EHLO' ? advertised(desk) : [];
  return {
    reply: reply(250, '', desk.terms.hostName, ...extensions),
    state: { kind: 'ready', hello: { verb, claimed } },
  };
}
