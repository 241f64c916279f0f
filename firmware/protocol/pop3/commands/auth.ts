/* AUTH (RFC 5034): signing in by a SASL mechanism. The mechanisms are in protocol/sasl. */
import { CharacterSet, range, visible } from '#base/cursor';
import { command } from '../command.ts';
import type { Authorization } from '../state.ts';

/** RFC 4422 §3.1: sasl-mech = 1*20mech-char, mech-char = %x41-5A / DIGIT / "-" / "_";
 * without case. */
const mechanismCharacters = new CharacterSet(
  `${range('A', 'Z')}${range('a', 'z')}${range('0', '9')}-_`,
);

interface Auth {
  readonly mechanism: string;
  /** In base64, "=" for an empty one; judged by the exchange. */
  readonly initial: string | undefined;
}

/** RFC 5034 §4: `AUTH mechanism [initial-response]` */
export const auth = command<Authorization, Auth>('AUTH', {
  usage: 'AUTH mechanism [initial-response]',
  read(cursor) {
    if (!cursor.expect(' ')) return undefined;
    const mechanism = cursor.expectSome(mechanismCharacters, 'a mechanism');
    if (mechanism === undefined) return undefined;
    const initial = cursor.take(' ') ? cursor.expectSome(visible, 'base64') : undefined;
    if (cursor.complaint !== undefined) return undefined;
    return { mechanism: mechanism.toUpperCase(), initial };
  },
  run: (session, _state, { mechanism, initial }) => session.authenticate(mechanism, initial),
});
