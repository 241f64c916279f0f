/* Failed connections in words: the rows that no server of ours can play, and what answers mean. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectStage } from '#net/dial';
import type { Answer } from '#provider/answer';
import type { Meaning } from '#provider/meaning';
import { type About, explain } from '#uplink/explain';

const about: About = {
  name: 'gmail',
  provider: 'gmail',
  host: 'smtp.gmail.com',
  port: 587,
  security: 'starttls',
  clockIsSane: true,
};
const never = (): Meaning => ({ kind: 'never', say: 'no', status: '5.0.0' });

const rows: readonly [ConnectStage, string, Partial<About>, string, RegExp][] = [
  ['name', 'ENOTFOUND', {}, 'unreachable', /no host by the name of smtp\.gmail\.com\. .*online\?/],
  ['name', 'EAI_AGAIN', {}, 'unreachable', /cannot be looked up now\. Is the box online\?/],
  ['name', 'ETIMEDOUT', {}, 'unreachable', /cannot be looked up now/],
  ['connect', 'ECONNREFUSED', {}, 'unreachable', /takes no connections on port 587/],
  [
    'connect',
    'ETIMEDOUT',
    { port: 25 },
    'unreachable',
    /your network, may block port 25\. Try --port 465/,
  ],
  ['connect', 'ETIMEDOUT', {}, 'unreachable', /may block port 587/],
  [
    'connect',
    'ETIMEDOUT',
    { port: 465 },
    'unreachable',
    /does not answer on port 465\. .*online\?/,
  ],
  ['connect', 'ETIMEDOUT', { port: 2525 }, 'unreachable', /slip in the name or the port/],
  ['connect', 'ENETUNREACH', {}, 'unreachable', /No way leads to smtp\.gmail\.com/],
  ['connect', 'EHOSTUNREACH', {}, 'unreachable', /No way leads/],
  [
    'connect',
    'EWEIRD',
    {},
    'unreachable',
    /no connection with smtp\.gmail\.com on port 587 \(detail\)/,
  ],
  ['tls', 'ERR_SSL_UNSUPPORTED_PROTOCOL', {}, 'settings', /TLS 1\.2 and newer/],
  ['tls', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', {}, 'settings', /TLS 1\.2 and newer/],
  ['tls', 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', {}, 'settings', /TLS 1\.2 and newer/],
  ['tls', 'ECONNRESET', { security: 'tls' }, 'settings', /--security starttls/],
  ['tls', 'CERT_REVOKED', {}, 'certificate', /it was revoked/],
  ['tls', 'SELF_SIGNED_CERT_IN_CHAIN', {}, 'certificate', /authority is not a known one/],
  ['tls', 'CERT_HAS_EXPIRED', {}, 'certificate', /it has expired/],
  ['tls', 'CERT_NOT_YET_VALID', { clockIsSane: false }, 'clock', /does not know what time it is/],
  // A wrong clock is not to blame for a wrong name.
  ['tls', 'SELF_SIGNED_CERT_IN_CHAIN', { clockIsSane: false }, 'certificate', /known one/],
  ['sign-in', 'NO-AUTH', { port: 25 }, 'settings', /Port 25 is for other servers/],
  ['sign-in', 'IN-THE-CLEAR', {}, 'settings', /The password was not sent/],
  ['sign-in', 'NO-MECHANISM', {}, 'sign-in', /no way of signing in that the box knows/],
  ['sign-in', 'EWEIRD', {}, 'unreachable', /The sign-in at smtp\.gmail\.com on port 587 failed/],
];

for (const [stage, code, more, kind, words] of rows) {
  test(`${stage} ${code} ${JSON.stringify(more)}`, () => {
    const trouble = { stage, code, detail: 'detail' };
    const found = explain(trouble, { ...about, ...more }, never);
    assert.equal(found.kind, kind);
    assert.match(`${found.say}. ${found.advice}`, words);
    for (const sentence of [found.say, found.advice]) {
      assert.match(sentence, /^($|[A-Za-z].*[^.]$)/);
    }
  });
}

const advice = 'Give the right one: restante uplink password NAME';
const meanings: readonly [Meaning, Answer['to'], number, Partial<About>, string, RegExp][] = [
  [
    { kind: 'sign-in', say: 'Gmail wants an app password', advice },
    'sign-in',
    535,
    {},
    'sign-in',
    /^Gmail wants an app password\. .*uplink password gmail$/,
  ],
  [
    { kind: 'sign-in', say: 'Gmail refuses', advice },
    'sign-in',
    535,
    { oauth: true },
    'sign-in',
    /Sign in anew: restante uplink signin gmail$/,
  ],
  [
    { kind: 'sign-in', say: 'x', advice: 'See https://example.org/' },
    'sign-in',
    535,
    { oauth: true },
    'sign-in',
    /See https/,
  ],
  [
    { kind: 'later', say: 'Gmail asks for patience' },
    'sign-in',
    454,
    {},
    'unreachable',
    /^Gmail asks for patience/,
  ],
  [{ kind: 'pause', say: 'Gmail is busy' }, 'greeting', 421, {}, 'unreachable', /^Gmail is busy/],
  [
    { kind: 'never', say: 'no', status: '5.7.1' },
    'sign-in',
    550,
    {},
    'sign-in',
    /refuses the user or the password/,
  ],
  [{ kind: 'sent' }, 'hello', 450, {}, 'unreachable', /wants no mail now: 450 words/],
];

for (const [meaning, to, code, more, kind, words] of meanings) {
  test(`${code} to ${to}, which means ${meaning.kind}`, () => {
    const answer: Answer = { code, text: 'words', to };
    const stage = to === 'sign-in' ? 'sign-in' : 'greeting';
    const trouble = { stage, code: 'REFUSED', detail: '', answer } as const;
    const asked: unknown[] = [];
    const found = explain(trouble, { ...about, ...more }, (...what) => {
      asked.push(...what);
      return meaning;
    });
    assert.deepEqual(asked, [answer, 'gmail']);
    assert.equal(found.kind, kind);
    assert.match(`${found.say}. ${found.advice}`, words);
  });
}

test('the names of a wrong certificate are named, not all of a hundred', () => {
  const names = Array.from({ length: 100 }, (_, index) => `DNS:a${index}.example`).join(', ');
  const detail = `Host: smtp.gmail.com. is not in the cert's altnames: ${names}`;
  const trouble = { stage: 'tls', code: 'ERR_TLS_CERT_ALTNAME_INVALID', detail } as const;
  const { say } = explain(trouble, about, never);
  assert.match(say, /it is for a0\.example, a1\.example, a2\.example, so nothing/);
});
