/*
 * Connecting to a POP3 source and signing in, over real sockets and TLS: what works, and what
 * each way to fail becomes: the stage, the code, the server's words.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { before, test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { SystemRandom } from '#base/random';
import { patient } from '#collector/pop3/limits';
import { Pop3Connector } from '#collector/pop3-upstream';
import type { SourceTarget } from '#collector/upstream';
import { connectionWords } from '#provider/connection-words';
import { type Certificate, TestAuthority } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/net-peer.ts';
import { connected, connector, maildropOf, target } from '../support/pop3-peer.ts';
import {
  type Asked,
  type Pop3Script,
  ScriptedPop3Server,
  silence,
} from '../support/scripted-pop3-server.ts';

let authority: TestAuthority;
let good: Certificate;
let expired: Certificate;

before(async () => {
  authority = await TestAuthority.make();
  good = await authority.issue();
  expired = await authority.issue({ from: -30, to: -1 });
});

const oneMessage = [{ uid: 'a', octets: 'Subject: a\r\n\r\n' }];
const token = { secret: { accessToken: 'correct horse' } };
const longToken = 'ya29.'.padEnd(1500, 'x');

interface Success {
  readonly name: string;
  readonly script: Pop3Script;
  readonly more?: Partial<SourceTarget>;
  readonly signedIn: string;
  /** The verbs that the server heard. */
  readonly heard: string;
}

const successes: readonly Success[] = [
  {
    name: 'in the clear on this machine',
    script: {},
    signedIn: 'USER ann',
    heard: 'CAPA USER PASS CAPA STAT QUIT',
  },
  {
    name: 'STLS, and CAPA only behind it',
    script: { security: 'starttls', mechanisms: ['PLAIN'] },
    signedIn: 'PLAIN ann',
    heard: 'STLS CAPA AUTH CAPA STAT QUIT',
  },
  {
    name: 'TLS, a server that offers it all',
    script: { security: 'tls', offers: ['TOP', 'UIDL', 'PIPELINING'], mechanisms: ['PLAIN'] },
    signedIn: 'PLAIN ann',
    heard: 'CAPA AUTH STAT QUIT',
  },
  {
    name: 'APOP in the clear',
    script: { apop: true },
    signedIn: 'APOP ann',
    heard: 'CAPA APOP CAPA STAT QUIT',
  },
  {
    name: 'APOP is not taken over TLS',
    script: { security: 'tls', apop: true },
    signedIn: 'USER ann',
    heard: 'CAPA USER PASS CAPA STAT QUIT',
  },
  {
    name: 'a server that has forgotten the password that APOP needs',
    script: { apop: true, answer: ({ at }) => (at === 'apop' ? '-ERR [AUTH] failed' : undefined) },
    signedIn: 'USER ann',
    heard: 'CAPA APOP USER PASS CAPA STAT QUIT',
  },
  {
    name: 'AUTH is offered and does not work',
    script: {
      security: 'tls',
      mechanisms: ['PLAIN'],
      answer: ({ at }) => (at === 'auth' ? '-ERR AUTH is disabled' : undefined),
    },
    signedIn: 'USER ann',
    heard: 'CAPA AUTH USER PASS CAPA STAT QUIT',
  },
  {
    name: 'a server of 1993',
    script: { offers: 'none', messages: oneMessage },
    signedIn: 'USER ann',
    heard: 'CAPA USER PASS STAT UIDL QUIT',
  },
  {
    name: 'XOAUTH2',
    script: { security: 'tls', mechanisms: ['PLAIN', 'XOAUTH2'] },
    more: token,
    signedIn: 'XOAUTH2 ann',
    heard: 'CAPA AUTH CAPA STAT QUIT',
  },
  {
    name: 'XOAUTH2 with a token that is too long for a command',
    script: { security: 'tls', mechanisms: ['XOAUTH2'], users: { ann: longToken } },
    more: { secret: { accessToken: longToken } },
    signedIn: 'XOAUTH2 ann',
    heard: 'CAPA AUTH response CAPA STAT QUIT',
  },
  {
    name: 'a server that knows AUTH LOGIN only, which has the first word',
    script: { security: 'tls', offers: ['TOP', 'UIDL', 'PIPELINING'], mechanisms: ['LOGIN'] },
    signedIn: 'LOGIN ann',
    heard: 'CAPA AUTH response response STAT QUIT',
  },
  {
    name: 'what is said in the clear behind STLS is not heard',
    script: {
      security: 'starttls',
      answer: ({ at }) =>
        at === 'stls' ? { raw: '+OK go ahead\r\n-ERR injected\r\n+OK injected\r\n' } : undefined,
    },
    signedIn: 'USER ann',
    heard: 'STLS CAPA USER PASS CAPA STAT QUIT',
  },
  {
    name: 'by name',
    script: { security: 'tls' },
    more: { host: 'localhost' },
    signedIn: 'USER ann',
    heard: 'CAPA USER PASS CAPA STAT QUIT',
  },
];

function verbs(commands: readonly string[]): string {
  return commands.map((line) => /^[A-Z]{3,4}(?= |$)/.exec(line)?.[0] ?? 'response').join(' ');
}

for (const { name, script, more = {}, signedIn, heard } of successes) {
  test(`connects: ${name}`, async () => {
    const { security = 'none' } = script;
    await using server = await ScriptedPop3Server.listen({ certificate: good, ...script });
    const upstream = await connected(server.port, { security, ca: authority.pem, ...more });
    const { facts } = upstream;
    assert.equal(facts.with, security === 'none' ? 'POP3' : 'POP3S');
    assert.match(facts.tls ?? 'none', security === 'none' ? /^none$/ : /^TLSv1\.3 TLS_AES_/);
    assert.equal(facts.address, '127.0.0.1');
    assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
    assert.equal(server.sessions[0]?.signedIn, signedIn);
    assert.equal(verbs(server.commands), heard);
    assert.equal(server.sessions.length, 1);
  });
}

test('what CAPA says of how often one may come, as far as it can be meant', async () => {
  for (const [said, loginDelay] of [
    [300, 300_000],
    [999_999_999_999, 86_400_000],
  ]) {
    const offers = ['TOP', 'UIDL', `LOGIN-DELAY ${said}`];
    await using server = await ScriptedPop3Server.listen({ offers });
    const upstream = await connected(server.port);
    assert.equal(upstream.facts.loginDelay, loginDelay);
    await upstream.close();
  }
});

interface Failure {
  readonly name: string;
  readonly script?: Pop3Script;
  readonly more?: Partial<SourceTarget>;
  /** Stage, code, the answer's code and text. */
  readonly becomes: string;
  readonly detail?: RegExp;
  /** None of these words was heard. */
  readonly unheard?: RegExp;
  /** From then on the server says nothing, and time passes. */
  readonly silentFrom?: (server: ScriptedPop3Server) => boolean;
}

const failures: readonly Failure[] = [
  {
    name: 'the wrong password',
    more: { secret: { password: 'wrong' } },
    becomes: 'sign-in REFUSED AUTH wrong user or password',
  },
  {
    name: 'the wrong password, and it is tried once only',
    script: { security: 'tls', mechanisms: ['PLAIN'] },
    more: { secret: { password: 'wrong' } },
    becomes: 'sign-in REFUSED AUTH wrong user or password',
    unheard: /USER/,
  },
  {
    name: 'a user that is refused at USER',
    script: { answer: ({ at }) => (at === 'user' ? '-ERR never heard of you' : undefined) },
    becomes: 'sign-in REFUSED - never heard of you',
    unheard: /PASS/,
  },
  {
    name: 'a maildrop that is in use',
    script: { answer: ({ at }) => (at === 'pass' ? '-ERR [in-use] locked' : undefined) },
    becomes: 'sign-in REFUSED IN-USE locked',
  },
  {
    name: 'a token that has expired: the challenge is answered with an empty line',
    script: { security: 'tls', mechanisms: ['XOAUTH2'] },
    more: { secret: { accessToken: 'old' } },
    becomes: 'sign-in REFUSED AUTH wrong user or password',
  },
  {
    name: 'a token, and no way to give it',
    script: { security: 'tls', mechanisms: ['PLAIN'] },
    more: token,
    becomes: 'sign-in NO-MECHANISM - -',
    detail: /only by PLAIN/,
  },
  {
    name: 'a password that would be a command',
    more: { secret: { password: 'x\r\nDELE 1' } },
    becomes: 'sign-in BAD-SECRET - -',
    unheard: /DELE|PASS|USER/,
  },
  {
    name: 'a SCRAM server that is not ours',
    script: {
      mechanisms: ['SCRAM-SHA-256'],
      answer: ({ at }) => (at === 'auth' ? '+OK come in' : undefined),
    },
    becomes: 'sign-in BAD-PROOF - -',
    detail: /did not prove/,
    unheard: /USER|PASS/,
  },
  ...['PLAIN', 'LOGIN', 'XOAUTH2'].map((mechanism) => ({
    name: `a server that asks on and on: ${mechanism}`,
    script: {
      security: 'tls' as const,
      offers: ['TOP', 'UIDL'],
      mechanisms: [mechanism],
      answer: ({ at }: Asked) =>
        at === 'auth' || at === 'challenge' ? { stream: ever('+ \r\n') } : undefined,
    },
    ...(mechanism === 'XOAUTH2' ? { more: token } : {}),
    becomes: 'sign-in EPROTOCOL - -',
    detail: /the sign-in does not end/,
  })),
  {
    name: 'a greeting that sends away',
    script: { answer: ({ at }) => (at === 'greeting' ? '-ERR [SYS/TEMP] too busy' : undefined) },
    becomes: 'greeting REFUSED SYS/TEMP too busy',
    unheard: /CAPA/,
  },
  {
    name: 'another protocol',
    script: { answer: ({ at }) => (at === 'greeting' ? '220 mx ESMTP' : undefined) },
    becomes: 'greeting EPROTOCOL - -',
    detail: /the server said "220 mx ESMTP" in place of \+OK or -ERR/,
  },
  {
    name: 'a server that says nothing',
    script: { answer: ({ at }) => (at === 'greeting' ? silence : undefined) },
    becomes: 'greeting ETIMEDOUT - -',
    detail: /no answer for 120 s/,
    silentFrom: ({ sessions }) => sessions.length > 0,
  },
  {
    name: 'a server that hangs up at once',
    script: { answer: ({ at }) => (at === 'greeting' ? { drop: 'end' } : undefined) },
    becomes: 'greeting ECLOSED - -',
  },
  {
    name: 'a server that resets the connection',
    script: { answer: ({ at }) => (at === 'capa' ? { drop: 'reset' } : undefined) },
    becomes: 'hello ECONNRESET - -',
  },
  {
    name: 'a greeting without an end',
    script: {
      answer: ({ at }) => (at === 'greeting' ? { stream: endless('+OK '.repeat(99)) } : undefined),
    },
    becomes: 'greeting EPROTOCOL - -',
    detail: /a line that does not end/,
  },
  {
    name: 'CAPA without an end',
    script: { answer: ({ at }) => (at === 'capa' ? { stream: endless('+OK\r\n') } : undefined) },
    becomes: 'hello EPROTOCOL - -',
    detail: /the answer to CAPA does not end/,
  },
  {
    name: 'a refusal, and the server hangs up at once: it is heard nevertheless',
    script: {
      answer: ({ at }) =>
        at === 'pass' ? { raw: '-ERR [AUTH] blocked\r\n', drop: 'end' } : undefined,
    },
    becomes: 'sign-in REFUSED AUTH blocked',
  },
  {
    name: 'no STLS',
    more: { security: 'starttls' },
    becomes: 'tls NO-STARTTLS - not here',
    unheard: /CAPA|USER/,
  },
  {
    name: 'STLS that never begins',
    script: { answer: ({ at }) => (at === 'stls' ? '+OK go ahead' : undefined) },
    more: { security: 'starttls' },
    becomes: 'tls ETIMEDOUT - -',
    silentFrom: ({ commands }) => commands.includes('STLS'),
  },
  {
    name: 'a certificate that has expired, by STLS',
    script: { security: 'starttls', certificate: undefined as unknown as Certificate },
    becomes: 'tls CERT_HAS_EXPIRED - -',
    unheard: /CAPA|USER/,
  },
  {
    name: 'a certificate that has expired, by TLS',
    script: { security: 'tls', certificate: undefined as unknown as Certificate },
    becomes: 'tls CERT_HAS_EXPIRED - -',
  },
  {
    name: 'STAT that makes no sense',
    script: { answer: ({ at }) => (at === 'stat' ? '+OK some' : undefined) },
    becomes: 'hello EPROTOCOL - -',
    detail: /it answers STAT with "some"/,
  },
  {
    name: 'STAT that is refused',
    script: { answer: ({ at }) => (at === 'stat' ? '-ERR [SYS/PERM] broken' : undefined) },
    becomes: 'hello REFUSED SYS/PERM broken',
  },
  {
    name: 'UIDL that is refused for the moment: nothing is named otherwise for that',
    script: {
      offers: [],
      messages: oneMessage,
      answer: ({ at }) => (at === 'uidl' ? '-ERR [SYS/TEMP] not now' : undefined),
    },
    becomes: 'hello REFUSED SYS/TEMP not now',
    unheard: /TOP/,
  },
  {
    name: 'neither UIDL nor TOP',
    script: {
      offers: [],
      messages: oneMessage,
      answer: ({ at }) => (at === 'uidl' || at === 'top' ? '-ERR what?' : undefined),
    },
    becomes: 'hello NO-UIDL - -',
    detail: /neither UIDL 1 nor TOP 1 0/,
  },
];

function* ever(words: string): Generator<string> {
  for (;;) yield words;
}

function* endless(begin: string): Generator<string> {
  yield begin;
  for (;;)
    yield 'X-CAPABILITY\r\n'.repeat(100).replaceAll('\r\n', begin.endsWith('\n') ? '\r\n' : ' ');
}

for (const row of failures) {
  const { name, script = {}, more = {}, becomes, detail, unheard, silentFrom } = row;
  test(`does not connect: ${name}`, async () => {
    const certificate = 'certificate' in script ? expired : good;
    await using server = await ScriptedPop3Server.listen({ ...script, certificate });
    const { security = 'none' } = script;
    const wanted = target(server.port, { security, ca: authority.pem, ...more });
    const clock = silentFrom === undefined ? undefined : new FakeClock();
    const connecting = connector(clock).connect(wanted);
    if (silentFrom !== undefined) await until('the silence', () => silentFrom(server));
    const result = await (clock?.passUntil(connecting) ?? connecting);
    assert.ok(!result.ok, 'it connected');
    const { stage, code, answer } = result.error;
    const said = answer === undefined ? '- -' : `${answer.code ?? '-'} ${answer.text}`;
    assert.equal(`${stage} ${code} ${said}`, becomes);
    if (detail !== undefined) assert.match(result.error.detail, detail);
    if (unheard !== undefined) assert.doesNotMatch(server.commands.join('\n'), unheard);
    // Nothing is left open.
    await until('the end', () => server.sessions.every(({ closed }) => closed));
  });
}

test('an STLS that is refused has words for people', async () => {
  await using server = await ScriptedPop3Server.listen();
  const wanted = target(server.port, { security: 'starttls' });
  const result = await connector().connect(wanted);
  assert.ok(!result.ok);
  const ports = { tls: 995, starttls: 110, blocked: [] };
  const about = { ...wanted, clockIsSane: true };
  const words = connectionWords(result.error, about, ports);
  assert.match(words?.say ?? '', /does not offer STARTTLS on port/);
});

test('no secret crosses the network in the clear', async (t) => {
  const far = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.internal === false && one.family === 'IPv4')?.address;
  if (far === undefined) return t.skip('this machine has no network');
  for (const mechanisms of [[], ['PLAIN', 'XOAUTH2', 'SCRAM-SHA-256']]) {
    const script: Pop3Script = { host: far, apop: true, mechanisms };
    await using server = await ScriptedPop3Server.listen(script);
    for (const more of [{}, token]) {
      const result = await connector().connect(target(server.port, { host: far, ...more }));
      assert.equal(!result.ok && result.error.code, 'IN-THE-CLEAR');
    }
    assert.doesNotMatch(server.commands.join('\n'), /USER|PASS|AUTH|APOP/);
  }
});

test('each wait ends when its time is over, and not before', async () => {
  const moments = [
    ['greeting', patient.greeting],
    ['capa', patient.command],
    ['pass', patient.command],
    ['stat', patient.command],
  ] as const;
  for (const [at, wait] of moments) {
    let asked = false;
    await using server = await ScriptedPop3Server.listen({
      answer: (one) => {
        if (one.at !== at) return undefined;
        asked = true;
        return silence;
      },
    });
    const clock = new FakeClock();
    const pop3 = new Pop3Connector({ clock, random: new SystemRandom() });
    let settled = false;
    const connecting = pop3.connect(target(server.port)).finally(() => {
      settled = true;
    });
    await until(at, () => asked);
    clock.advance(wait - 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(settled, false, at);
    clock.advance(2);
    const result = await connecting;
    assert.equal(!result.ok && result.error.code, 'ETIMEDOUT', at);
    assert.equal(clock.waiting, 0, `${at}: an alarm is left`);
  }
});

test('a connection that is given up, before and while it is made', async () => {
  const gaveUp = new AbortController();
  await using server = await ScriptedPop3Server.listen({
    answer: ({ at }) => {
      if (at !== 'pass') return undefined;
      gaveUp.abort();
      return silence;
    },
  });
  const result = await connector().connect(target(server.port), gaveUp.signal);
  assert.equal(!result.ok && result.error.code, 'ABORTED');
  const again = await connector().connect(target(server.port), gaveUp.signal);
  assert.equal(!again.ok && again.error.code, 'ABORTED');
  assert.equal(server.sessions.length, 1);
  await until('the end', () => server.sessions[0]?.closed === true);
});

test('the trace shows the conversation and no secret', async () => {
  for (const mechanisms of [[], ['PLAIN']]) {
    await using server = await ScriptedPop3Server.listen({ mechanisms });
    const lines: LogLine[] = [];
    const clock = new FakeClock();
    const log = new Log(
      (line) => lines.push(line),
      clock,
      () => 'trace',
    );
    const pop3 = new Pop3Connector({ clock, random: new SystemRandom(), log });
    const result = await pop3.connect(target(server.port));
    assert.ok(result.ok);
    await maildropOf(result.value);
    await result.value.close();
    const trace = lines.map(({ say }) => say).join('\n');
    assert.match(trace, /^S: \+OK POP3 ready\nC: CAPA\n/);
    assert.match(trace, /C: (PASS|AUTH PLAIN) \*{5}\n/);
    assert.doesNotMatch(trace, /correct|horse|AGFubgBj/);
  }
});
