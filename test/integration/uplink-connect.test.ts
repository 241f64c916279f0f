/*
 * Connecting to a provider and signing in, over real sockets and TLS: what works, and what each way
 * to fail becomes: the stage, the code, and the sentences that `uplink test` says.
 */
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { before, test } from 'node:test';
import type { UplinkTarget } from '#uplink/connection';
import { explain } from '#uplink/explain';
import { UplinkTester } from '#uplink/tester';
import { freePort } from '../../scripts/bench/processes.ts';
import { type Certificate, selfSigned, TestAuthority } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { NetPeer, until } from '../support/net-peer.ts';
import {
  ScriptedSmtpServer,
  type ServerScript,
  type SmtpSession,
  silence,
} from '../support/scripted-smtp-server.ts';
import { connector, target } from '../support/uplink-peer.ts';

let authority: TestAuthority;
/** Good, and wrong in one way. */
const certificates: Record<string, Certificate> = {};

before(async () => {
  authority = await TestAuthority.make();
  certificates['good'] = await authority.issue();
  certificates['expired'] = await authority.issue({ from: -30, to: -1 });
  certificates['too early'] = await authority.issue({ from: 1, to: 30 });
  certificates['misnamed'] = await authority.issue({ names: ['mx.example.net', 'mx.example.com'] });
  certificates['self-signed'] = await selfSigned();
});

const ann = { user: 'ann', secret: { password: 'correct horse' } };
const users = { ann: 'correct horse' };
const all = ['XOAUTH2', 'CRAM-MD5', 'LOGIN', 'PLAIN'];

interface Success {
  readonly security: 'none' | 'starttls' | 'tls';
  readonly mechanisms?: readonly string[];
  readonly more?: Partial<UplinkTarget>;
  readonly signedIn: string;
  readonly ipv6?: true;
}

const successes: readonly Success[] = [
  { security: 'none', signedIn: '' },
  { security: 'none', more: ann, mechanisms: all, signedIn: 'PLAIN ann' },
  { security: 'starttls', more: ann, mechanisms: all, signedIn: 'PLAIN ann' },
  { security: 'tls', more: ann, mechanisms: ['LOGIN', 'CRAM-MD5'], signedIn: 'LOGIN ann' },
  { security: 'tls', more: ann, mechanisms: ['CRAM-MD5'], signedIn: 'CRAM-MD5 ann' },
  {
    security: 'tls',
    more: { user: 'ann', secret: { accessToken: 'correct horse' } },
    mechanisms: all,
    signedIn: 'XOAUTH2 ann',
  },
  { security: 'tls', more: { host: 'localhost' }, signedIn: '' },
];

for (const { security, mechanisms = [], more = {}, signedIn } of successes) {
  const name = `${more.host ?? ''} ${security} ${signedIn}`.trim();
  test(`connects: ${name}`, async () => {
    const certificate = certificates['good'] as Certificate;
    const script: ServerScript = { security, certificate, users, mechanisms };
    await using server = await ScriptedSmtpServer.listen(script);
    const wanted = target(server.port, { security, ca: authority.pem, ...more });
    const tester = new UplinkTester(connector(), never);
    const result = await tester.test(wanted, aboutOf(wanted));
    assert.deepEqual({ works: result.works, answer: result.answer }, { works: true, answer: '' });
    assert.match(result.say, /^It works: /);
    if (security === 'none') assert.equal(result.tls, undefined);
    else assert.match(result.tls ?? '', /^TLSv1\.3 TLS_AES_/);
    const [session] = server.sessions;
    assert.equal(session?.signedIn, signedIn);
    assert.equal(session?.secure, security !== 'none');
    assert.equal(session?.commands.at(-1), 'QUIT');
    assert.equal(server.sessions.length, 1);
  });
}

/** The table of refusals knows nothing in these tests. */
const never = () => ({ kind: 'never', say: 'no', status: '5.0.0' }) as const;

function aboutOf({ host, port, security, secret }: UplinkTarget, clockIsSane = true) {
  const oauth = secret !== undefined && 'accessToken' in secret;
  return { name: 'gmail', provider: '', host, port, security, oauth, clockIsSane };
}

interface Failure {
  readonly name: string;
  readonly script?: ServerScript;
  readonly certificate?: string;
  readonly more?: Partial<UplinkTarget>;
  readonly trusting?: false;
  readonly clockIsSane?: false;
  /** Stage, code and kind. */
  readonly becomes: string;
  readonly says: RegExp;
  readonly answer?: string;
  readonly hears?: (commands: readonly string[]) => void;
  /** From then on the server says nothing, and time passes. */
  readonly silentFrom?: (session: SmtpSession) => boolean;
}

/** It has heard the beginning of a handshake (RFC 8446 §5.1): 22. */
const hasTls = ({ heard }: SmtpSession) => heard.includes(22);

const failures: readonly Failure[] = [
  {
    name: 'a certificate that has expired',
    script: { security: 'tls' },
    certificate: 'expired',
    becomes: 'tls CERT_HAS_EXPIRED certificate',
    says: /not trusted: it has expired\. Whoever runs that server has to renew it/,
  },
  {
    name: 'a certificate that has expired, or so says a clock in 1970',
    script: { security: 'starttls' },
    certificate: 'expired',
    clockIsSane: false,
    becomes: 'tls CERT_HAS_EXPIRED clock',
    says: /does not know what time it is/,
  },
  {
    name: 'a certificate that is not valid yet',
    script: { security: 'starttls' },
    certificate: 'too early',
    becomes: 'tls CERT_NOT_YET_VALID certificate',
    says: /it is not valid yet/,
  },
  {
    name: 'a certificate for another name',
    script: { security: 'tls' },
    certificate: 'misnamed',
    becomes: 'tls ERR_TLS_CERT_ALTNAME_INVALID certificate',
    says: /not the one of localhost: it is for mx\.example\.net, mx\.example\.com, so nothing/,
    more: { host: 'localhost' },
  },
  {
    name: 'a certificate for another name, by STARTTLS and address',
    script: { security: 'starttls' },
    certificate: 'misnamed',
    becomes: 'tls ERR_TLS_CERT_ALTNAME_INVALID certificate',
    says: /not the one of 127\.0\.0\.1, so nothing was sent/,
  },
  {
    name: 'a certificate that is signed by itself',
    script: { security: 'starttls' },
    certificate: 'self-signed',
    trusting: false,
    becomes: 'tls DEPTH_ZERO_SELF_SIGNED_CERT certificate',
    says: /signed by the server itself\. .*--ca FILE/,
  },
  {
    name: 'a certificate of an unknown authority',
    script: { security: 'tls' },
    trusting: false,
    becomes: 'tls UNABLE_TO_VERIFY_LEAF_SIGNATURE certificate',
    says: /its authority is not a known one.*--ca FILE/,
  },
  {
    name: 'TLS where none is spoken',
    more: { security: 'tls' },
    becomes: 'tls ERR_SSL_WRONG_VERSION_NUMBER settings',
    says: /does not begin with TLS .*--security starttls/,
  },
  {
    name: 'TLS where the server waits for a word',
    script: { answer: ({ at }) => (at === 'greeting' ? silence : undefined) },
    more: { security: 'tls' },
    becomes: 'tls ETIMEDOUT settings',
    says: /does not begin with TLS .*--security starttls/,
    silentFrom: hasTls,
  },
  {
    name: 'no TLS where it is wanted from the first octet',
    script: { security: 'tls' },
    more: { security: 'starttls' },
    becomes: 'greeting ETIMEDOUT unreachable',
    says: /says nothing on port \d+\. It may want TLS from the first octet: try --security tls/,
    silentFrom: () => true,
  },
  {
    name: 'STARTTLS that is not offered',
    more: { security: 'starttls', ...ann },
    becomes: 'tls NO-STARTTLS settings',
    says: /does not offer STARTTLS/,
    answer: '502 5.5.1 Not here',
  },
  {
    name: 'STARTTLS that is out of order for now',
    script: { answer: ({ at }) => (at === 'starttls' ? '454 4.7.0 not now' : undefined) },
    more: { security: 'starttls', ...ann },
    becomes: 'tls REFUSED unreachable',
    says: /./,
    answer: '454 4.7.0 not now',
    hears: (commands) => assert.ok(!commands.join().includes('AUTH')),
  },
  {
    name: 'STARTTLS that was taken away on the way',
    script: { answer: ({ at }) => (at === 'starttls' ? '220 2.0.0 Go ahead' : undefined) },
    more: { security: 'starttls', ...ann },
    becomes: 'tls ETIMEDOUT unreachable',
    says: /stopped answering while the encryption began/,
    silentFrom: hasTls,
    hears: (commands) => assert.ok(!commands.join().includes('AUTH')),
  },
  {
    name: 'another protocol',
    script: { answer: ({ at }) => (at === 'greeting' ? 'HTTP/1.1 400 Bad Request' : undefined) },
    becomes: 'greeting EPROTOCOL settings',
    says: /is no mail server \(.*HTTP\/1\.1 400 Bad Request/,
  },
  {
    name: 'a flood before the greeting',
    script: {
      answer: ({ at }) => (at === 'greeting' ? { raw: '\r\n'.repeat(90_000) } : undefined),
    },
    becomes: 'greeting EPROTOCOL settings',
    says: /does not stop talking/,
  },
  {
    name: 'a greeting that says no',
    script: {
      answer: ({ at }) => (at === 'greeting' ? '554 5.7.1 \x1b[31mno mail here' : undefined),
    },
    becomes: 'greeting REFUSED unreachable',
    says: /./,
    answer: '554 5.7.1 [31mno mail here',
  },
  {
    name: 'no greeting',
    script: { answer: ({ at }) => (at === 'greeting' ? { drop: 'end' } : undefined) },
    becomes: 'greeting ECONNECTION unreachable',
    says: /hangs up .* before it says a word/,
  },
  {
    name: 'a server that is busy',
    script: { answer: ({ at }) => (at === 'hello' ? '421 4.3.2 too busy' : undefined) },
    becomes: 'hello REFUSED unreachable',
    says: /./,
    answer: '421 4.3.2 too busy',
  },
  {
    name: 'no answer to EHLO',
    script: { answer: ({ at }) => (at === 'hello' ? silence : undefined) },
    becomes: 'hello ETIMEDOUT unreachable',
    says: /stopped answering/,
    silentFrom: ({ commands }) => commands.length > 0,
  },
  {
    name: 'a wrong password',
    script: { security: 'tls', mechanisms: ['PLAIN'] },
    more: { user: 'ann', secret: { password: 'wrong' } },
    becomes: 'sign-in REFUSED sign-in',
    says: /refuses the user or the password\. Give the right password: restante uplink password gmail/,
    answer: '535 5.7.8 Wrong user or password',
  },
  {
    name: 'a wrong password, by LOGIN',
    script: { security: 'tls', mechanisms: ['LOGIN'] },
    more: { user: 'ann', secret: { password: 'wrong' } },
    becomes: 'sign-in REFUSED sign-in',
    says: /refuses/,
    answer: '535 5.7.8 Wrong user or password',
  },
  {
    name: 'a refused access token',
    script: { security: 'tls', mechanisms: ['XOAUTH2'] },
    more: { user: 'ann', secret: { accessToken: 'old' } },
    becomes: 'sign-in REFUSED sign-in',
    says: /Sign in anew: restante uplink signin gmail/,
    answer: '535 5.7.8 Wrong user or password',
    // The JSON was answered with an empty line.
    hears: (commands) => assert.deepEqual(commands.slice(2, 3), ['']),
  },
  {
    name: 'OAuth only',
    script: { security: 'tls', mechanisms: ['XOAUTH2', 'OAUTHBEARER'] },
    more: ann,
    becomes: 'sign-in NO-MECHANISM sign-in',
    says: /basic authentication is disabled\. Sign in with OAuth: restante uplink signin gmail/,
  },
  {
    name: 'no sign-in at all',
    script: { security: 'tls' },
    more: ann,
    becomes: 'sign-in NO-AUTH settings',
    says: /lets nobody sign in on port/,
  },
  {
    name: 'no password',
    script: { security: 'tls', mechanisms: ['PLAIN'] },
    more: { user: 'ann' },
    becomes: 'sign-in NO-SECRET sign-in',
    says: /There is no password for gmail/,
  },
  {
    name: 'a sign-in that breaks off',
    script: {
      security: 'tls',
      mechanisms: ['PLAIN'],
      answer: ({ at }) => (at === 'auth' ? { drop: 'reset' } : undefined),
    },
    more: ann,
    becomes: 'sign-in ECONNRESET unreachable',
    says: /hung up during the sign-in/,
  },
  {
    name: 'a sign-in that is put off',
    script: {
      security: 'tls',
      mechanisms: ['PLAIN'],
      answer: ({ at }) => (at === 'auth' ? '454 4.7.0 later' : undefined),
    },
    more: ann,
    becomes: 'sign-in REFUSED unreachable',
    says: /./,
    answer: '454 4.7.0 later',
  },
];

for (const row of failures) {
  const { name, script = {}, certificate = 'good', more = {}, becomes, says, silentFrom } = row;
  test(`fails: ${name}`, async () => {
    const shown = certificates[certificate] as Certificate;
    await using server = await ScriptedSmtpServer.listen({ certificate: shown, users, ...script });
    const trust = row.trusting === false ? {} : { ca: authority.pem };
    const security = script.security ?? 'none';
    const wanted = target(server.port, { security, ...trust, ...more });
    const clock = silentFrom === undefined ? undefined : new FakeClock();
    const about = aboutOf(wanted, row.clockIsSane ?? true);
    const connecting = connector(clock).connect(wanted);
    if (silentFrom !== undefined) {
      await until('the silence', () => server.sessions.some(silentFrom));
    }
    const connected = await (clock?.passUntil(connecting) ?? connecting);
    assert.ok(!connected.ok);
    const { stage, code } = connected.error;
    const { kind, say, advice } = explain(connected.error, about, never);
    assert.equal(`${stage} ${code} ${kind}`, becomes, connected.error.detail);
    assert.match(`${say}. ${advice}`, says);
    assert.doesNotMatch(connected.error.detail, /[\0-\x1f\x7f]/);
    if (row.answer !== undefined) {
      const result = await new UplinkTester(connector(), never).test(wanted, about);
      assert.equal(result.answer, row.answer);
      assert.equal(result.works, false);
    }
    row.hears?.(server.sessions[0]?.commands ?? []);
  });
}

test('what was said before TLS began is forgotten (RFC 3207 §6)', async () => {
  await using server = await ScriptedSmtpServer.listen({
    security: 'starttls',
    certificate: certificates['good'] as Certificate,
    users,
    mechanisms: ['CRAM-MD5'],
    answer: ({ at }) =>
      at === 'starttls' ? { raw: '220 go\r\n250-x\r\n250 AUTH PLAIN\r\n' } : undefined,
  });
  const more = { security: 'starttls', ca: authority.pem, ...ann } as const;
  const connected = await connector().connect(target(server.port, more));
  assert.ok(connected.ok);
  await connected.value.close();
  assert.equal(server.sessions[0]?.signedIn, 'CRAM-MD5 ann');
});

test('a name that does not exist', async () => {
  const wanted = target(25, { host: 'no-such-host.invalid' });
  const connected = await connector().connect(wanted);
  assert.ok(!connected.ok);
  // Without a resolver at hand the code is another one.
  assert.match(`${connected.error.stage} ${connected.error.code}`, /^name E(NOTFOUND|AI_AGAIN)$/);
});

test('a port where nobody listens', async () => {
  const wanted = target(await freePort());
  const result = await new UplinkTester(connector(), never).test(wanted, aboutOf(wanted));
  assert.match(result.say, /takes no connections on port \d+\. Look for a slip/);
});

test('a password never crosses an unencrypted connection, wherever it leads', async () => {
  // An address of this machine that is not loopback: the name said one thing, the socket knows.
  const host = outerAddress();
  if (host === undefined) return;
  await using server = await ScriptedSmtpServer.listen({ host, users, mechanisms: all });
  const wanted = target(server.port, { host, ...ann });
  const connected = await connector().connect(wanted);
  assert.ok(!connected.ok);
  assert.equal(connected.error.code, 'IN-THE-CLEAR');
  assert.ok(!server.commands.some((one) => one.startsWith('AUTH')));
  const relay = await connector().connect(target(server.port, { host }));
  assert.ok(relay.ok, 'without a user there is no password to protect');
  await relay.value.close();
});

test('a connection that is refused leaves nothing open', async () => {
  await using server = await ScriptedSmtpServer.listen({ users, mechanisms: ['PLAIN'] });
  const secret = { password: 'wrong' };
  assert.ok(!(await connector().connect(target(server.port, { user: 'ann', secret }))).ok);
  const peer = await NetPeer.dial(server.port);
  await peer.hear('220');
  peer.vanish();
  await until('the goodbye', () => server.sessions[0]?.commands.at(-1) === 'QUIT');
});

function outerAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((one) => one ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}
