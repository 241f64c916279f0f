/* What answers to a sign-in mean, and when to come again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AboutSource, explain } from '#collector/explain';
import { afterRefusal, afterTrouble, type Past, signInMeaning, stepOf } from '#collector/manners';
import type { UpstreamConnectTrouble } from '#collector/upstream';

const answers: readonly [string | undefined, string, ReturnType<typeof signInMeaning>][] = [
  ['IN-USE', 'Do you have another POP session running?', 'in-use'],
  ['INUSE', 'somebody is there', 'in-use'],
  ['LOGIN-DELAY', 'minimum time between mail checks is 3 minutes', 'login-delay'],
  ['SYS/TEMP', 'mail server failure', 'later'],
  ['UNAVAILABLE', 'Temporary authentication failure', 'later'],
  ['LIMIT', 'too many', 'later'],
  ['sys/perm', 'this account is closed', 'person'],
  ['AUTH', 'invalid user or password', 'person'],
  ['AUTHENTICATIONFAILED', 'Invalid credentials, try again', 'person'],
  ['AUTHORIZATIONFAILED', 'no', 'person'],
  ['WEBALERT', 'https://accounts.example', 'person'],
  ['REFERRAL', 'Try again at server2', 'person'],
  ['ALERT', 'Please log in via your web browser: https://x (Failure)', 'person'],
  ['ALERT', 'Application-specific password required', 'person'],
  ['ALERT', 'Too many simultaneous connections. (Failure)', 'later'],
  [undefined, 'maildrop already locked', 'in-use'],
  [undefined, 'Mailbox is locked by another session', 'in-use'],
  [undefined, 'mailbox in use', 'in-use'],
  [undefined, 'Unable to lock maildrop', 'in-use'],
  [undefined, 'server busy', 'later'],
  [undefined, 'Temporary failure, try again later', 'later'],
  // https://github.com/frappe/frappe/issues/242
  [
    undefined,
    'Exceeded the login limit for a 15 minute period. Reduce the frequency of requests to the POP3 server.',
    'later',
  ],
  // https://github.com/Webklex/php-imap/issues/464
  [undefined, 'User is authenticated but not connected.', 'later'],
  // https://github.com/lefcha/imapfilter/issues/146
  [undefined, 'Server Unavailable. 15', 'later'],
  [undefined, 'Account is locked', 'person'],
  [undefined, 'authentication failed', 'person'],
  [undefined, '', 'person'],
];

for (const [code, text, meaning] of answers) {
  test(`[${code ?? ''}] ${text}: ${meaning}`, () => {
    assert.equal(signInMeaning({ text, ...(code === undefined ? {} : { code }) }), meaning);
  });
}

const minute = 60_000;
const fresh: Past = { failures: 0, refusals: 0, worked: false };

test('it comes again later each time, and within an hour', () => {
  const steps = [0, 1, 2, 3, 4, 5, 6, 99].map((failures) => stepOf(failures, 0.5) / minute);
  assert.deepEqual(steps, [1, 2, 5, 15, 30, 60, 60, 60]);
  assert.equal(stepOf(0, 0), 54_000);
  assert.equal(stepOf(0, 1), 66_000);
});

test('a refused password stops; one that has worked is tried once more', () => {
  const no = { code: 'AUTH', text: 'no' };
  assert.deepEqual(afterRefusal(no, fresh, 0.5, 0), { kind: 'stop', code: 'sign-in' });
  const worked = { ...fresh, worked: true };
  assert.deepEqual(afterRefusal(no, worked, 0.5, 0), { kind: 'again', wait: 5 * minute });
  const again = { ...worked, refusals: 1 };
  assert.deepEqual(afterRefusal(no, again, 0.5, 0), { kind: 'stop', code: 'sign-in' });
});

test('a server that is busy is given the time it wants', () => {
  const busy = { ...fresh, failures: 3 };
  const wait = (code: string, delay = 0) => {
    const coming = afterRefusal({ code, text: '' }, busy, 0.5, delay);
    return coming.kind === 'again' ? coming.wait / minute : coming.kind;
  };
  assert.equal(wait('IN-USE'), 1);
  assert.equal(wait('SYS/TEMP'), 15);
  assert.equal(wait('LOGIN-DELAY', 20 * minute), 20);
  assert.equal(wait('LOGIN-DELAY', minute), 15);
});

test('other troubles', () => {
  const kinds = (['unreachable', 'clock', 'certificate', 'settings', 'sign-in'] as const).map(
    (kind) => afterTrouble(kind, fresh, 0.5).kind,
  );
  assert.deepEqual(kinds, ['again', 'again', 'rarely', 'rarely', 'stop']);
});

const about: AboutSource = {
  name: 'gmail',
  protocol: 'imap',
  host: 'imap.gmail.com',
  port: 993,
  security: 'tls',
  clockIsSane: true,
};
const sentences: readonly [UpstreamConnectTrouble, Partial<AboutSource>, string, RegExp][] = [
  [
    { stage: 'greeting', code: 'EPROTOCOL', detail: 'the server said "+OK hi" in place of "* OK"' },
    { port: 995 },
    'settings',
    /gmail\.com speaks POP3 on port 995, not IMAP\. Take --protocol pop3, or its port for IMAP: m.*993/,
  ],
  [
    { stage: 'greeting', code: 'EPROTOCOL', detail: 'the server said "* OK hi" in place of +OK' },
    { protocol: 'pop3' },
    'settings',
    /speaks IMAP on port 993, not POP3\. Take --protocol imap/,
  ],
  [
    { stage: 'connect', code: 'ECONNREFUSED', detail: '' },
    {},
    'unreachable',
    /mostly 143 .*or 993/,
  ],
  [
    { stage: 'connect', code: 'ECONNREFUSED', detail: '' },
    { protocol: 'pop3' },
    'unreachable',
    /mostly 110 .*or 995/,
  ],
  [{ stage: 'tls', code: 'CERT_HAS_EXPIRED', detail: '' }, {}, 'certificate', /has expired/],
  [{ stage: 'tls', code: 'CERT_HAS_EXPIRED', detail: '' }, { clockIsSane: false }, 'clock', /time/],
  [refused('AUTH'), {}, 'sign-in', /refuses .*\. Give .*: restante source password gmail$/],
  [refused('AUTH'), { oauth: true }, 'sign-in', /Sign in anew: restante source signin gmail$/],
  [
    refused('AUTH'),
    { first: 'Gmail wants an app password.' },
    'sign-in',
    /Gmail wants an app password\. Give .*/,
  ],
  [refused('IN-USE'), {}, 'unreachable', /Somebody else is reading .*: no\. .*a minute/],
  [refused('LOGIN-DELAY'), {}, 'unreachable', /more time between/],
  [refused('REFERRAL'), {}, 'settings', /on another server: no\. .*source change gmail --host/],
  [{ ...refused('REFERRAL'), stage: 'greeting' }, {}, 'settings', /on another server: no/],
  [refused('UNAVAILABLE'), {}, 'unreachable', /lets nobody in just now: no/],
  [{ ...refused('LIMIT'), stage: 'greeting' }, {}, 'unreachable', /takes nobody in now: no/],
  [{ stage: 'hello', code: 'NO-UIDL', detail: '' }, {}, 'settings', /UIDL.*--protocol imap/],
  [signIn('NO-SECRET'), {}, 'sign-in', /no password for gmail\. .*source password gmail/],
  [signIn('IN-THE-CLEAR'), {}, 'settings', /not encrypted/],
  [signIn('BAD-PROOF'), {}, 'certificate', /did not prove/],
  [signIn('NO-MECHANISM', 'only XOAUTH2'), {}, 'sign-in', /restante source signin gmail/],
  [signIn('NO-MECHANISM', 'only GSSAPI'), {}, 'sign-in', /no way .*GSSAPI/],
  [signIn('ESTRANGE', 'what'), {}, 'unreachable', /The sign-in at .* failed \(what\)/],
];

function signIn(code: string, detail = ''): UpstreamConnectTrouble {
  return { stage: 'sign-in', code, detail };
}

function refused(code: string): UpstreamConnectTrouble {
  return { ...signIn('REFUSED', 'no'), answer: { code, text: 'no' } };
}

for (const [trouble, more, kind, words] of sentences) {
  test(`${trouble.stage} ${trouble.code} ${trouble.answer?.code ?? ''} ${words}`, () => {
    const { kind: found, say, advice } = explain(trouble, { ...about, ...more });
    assert.equal(found, kind);
    assert.match(`${say}. ${advice}`, words);
  });
}
