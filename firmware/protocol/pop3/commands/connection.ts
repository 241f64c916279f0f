/*
 * The commands about the connection itself: CAPA (RFC 2449), STLS (RFC 2595), UTF8 (RFC 6856), NOOP
 * and QUIT (RFC 1939 §4, §5). What CAPA lists is decided in ../capabilities.ts, what QUIT does to
 * the maildrop in ../session.ts.
 */
import { refusal } from '#base/result';
import { capabilities, stlsWorks } from '../capabilities.ts';
import { command, nothing, type SignedInOrNot } from '../command.ts';
import type { Authorization, Transaction } from '../state.ts';

/** RFC 2449 §5 */
export const capa = command<SignedInOrNot, true>('CAPA', {
  usage: 'CAPA',
  read: nothing,
  run(session) {
    session.accept('This is what works');
    session.wire.send(`${capabilities(session.facts).join('\r\n')}\r\n.\r\n`);
  },
});

/** RFC 2595 §4 */
export const stls = command<Authorization, true>('STLS', {
  usage: 'STLS',
  read: nothing,
  run(session) {
    if (session.facts.encrypted) {
      return session.refuse(refusal('encrypted', 'The connection is encrypted already'));
    }
    if (!stlsWorks(session.facts)) {
      return session.refuse(refusal('no-tls', 'Encryption is not available now'));
    }
    session.accept('Begin TLS now');
    session.startTls();
  },
});

/*
 * RFC 6856 §2.1. The command changes nothing, because messages go out as they came in either way.
 * The RFC wants a message with UTF-8 header fields downgraded or refused as long as the client has
 * not said UTF8. We do neither. Nearly every mail program shows such a message well enough and
 * none says UTF8; refusing would leave its mail lying here for ever with nobody to see it, and
 * a downgraded copy breaks signatures and has another size than LIST said. Octets are mail; they
 * are handed over.
 */
export const utf8 = command<Authorization, true>('UTF8', {
  usage: 'UTF8',
  read: nothing,
  run: (session) => session.accept('UTF-8 is understood'),
});

/** RFC 1939 §5 */
export const noop = command<Transaction, true>('NOOP', {
  usage: 'NOOP',
  read: nothing,
  run: (session) => session.accept('Nothing done'),
});

/** RFC 1939 §4: in AUTHORIZATION, QUIT does not enter UPDATE. */
export const quitUnsigned = command<Authorization, true>('QUIT', {
  usage: 'QUIT',
  read: nothing,
  run(session) {
    session.accept('Goodbye');
    session.leave();
  },
});

/** RFC 1939 §6 */
export const quit = command<Transaction, true>('QUIT', {
  usage: 'QUIT',
  read: nothing,
  run: (session, state) => session.update(state),
});
