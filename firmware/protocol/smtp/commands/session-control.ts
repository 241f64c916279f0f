/*
 * The small commands: RSET, NOOP, QUIT, VRFY, EXPN, HELP (RFC 5321 §4.1.1.5 to §4.1.1.10), and the
 * old ones that are known and not there (RFC 5321 appendix F).
 */
import { done, reply, syntaxError } from '../reply.ts';
import { anyState, type Command } from '../state.ts';

export const rset: Command = {
  verb: 'RSET',
  usage: 'RSET',
  states: anyState,
  run(cursor, state) {
    if (!cursor.end()) return { reply: syntaxError('RSET stands alone on its line.') };
    if (state.kind === 'connected') return { reply: done };
    return { reply: done, state: { kind: 'ready', hello: state.hello } };
  },
};

/** RFC 5321 §4.1.1.9: noop = "NOOP" [ SP String ] CRLF; the string means nothing. */
export const noop: Command = {
  verb: 'NOOP',
  usage: 'NOOP',
  states: anyState,
  run: () => ({ reply: done }),
};

export const quit: Command = {
  verb: 'QUIT',
  usage: 'QUIT',
  states: anyState,
  run(cursor, _state, { terms }) {
    if (!cursor.end()) return { reply: syntaxError('QUIT stands alone on its line.') };
    return { reply: reply(221, '2.0.0', `${terms.hostName} says goodbye.`), effect: 'close' };
  },
};

/** RFC 5321 §7.3: verification would tell strangers who lives here. 252 neither lies nor tells. */
export const vrfy: Command = {
  verb: 'VRFY',
  usage: 'VRFY address',
  states: anyState,
  run(cursor) {
    if (cursor.rest().trim() === '') return { reply: syntaxError('VRFY wants an address.') };
    return { reply: reply(252, '2.5.0', 'I do not tell; send the message and see.') };
  },
};

/** RFC 5321 §3.5.2, §7.3 */
export const expn: Command = {
  verb: 'EXPN',
  usage: 'EXPN list',
  states: anyState,
  run: () => ({ reply: reply(502, '5.7.0', 'I do not tell who is on a list.') }),
};

/** RFC 5321 §4.1.1.8. `commands` are all there are. */
export function helpOf(commands: () => readonly Command[]): Command {
  return {
    verb: 'HELP',
    usage: 'HELP [command]',
    states: anyState,
    run(cursor) {
      const wanted = cursor.rest().trim().toUpperCase();
      if (wanted === '') {
        const verbs = commands().map(({ verb }) => verb);
        return {
          reply: reply(214, '2.0.0', 'This is a mail box of the kind Restante.', verbs.join(' ')),
        };
      }
      const command = commands().find(({ verb }) => verb === wanted);
      if (command === undefined) return { reply: reply(504, '5.5.4', 'There is no such command.') };
      return { reply: reply(214, '2.0.0', command.usage) };
    },
  };
}

/** RFC 5321 §4.2.4: 502 for what is recognised and not implemented,
 * so nobody thinks of a typing error. */
const known = new Set(['TURN', 'ATRN', 'SEND', 'SOML', 'SAML', 'BURL', 'XCLIENT', 'XFORWARD']);

export function isKnownElsewhere(verb: string): boolean {
  return known.has(verb);
}
