/*
 * APOP (RFC 1939 §7): signing in with a digest of the greeting's timestamp and a secret that both
 * sides have. For old programs on lines that are not encrypted; everybody else has SCRAM-SHA-256 or
 * TLS. Which greetings have a timestamp is decided in protocol/sasl/mechanism.ts.
 */
import { createHash } from 'node:crypto';
import { CharacterSet, range } from '#base/cursor';
import { refusal } from '#base/result';
import { digestCharacters, sameDigest } from '../../sasl/shared-secret.ts';
import { command } from '../command.ts';
import type { Authorization } from '../state.ts';

const nameCharacters = new CharacterSet(range('!', '~'), true);

interface Apop {
  readonly login: string;
  readonly digest: string;
}

/** RFC 1939 §7: `APOP name digest` */
export const apop = command<Authorization, Apop>('APOP', {
  usage: 'APOP name digest',
  read(cursor) {
    const login = cursor.expect(' ') ? cursor.expectSome(nameCharacters, 'a name') : undefined;
    const digest = cursor.expect(' ') ? cursor.expectSome(digestCharacters, 'a digest') : undefined;
    return login === undefined || digest === undefined ? undefined : { login, digest };
  },
  run(session, _state, { login, digest }) {
    const { timestamp } = session.facts;
    if (timestamp === undefined) {
      return session.refuse(refusal('no-apop', 'APOP is not offered on this connection'));
    }
    // RFC 1939 §7: MD5 of the timestamp, angle brackets included, followed by the shared secret.
    const right = (secret: string) =>
      createHash('md5')
        .update(timestamp + secret)
        .digest('hex');
    return session.withSecret(login, (secret) => sameDigest(digest, right(secret)));
  },
});
