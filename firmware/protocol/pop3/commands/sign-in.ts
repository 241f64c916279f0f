/*
 * Signing in with the password itself: USER and PASS (RFC 1939 §7). AUTH is in auth.ts.
 *
 * USER is accepted for every name, so that nobody learns who lives here.
 */
import { CharacterSet, type Cursor, range } from '#base/cursor';
import { refusal } from '#base/result';
import { type Conversation, command } from '../command.ts';
import type { Authorization } from '../state.ts';

/** RFC 1939 §7: PASS has one argument, and spaces in it belong to the password. RFC 6856 §2.2:
 * UTF-8 is welcome; octets that are no UTF-8 arrive as U+FFFD, which no set holds. */
const passwordCharacters = new CharacterSet(range(' ', '~'), true);
const nameCharacters = passwordCharacters;

/** `USER name`: spaces in names are let through, for the doorkeeper to find nobody by. */
export const user = command<Authorization, string>('USER', {
  usage: 'USER name',
  read: (cursor) => readArgument(cursor, nameCharacters, 'a name'),
  run(session, _state, login) {
    if (!mayBePlain(session)) return;
    session.named(login);
    session.accept('Now the password');
  },
});

/** `PASS string` */
export const pass = command<Authorization, string>('PASS', {
  usage: 'PASS password',
  read: (cursor) => readArgument(cursor, passwordCharacters, 'a password'),
  run(session, state, password) {
    if (!mayBePlain(session)) return;
    if (state.step !== 'named') {
      return session.refuse(refusal('sequence', 'Say USER right before PASS'));
    }
    return session.withPassword(state.login, password);
  },
});

function readArgument(cursor: Cursor, set: CharacterSet, wanted: string): string | undefined {
  return cursor.expect(' ') ? cursor.expectSome(set, wanted) : undefined;
}

/** The setting `auth.plaintext`: no password travels where others can read it. */
function mayBePlain(session: Conversation): boolean {
  if (session.facts.plaintext) return true;
  const say = session.facts.tlsAvailable
    ? 'Passwords are taken on encrypted connections only: switch on TLS (STLS, or the POP3S port)'
    : 'Passwords are taken on encrypted connections only';
  session.refuse(refusal('plaintext', say));
  return false;
}
