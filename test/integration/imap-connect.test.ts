/*
 * Connecting to a source by IMAP and signing in, over real sockets and TLS: what works, and what each
 * way to fail becomes: the stage, the code, the server's own words.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { before, test } from 'node:test';
import type { SourceTarget, UpstreamConnectTrouble } from '#collector/upstream';
import { freePort, waitUntil } from '../../scripts/bench/processes.ts';
import { type Certificate, selfSigned, TestAuthority } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { connector, got, targetAt, users } from '../support/imap-peer.ts';
import { until } from '../support/net-peer.ts';
import {
  type ImapScript,
  type ImapSession,
  ScriptedImapServer,
  silence,
  usualCapabilities,
} from '../support/scripted-imap-server.ts';

let authority: TestAuthority;
/** Good, and wrong in one way. */
const certificates: Record<string, Certificate> = {};

before(async () => {
  authority = await TestAuthority.make();
  certificates['good'] = await authority.issue();
  certificates['expired'] = await authority.issue({ from: -30, to: -1 });
  certificates['misnamed'] = await authority.issue({ names: ['mx.example.net'] });
  certificates['self-signed'] = await selfSigned();
});

const token = { user: 'ann', secret: { accessToken: 'correct horse' } };
const without = (...words: string[]) => usualCapabilities.filter((word) => !words.includes(word));

interface Success {
  readonly name: string;
  readonly script?: Partial<ImapScript>;
  readonly more?: Partial<SourceTarget>;
  readonly signedIn: string;
}

const successes: readonly Success[] = [
  { name: 'in the clear, on loopback', signedIn: 'PLAIN ann' },
  { name: 'STARTTLS', script: { security: 'starttls' }, signedIn: 'PLAIN ann' },
  { name: 'TLS', script: { security: 'tls' }, signedIn: 'PLAIN ann' },
  {
    name: 'LOGIN, where AUTHENTICATE is not offered',
    script: { security: 'tls', capabilities: without('AUTH=PLAIN') },
    signedIn: 'LOGIN ann',
  },
  { name: 'a token', script: { security: 'tls' }, more: token, signedIn: 'XOAUTH2 ann' },
  {
    name: 'a token, as RFC 7628 has it',
    script: { security: 'tls', capabilities: [...usualCapabilities, 'AUTH=OAUTHBEARER'] },
    more: token,
    signedIn: 'OAUTHBEARER ann',
  },
  {
    name: 'a token, without SASL-IR',
    script: { security: 'tls', capabilities: without('SASL-IR') },
    more: token,
    signedIn: 'XOAUTH2 ann',
  },
  {
    name: 'other capabilities after the sign-in',
    script: { capabilities: ['IMAP4rev1', 'AUTH=PLAIN'], capabilitiesSignedIn: usualCapabilities },
    signedIn: 'PLAIN ann',
  },
];

for (const { name, script = {}, more = {}, signedIn } of successes) {
  test(`signs in: ${name}`, async () => {
    const { security = 'none' } = script;
    const certificate = certificates['good'] as Certificate;
    await using server = await ScriptedImapServer.listen({ certificate, users, ...script });
    const target = targetAt(server.port, { security, ca: authority.pem, ...more });
    const upstream = got(await connector().connect(target));
    const [session] = server.sessions;
    assert.equal(session?.signedIn, signedIn);
    assert.equal(session?.secure, security !== 'none');
    const { facts } = upstream;
    assert.equal(facts.with, security === 'none' ? 'IMAP' : 'IMAPS');
    assert.equal(facts.address, '127.0.0.1');
    assert.equal(facts.tells, true);
    if (security === 'none') assert.equal(facts.tls, undefined);
    else assert.match(facts.tls ?? '', /^TLSv1\.3 TLS_AES_/);
    assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
    assert.equal(session?.commands.at(-1), 'LOGOUT');
    assert.equal(server.sessions.length, 1);
  });
}

interface Failure {
  readonly name: string;
  readonly script?: Partial<ImapScript> & { readonly certificate?: never };
  readonly certificate?: string;
  readonly more?: Partial<SourceTarget>;
  readonly stage: UpstreamConnectTrouble['stage'];
  readonly code: string | RegExp;
  readonly detail?: RegExp;
  readonly answer?: UpstreamConnectTrouble['answer'];
  /** From then on the server says nothing, and time passes. */
  readonly silentFrom?: (session: ImapSession) => boolean;
}

const at =
  (
    verb: string,
    wish: string | { drop: 'end' | 'reset'; raw?: string },
  ): NonNullable<ImapScript['answer']> =>
  (asked) =>
    asked.verb === verb ? wish : undefined;

const mute =
  (verb: string): NonNullable<ImapScript['answer']> =>
  (asked) =>
    asked.verb === verb ? silence : undefined;

const failures: readonly Failure[] = [
  {
    name: 'the greeting is a BYE',
    script: { answer: at('GREETING', '* BYE [UNAVAILABLE] Too many connections') },
    stage: 'greeting',
    code: 'REFUSED',
    answer: { code: 'UNAVAILABLE', text: 'Too many connections' },
  },
  {
    name: 'it hangs up before the greeting',
    script: { answer: at('GREETING', { drop: 'end' }) },
    stage: 'greeting',
    code: 'ECLOSED',
  },
  {
    name: 'it never greets',
    script: { answer: mute('GREETING') },
    stage: 'greeting',
    code: 'ETIMEDOUT',
    detail: /said nothing/,
    silentFrom: () => true,
  },
  {
    name: 'it is a POP3 server',
    script: { answer: at('GREETING', '+OK Dovecot ready.') },
    stage: 'greeting',
    code: 'EPROTOCOL',
    detail: /said "\+OK Dovecot ready\." in place of "\* OK"/,
  },
  {
    name: 'it greets without end',
    script: {
      answer: ({ verb }) => (verb === 'GREETING' ? { flood: () => 'x'.repeat(65536) } : undefined),
    },
    stage: 'greeting',
    code: 'EPROTOCOL',
  },
  {
    name: 'it says nothing to CAPABILITY',
    script: { answer: mute('CAPABILITY') },
    stage: 'hello',
    code: 'ETIMEDOUT',
    silentFrom: ({ commands }) => commands.includes('CAPABILITY'),
  },
  {
    name: 'STARTTLS is taken away on the way',
    script: {},
    more: { security: 'starttls' },
    stage: 'tls',
    code: 'NO-STARTTLS',
  },
  {
    name: 'STARTTLS is refused',
    script: { security: 'starttls', answer: at('STARTTLS', '$tag NO not now') },
    more: { security: 'starttls' },
    stage: 'tls',
    code: 'NO-STARTTLS',
  },
  {
    name: 'a greeting of PREAUTH, so that STARTTLS cannot be',
    script: { security: 'starttls', answer: at('GREETING', '* PREAUTH hello') },
    more: { security: 'starttls' },
    stage: 'tls',
    code: 'NO-STARTTLS',
  },
  {
    name: 'answers injected behind that of STARTTLS',
    script: {
      security: 'starttls',
      answer: ({ verb, line }) =>
        verb === 'STARTTLS' ? `$tag OK go\n* CAPABILITY IMAP4rev1 AUTH=PLAIN ${line}` : undefined,
    },
    more: { security: 'starttls' },
    stage: 'tls',
    code: 'STARTTLS_INJECTION',
  },
  {
    name: 'it goes away within the handshake of STARTTLS',
    script: { security: 'starttls', answer: at('STARTTLS', { drop: 'end', raw: '' }) },
    more: { security: 'starttls' },
    stage: 'tls',
    code: /./,
  },
  {
    name: 'an expired certificate',
    certificate: 'expired',
    script: { security: 'tls' },
    more: { security: 'tls' },
    stage: 'tls',
    code: 'CERT_HAS_EXPIRED',
  },
  {
    name: 'an expired certificate after STARTTLS',
    certificate: 'expired',
    script: { security: 'starttls' },
    more: { security: 'starttls' },
    stage: 'tls',
    code: 'CERT_HAS_EXPIRED',
  },
  {
    name: 'a certificate for another name, after STARTTLS',
    certificate: 'misnamed',
    script: { security: 'starttls' },
    more: { security: 'starttls' },
    stage: 'tls',
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  },
  {
    name: 'a certificate that nobody vouches for',
    certificate: 'self-signed',
    script: { security: 'tls' },
    more: { security: 'tls' },
    stage: 'tls',
    code: /SELF_SIGNED|UNABLE_TO_VERIFY/,
  },
  {
    name: 'a wrong password',
    more: { secret: { password: 'wrong' } },
    stage: 'sign-in',
    code: 'REFUSED',
    answer: { code: 'AUTHENTICATIONFAILED', text: 'Wrong user or password' },
  },
  {
    name: 'a wrong password to LOGIN',
    script: { capabilities: ['IMAP4rev1'] },
    more: { secret: { password: 'wrong' } },
    stage: 'sign-in',
    code: 'REFUSED',
    answer: { code: 'AUTHENTICATIONFAILED', text: 'Wrong user or password' },
  },
  {
    name: 'a token that is no longer good',
    more: { secret: { accessToken: 'stale' } },
    stage: 'sign-in',
    code: 'REFUSED',
    answer: { code: 'AUTHENTICATIONFAILED', text: 'Wrong user or password' },
  },
  ...['UNAVAILABLE', 'INUSE', 'LIMIT', 'EXPIRED', 'CONTACTADMIN'].map(
    (code): Failure => ({
      name: `NO [${code}] to the sign-in`,
      script: { answer: at('AUTHENTICATE', `$tag NO [${code}] Try \u0007later`) },
      stage: 'sign-in',
      code: 'REFUSED',
      answer: { code, text: 'Try later' },
    }),
  ),
  {
    name: 'NO without a code',
    script: { answer: at('AUTHENTICATE', '$tag NO no') },
    stage: 'sign-in',
    code: 'REFUSED',
    answer: { text: 'no' },
  },
  {
    name: 'BYE instead of an answer to the sign-in',
    script: { answer: at('AUTHENTICATE', '* BYE [LIMIT] Too often') },
    stage: 'sign-in',
    code: 'REFUSED',
    answer: { code: 'LIMIT', text: 'Too often' },
  },
  {
    name: 'sign-in that never ends',
    script: { answer: mute('AUTHENTICATE') },
    stage: 'sign-in',
    code: 'ETIMEDOUT',
    silentFrom: ({ commands }) => commands.some((one) => one.startsWith('AUTHENTICATE')),
  },
  {
    name: 'no sign-in with a password is offered',
    script: { capabilities: ['IMAP4rev1', 'LOGINDISABLED', 'AUTH=GSSAPI'] },
    stage: 'sign-in',
    code: 'NO-MECHANISM',
  },
  {
    name: 'no sign-in with a token is offered',
    script: { capabilities: ['IMAP4rev1', 'AUTH=PLAIN'] },
    more: token,
    stage: 'sign-in',
    code: 'NO-MECHANISM',
  },
];

for (const { name, script = {}, certificate = 'good', more = {}, ...expected } of failures) {
  test(`fails: ${name}`, async () => {
    await using server = await ScriptedImapServer.listen({
      users,
      certificate: certificates[certificate] as Certificate,
      ...script,
    });
    const target = targetAt(server.port, { ca: authority.pem, ...more });
    const { silentFrom } = expected;
    const clock = silentFrom === undefined ? undefined : new FakeClock();
    const connecting = connector(clock).connect(target);
    if (silentFrom !== undefined) {
      await until('the silence', () => server.sessions.some(silentFrom));
    }
    const result = await (clock?.passUntil(connecting) ?? connecting);
    assert.ok(!result.ok);
    const { stage, code, detail, answer } = result.error;
    assert.equal(stage, expected.stage, JSON.stringify(result.error));
    if (expected.code instanceof RegExp) assert.match(code, expected.code);
    else assert.equal(code, expected.code, JSON.stringify(result.error));
    assert.deepEqual(answer, expected.answer);
    assert.match(detail, expected.detail ?? /./);
    // Nothing of the secret is told.
    assert.doesNotMatch(JSON.stringify(result), /correct horse|stale|wrong"/);
    if (expected.stage !== 'sign-in') {
      assert.ok(!server.commands.some((line) => /^(LOGIN|AUTHENTICATE)/.test(line)));
    }
  });
}

const notLetIn: readonly (readonly [string, Partial<ImapScript>, Partial<SourceTarget>])[] = [
  ['in the clear', {}, {}],
  ['over TLS', { security: 'tls' }, { security: 'tls' }],
  ['behind STARTTLS', { security: 'starttls' }, { security: 'starttls' }],
  ['by LOGIN', { capabilities: ['IMAP4rev1'] }, {}],
  ['with nothing to sign in by', { capabilities: ['IMAP4rev1', 'LOGINDISABLED'] }, {}],
  ['where STARTTLS is not offered', {}, { security: 'starttls' }],
];

for (const [name, script, more] of notLetIn) {
  test(`who is not let in signs off, too: ${name}`, async () => {
    const certificate = certificates['good'] as Certificate;
    await using server = await ScriptedImapServer.listen({ users, certificate, ...script });
    const secret = { password: 'wrong' };
    const target = targetAt(server.port, { ca: authority.pem, secret, ...more });
    assert.equal((await connector().connect(target)).ok, false);
    const [session] = server.sessions;
    await waitUntil('the end of the connection', () => session?.closed === true, 10);
    assert.equal(session?.commands.at(-1), 'LOGOUT');
  });
}

test('a name that nobody has, and a port where nobody is', async () => {
  const nobody = await connector().connect(targetAt(1, { host: 'mail.nobody.invalid' }));
  assert.ok(!nobody.ok);
  // Without a resolver at hand the code is another one.
  assert.match(`${nobody.error.stage} ${nobody.error.code}`, /^name E(NOTFOUND|AI_AGAIN)$/);
  const refused = await connector().connect(targetAt(await freePort()));
  assert.deepEqual(!refused.ok && [refused.error.stage, refused.error.code], [
    'connect',
    'ECONNREFUSED',
  ]);
});

test('a secret never crosses the network in the clear', async (t) => {
  const addresses = Object.values(networkInterfaces()).flat();
  const host = addresses.find((one) => one?.family === 'IPv4' && !one.internal)?.address;
  if (host === undefined) return t.skip('there is no network');
  const heard: Buffer[] = [];
  const server = createServer((socket) =>
    socket.on('data', (octets: Buffer) => heard.push(octets)),
  );
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const result = await connector().connect(targetAt(port, { host }));
  assert.equal(!result.ok && result.error.code, 'IN-THE-CLEAR');
  server.close();
  assert.deepEqual(heard, []);
});

test('a signal ends connecting early, at any stage', async () => {
  for (const verb of ['GREETING', 'CAPABILITY', 'AUTHENTICATE', 'NAMESPACE']) {
    const stop = new AbortController();
    await using server = await ScriptedImapServer.listen({
      users,
      answer: (asked) => {
        if (asked.verb !== verb) return undefined;
        setImmediate(() => stop.abort());
        return silence;
      },
    });
    const result = await connector().connect(targetAt(server.port), stop.signal);
    assert.equal(!result.ok && result.error.code, 'ABORTED', verb);
  }
  const result = await connector().connect(targetAt(9), AbortSignal.abort());
  assert.equal(!result.ok && result.error.code, 'ABORTED');
});
