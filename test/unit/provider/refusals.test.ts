/*
 * The table of refusals: each row is met by the answer it was made for, and by no row before it;
 * and a table of its own says what the answers mean that people meet most.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '#provider/answer';
import { presetOf } from '#provider/finding';
import type { Meaning } from '#provider/meaning';
import { meaningOf, refusalRows, rowOf } from '#provider/refusals';
import { parseAnswer } from '#uplink/answers';

function answer(reply: string, to: Answer['to']): Answer {
  const parsed = parseAnswer(reply, to);
  assert.ok(parsed, reply);
  return parsed;
}

for (const { name, example, means } of refusalRows) {
  test(`row ${name} decides about its own example`, () => {
    const said = answer(example.reply, example.to);
    assert.equal(rowOf(said, example.provider)?.name, name);
    const meaning = meaningOf(said, example.provider);
    assert.equal(meaning.kind, means.kind);
    assert.ok(!JSON.stringify(meaning).includes('%'), JSON.stringify(meaning));
  });
}

test('each row has a name of its own, a source, and providers that exist', () => {
  assert.equal(new Set(refusalRows.map(({ name }) => name)).size, refusalRows.length);
  for (const { name, source, when, example, means } of refusalRows) {
    assert.match(source, /^(?:https?:\/\/\S+|RFC \d{4} §\d)/, name);
    for (const provider of [...(when.providers ?? []), example.provider]) {
      assert.ok(provider === '' || presetOf(provider), `${name}: ${provider}`);
    }
    assert.ok(!/[.!]$/.test(means.say), `${name}: others put it into their sentences`);
    assert.ok(!when.says?.global, `${name}: a global pattern remembers`);
  }
});

const meanings: readonly [string, Answer['to'], string, Partial<Meaning>][] = [
  ['250 2.0.0 OK  1699 d2e1a72fcca58 - gsmtp', 'end', 'gmail', { kind: 'sent' }],
  ['354 Go ahead', 'data', '', { kind: 'sent' }],
  [
    '550 5.4.5 Daily user sending quota exceeded. o65sm25351206pga.71 - gsmtp',
    'end',
    'gmail',
    {
      kind: 'quota',
      resumes: { at: '08:00' },
      say: 'Gmail takes no more mail from this account for today',
    },
  ],
  // The same through a relay at home, or a host of one's own.
  [
    '550 5.4.5 Daily user sending quota exceeded.',
    'end',
    '',
    { kind: 'quota', resumes: { at: '08:00' } },
  ],
  ['432 4.3.2 Concurrent connections limit exceeded.', 'end', 'outlook', { kind: 'pause' }],
  [
    '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
    'end',
    'outlook',
    { kind: 'quota', resumes: { at: '08:00' } },
  ],
  [
    '554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException',
    'end',
    'outlook',
    { kind: 'never', status: '5.7.1' },
  ],
  ['554 5.2.0 STOREDRV.Submission.Exception:Whatever', 'end', 'outlook', { kind: 'later' }],
  [
    '535 5.7.139 Authentication unsuccessful, basic authentication is disabled.',
    'sign-in',
    'outlook',
    { kind: 'sign-in', advice: 'Sign in on its own pages: restante uplink signin NAME' },
  ],
  [
    '535 5.7.0 (#AUTH005) Too many bad auth attempts.',
    'sign-in',
    'yahoo',
    {
      kind: 'sign-in',
      advice:
        'Make one at https://login.yahoo.com/account/security. Then: restante uplink password NAME',
    },
  ],
  ['535 5.7.8 Error: authentication failed', 'sign-in', '', { kind: 'sign-in' }],
  [
    '535 5.7.8 Error: authentication failed',
    'sign-in',
    'icloud',
    {
      kind: 'sign-in',
      say: 'iCloud refuses the password. It wants an app password, not the one of the account',
    },
  ],
  [
    '421 4.7.0 Temporary System Problem.  Try again later. - gsmtp',
    'mail',
    'gmail',
    { kind: 'pause' },
  ],
  ['421 4.3.2 shutting down', 'rcpt', '', { kind: 'pause' }],
  [
    '421 Rate limit reached. Please try again later',
    'mail',
    '',
    { kind: 'quota', resumes: { afterMs: 900_000 } },
  ],
  [
    '550 5.1.1 <bob@b.example>: User unknown',
    'rcpt',
    '',
    { kind: 'never', status: '5.1.1', advice: 'Check the address for slips and send it again' },
  ],
  ['550 No such user here', 'rcpt', '', { kind: 'never', status: '5.1.1' }],
  ['452 4.2.2 Mailbox full', 'rcpt', '', { kind: 'later', say: "The recipient's mailbox is full" }],
  ['552 5.2.2 Mailbox full', 'rcpt', '', { kind: 'never', status: '5.2.2' }],
  ['452 Requested action not taken: insufficient system storage', 'rcpt', '', { kind: 'later' }],
  ['552 5.3.4 Message size exceeds fixed limit', 'mail', '', { kind: 'never', status: '5.3.4' }],
  ['452 4.5.3 Too many recipients', 'rcpt', 'gmail', { kind: 'later' }],
  ['451 4.7.1 Greylisting in action, please come back later', 'rcpt', '', { kind: 'later' }],
  [
    '554 5.4.6 Hop count exceeded - possible mail loop',
    'end',
    '',
    { kind: 'never', status: '5.4.6' },
  ],
  [
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    'end',
    'microsoft365',
    { kind: 'never', status: '5.7.1' },
  ],
  [
    '554 5.7.1 Service unavailable; Client host [203.0.113.7] blocked',
    'greeting',
    '',
    { kind: 'pause' },
  ],
  [
    '550 5.7.1 Message rejected as spam',
    'end',
    '',
    { kind: 'never', say: 'The message was taken for spam', status: '5.7.1' },
  ],
  ['450 4.1.8 Sender address rejected: Domain not found', 'rcpt', '', { kind: 'later' }],
  // A class that contradicts the code (RFC 2034 §4): the code decides.
  ['550 4.1.1 Odd', 'rcpt', '', { kind: 'never', status: '5.0.0' }],
  ['450 5.1.1 Odd', 'rcpt', '', { kind: 'later' }],
  ['454 4.7.0 Temporary authentication failure', 'sign-in', '', { kind: 'pause' }],
];

for (const [reply, to, provider, wanted] of meanings) {
  test(`to ${to}${provider && ` at ${provider}`}: ${reply}`, () => {
    const meaning = meaningOf(answer(reply, to), provider);
    assert.deepEqual({ ...meaning, ...wanted }, meaning);
  });
}

const places = ['greeting', 'hello', 'sign-in', 'mail', 'rcpt', 'data', 'end'] as const;

test('every answer means something, and a temporary one never bounces', () => {
  for (let code = 400; code < 600; code += 1) {
    for (const to of places) {
      const { kind } = meaningOf({ code, text: '', to }, '');
      assert.notEqual(kind, 'sent');
      if (code < 500) assert.notEqual(kind, 'never', `${code} to ${to}`);
      // Nobody's mail goes back because the server did not speak to the box, or knew it not.
      if (to === 'greeting' || to === 'hello' || to === 'sign-in') assert.notEqual(kind, 'never');
    }
  }
  assert.equal(meaningOf({ code: 999, text: '', to: 'end' }, '').kind, 'pause');
  assert.equal(meaningOf({ code: 0, text: '', to: 'greeting' }, '').kind, 'pause');
});

test('a status of never is a permanent one', () => {
  for (const { example, means } of refusalRows) {
    if (means.kind !== 'never') continue;
    const meaning = meaningOf(answer(example.reply, example.to), example.provider);
    assert.ok(meaning.kind === 'never' && /^5\.\d+\.\d+$/.test(meaning.status), example.reply);
  }
});

test('hostile words cost no time', () => {
  const begun = process.cpuUsage();
  const words = ['user ', 'relay ', 'too many ', '1 ', 'exceeded your ', 'number of ', 'a'];
  for (const word of words) {
    const text = word.repeat(200_000);
    for (const to of places) meaningOf({ code: 550, text, to }, '');
  }
  assert.ok(process.cpuUsage(begun).user < 2_000_000);
});
