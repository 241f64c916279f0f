/* Which ways of signing in are tried, and when there is a second. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offersOf } from '#protocol/pop3/client/offers';
import {
  type Circumstances,
  type Secret,
  signInPlan,
  type Way,
  wayWasRefused,
} from '#protocol/pop3/client/ways';

const timestamp = '<1@pop.example.net>';
const password: Secret = { password: 'tuna' };
const token: Secret = { accessToken: 'ya29' };

interface Row {
  readonly capa?: string;
  readonly at: 'tls' | 'loopback' | 'clear';
  readonly timestamp?: string;
  readonly user?: string;
  readonly secret?: Secret;
  /** The ways, or the obstacle. */
  readonly gives: string;
}

const rows: readonly Row[] = [
  { capa: 'SASL PLAIN SCRAM-SHA-256,USER', at: 'tls', gives: 'PLAIN USER' },
  { capa: 'SASL PLAIN', at: 'tls', gives: 'PLAIN' },
  { capa: 'SASL SCRAM-SHA-256', at: 'tls', gives: 'SCRAM-SHA-256' },
  { capa: 'SASL SCRAM-SHA-256,USER', at: 'tls', gives: 'SCRAM-SHA-256 USER' },
  { capa: 'USER', at: 'tls', gives: 'USER' },
  { capa: 'TOP,UIDL', at: 'tls', gives: 'USER' },
  { at: 'tls', gives: 'USER' },
  { at: 'tls', timestamp, gives: 'USER' },
  { capa: 'SASL LOGIN', at: 'tls', gives: 'LOGIN' },
  { capa: 'SASL LOGIN GSSAPI', at: 'loopback', gives: 'LOGIN' },
  { capa: 'SASL LOGIN,USER', at: 'tls', gives: 'USER' },
  { capa: 'SASL PLAIN LOGIN', at: 'tls', gives: 'PLAIN' },
  { capa: 'SASL GSSAPI', at: 'tls', gives: 'NO-MECHANISM it signs in only by GSSAPI' },
  { capa: 'SASL PLAIN SCRAM-SHA-256,USER', at: 'loopback', gives: 'SCRAM-SHA-256 USER' },
  { capa: 'SASL PLAIN,USER', at: 'loopback', timestamp, gives: 'APOP USER' },
  { capa: 'SASL PLAIN', at: 'loopback', timestamp, gives: 'APOP' },
  { capa: 'SASL PLAIN,USER', at: 'loopback', gives: 'PLAIN USER' },
  { at: 'loopback', timestamp, gives: 'APOP USER' },
  { at: 'loopback', timestamp, user: 'ann smith', gives: 'USER' },
  { at: 'loopback', gives: 'USER' },
  {
    capa: 'SASL SCRAM-SHA-256',
    at: 'clear',
    gives: 'IN-THE-CLEAR the connection is not encrypted',
  },
  { at: 'clear', timestamp, gives: 'IN-THE-CLEAR the connection is not encrypted' },
  { at: 'clear', secret: token, gives: 'IN-THE-CLEAR the connection is not encrypted' },
  { capa: 'SASL PLAIN XOAUTH2,USER', at: 'tls', secret: token, gives: 'XOAUTH2' },
  {
    capa: 'SASL PLAIN,USER',
    at: 'tls',
    secret: token,
    gives: 'NO-MECHANISM it signs in only by PLAIN',
  },
  { at: 'tls', secret: token, gives: 'NO-MECHANISM the server signs in only by passwords' },
  ...['a\r\nDELE 1', 'a\nb', 'a\0b', ''].flatMap((bad): Row[] => {
    const gives = 'BAD-SECRET the name or the password cannot be sent';
    return [
      { at: 'tls', user: bad, gives },
      { at: 'tls', secret: { password: bad }, gives },
    ];
  }),
];

for (const { capa, at, timestamp: stamp, user = 'ann', secret = password, gives } of rows) {
  test(`${at}, ${capa ?? 'no CAPA'}${stamp ? ', APOP' : ''}, ${JSON.stringify(user)}: ${gives}`, () => {
    const circumstances: Circumstances = {
      encrypted: at === 'tls',
      safe: at !== 'clear',
      offers: capa === undefined ? undefined : offersOf(capa.split(',')),
      timestamp: stamp,
    };
    const plan = signInPlan(user, secret, circumstances);
    const given = plan.kind === 'with' ? plan.ways.join(' ') : `${plan.code} ${plan.detail}`;
    assert.equal(given, gives);
  });
}

test('what is refused: who comes, or the way', () => {
  const cases: [Way, string, string | undefined, boolean][] = [
    ['PLAIN', 'authentication failed', undefined, false],
    ['PLAIN', 'authentication failed', 'AUTH', false],
    ['PLAIN', 'Unsupported authentication mechanism', undefined, true],
    ['PLAIN', 'Unknown AUTH command', undefined, true],
    ['PLAIN', 'invalid base64 data', undefined, true],
    ['PLAIN', 'AUTH is disabled', undefined, true],
    ['PLAIN', 'AUTH is disabled', 'AUTH', false],
    ['PLAIN', 'Logon failure: unknown user name or bad password.', undefined, false],
    ['PLAIN', 'Your account has been disabled', undefined, false],
    ['PLAIN', 'invalid authentication credentials', undefined, false],
    ['PLAIN', 'syntax', 'SYS/TEMP', false],
    ['SCRAM-SHA-256', 'not supported for this account', undefined, true],
    ['APOP', 'authentication failed', 'AUTH', true],
    ['APOP', 'permission denied', undefined, true],
    ['APOP', 'locked', 'IN-USE', false],
    ['APOP', 'too soon', 'LOGIN-DELAY', false],
  ];
  for (const [way, text, code, refused] of cases) {
    const answer = { positive: false, text, ...(code === undefined ? {} : { code }) };
    assert.equal(wayWasRefused(way, answer), refused, `${way} ${code} ${text}`);
  }
});
