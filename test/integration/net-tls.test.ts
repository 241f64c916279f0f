/*
 * TLS over real sockets, judged by programs that are not ours: openssl, curl and Python's ssl.
 * The box's authority and certificate, their renewal, the owner's certificate and its live swap,
 * STARTTLS and what was pipelined behind it, resumption, refused clients.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { connect } from 'node:tls';
import { promisify } from 'node:util';
import { Log, type LogLine } from '#base/log';
import { SystemRandom } from '#base/random';
import { Seal } from '#base/seal';
import { calledInTurn } from '#net/discovery/called';
import { Admission } from '#net/limits';
import { Network } from '#net/network';
import { type CertificateParts, Certificates } from '#net/tls/certificates';
import { EchoProtocol } from '../support/echo-protocol.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { NetPeer, until } from '../support/net-peer.ts';

const run = promisify(execFile);
const day = 24 * 3600 * 1000;
const built = Date.UTC(2026, 10, 20);
const seal = new Seal(Buffer.alloc(32, 7));

/** A fake clock whose date can be set, as a wall clock's can, without any time passing. */
class WallClock extends FakeClock {
  shift = 0;

  override now(): number {
    return super.now() + this.shift;
  }
}

let scratch = '';
/** The data folder of the box that most tests share; making an authority takes a while. */
let folder = '';
const stops: (() => Promise<void>)[] = [];

before(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'restante-net-'));
  folder = join(scratch, 'tls');
});

after(async () => {
  for (const stop of stops) await stop();
  await rm(scratch, { recursive: true });
});

function box(changes: Partial<CertificateParts> = {}) {
  const clock = changes.clock instanceof WallClock ? changes.clock : new WallClock(Date.now());
  const lines: LogLine[] = [];
  const log = new Log((line) => lines.push(line), clock);
  const certificates = new Certificates({
    ...{ folder, seal, clock, random: new SystemRandom(), log, built },
    names: () => ['mailbox', 'mailbox.local'],
    owner: () => undefined,
    addresses: () => ['127.0.0.1', '::1', '192.168.7.7'],
    ...changes,
  });
  stops.push(() => certificates.stop());
  return { certificates, clock, lines };
}

async function serve(changes: Partial<CertificateParts> = {}) {
  const { certificates, clock, lines } = box(changes);
  const started = await certificates.start();
  ok(started.ok, started.ok ? '' : `${started.error.say} ${started.error.detail}`);
  const log = new Log((line) => lines.push(line), clock);
  const limits = { total: 1000, perPeer: 1000, memory: Number.POSITIVE_INFINITY };
  const admission = new Admission(limits, clock);
  const random = new SystemRandom();
  const network = new Network({ clock, log, random, admission, tls: certificates });
  stops.unshift(() => network.stop());
  const protocol = new EchoProtocol();
  const plan = { protocol, port: 0, setting: 'echo.port', hosts: ['127.0.0.1'] };
  const plain = await network.listen({ ...plan, implicitTls: false });
  const implicit = await network.listen({ ...plan, hosts: ['localhost'], implicitTls: true });
  ok(plain.ok && implicit.ok);
  const plainPort = plain.value[0]?.port ?? 0;
  const tlsPort = implicit.value[0]?.port ?? 0;
  const ca = readFileSync(join(certificatesFolder(changes), 'ca.pem'));
  return { certificates, clock, lines, network, protocol, plainPort, tlsPort, ca };
}

function certificatesFolder(changes: Partial<CertificateParts>): string {
  return changes.folder ?? folder;
}

/** A pair of the owner's, made by openssl. */
async function ownersPair(
  name: string,
  days: number,
  kind: readonly string[] = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
): Promise<{ certificate: string; key: string }> {
  const certificate = join(scratch, `${name}.pem`);
  const key = join(scratch, `${name}.key`);
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const out = ['-keyout', key, '-out', certificate, '-days', String(days)];
  await run('openssl', ['req', '-x509', '-newkey', ...kind, '-nodes', ...out, ...subject]);
  return { certificate, key };
}

/** The common name a client sees that connects now. */
async function servedName(port: number): Promise<string | undefined> {
  const peer = await NetPeer.dialTls(port, { rejectUnauthorized: false });
  const certificate = peer.socket instanceof Object ? peerCertificate(peer) : undefined;
  peer.socket.destroy();
  return certificate;
}

function peerCertificate(peer: NetPeer): string | undefined {
  const socket = peer.socket as ReturnType<typeof connect>;
  const name = socket.getPeerCertificate().subject.CN;
  return Array.isArray(name) ? name[0] : name;
}

test('openssl, curl and Python accept the box by each of its names and addresses', async () => {
  const { tlsPort, certificates, ca } = await serve();
  const file = join(folder, 'ca.pem');
  await run('openssl', [
    ...['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', file],
    ...['-verify_ip', '192.168.7.7', join(folder, 'leaf.pem')],
  ]);
  for (const name of ['mailbox', 'mailbox.local', 'restante.local', 'localhost', '127.0.0.1']) {
    const url = `https://${name}:${tlsPort}/`;
    const here = ['--resolve', `${name}:${tlsPort}:127.0.0.1`];
    // To the echo protocol, the request line is a QUIT.
    const asked = ['-s', '-X', 'QUIT', '--http0.9', '--no-alpn', '--cacert', file];
    const { stdout } = await run('curl', [...asked, ...here, url]);
    match(stdout, /^hello TLSv1\.3/, name);
    const python = [
      'import socket, ssl, sys',
      'context = ssl.create_default_context(cafile=sys.argv[1])',
      'context.verify_flags |= ssl.VERIFY_X509_STRICT',
      'plain = socket.create_connection(("127.0.0.1", int(sys.argv[2])))',
      'print(context.wrap_socket(plain, server_hostname=sys.argv[3]).recv(100).decode())',
    ].join('\n');
    const said = await run('python3', ['-c', python, file, String(tlsPort), name]);
    match(said.stdout, /^hello TLSv1\.3/, name);
  }
  const fingerprint = await run('openssl', [
    'x509',
    '-in',
    file,
    '-noout',
    '-fingerprint',
    '-sha256',
  ]);
  ok(fingerprint.stdout.includes(certificates.fingerprint ?? 'none'));
  match(ca.toString(), /^-----BEGIN CERTIFICATE-----/);
});

test('a leaf for an address outside the house is refused because of the authority', async () => {
  const strange = join(scratch, 'strange');
  const { certificates } = box({ folder: strange, addresses: () => ['192.0.2.1'] });
  ok((await certificates.start()).ok);
  const verdict = await run('openssl', [
    ...['verify', '-CAfile', join(strange, 'ca.pem'), join(strange, 'leaf.pem')],
  ]).catch((error: { stderr: string }) => error);
  match(verdict.stderr, /permitted subtree violation/);
});

test('the files are as public as they may be, and the dates are as phones want them', async () => {
  await serve();
  const mode = (name: string) => statSync(join(folder, name)).mode & 0o777;
  deepEqual([mode('ca.pem'), mode('leaf.pem')], [0o644, 0o644]);
  deepEqual([mode('ca.key.sealed'), mode('leaf.key.sealed')], [0o600, 0o600]);
  const leaf = new X509Certificate(readFileSync(join(folder, 'leaf.pem')));
  const [from, to] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
  ok(to - from <= 398 * day);
  ok(from <= Date.now() - 6 * day);
});

test('a second start makes nothing new', async () => {
  await serve();
  const files = ['ca.pem', 'leaf.pem', 'ca.key.sealed', 'leaf.key.sealed'];
  const content = () => files.map((name) => readFileSync(join(folder, name), 'hex'));
  const before = content();
  await serve();
  deepEqual(content(), before);
});

test('STARTTLS: what is pipelined behind it in plaintext is dropped', async () => {
  const { plainPort, protocol, ca } = await serve();
  const peer = await NetPeer.dial(plainPort);
  await peer.hear('hello plain\r\n');
  peer.say('STARTTLS\r\ninjected\r\nQUIT\r\n');
  equal(await peer.hear('go\r\n'), 'go\r\n');
  await peer.secure({ ca, servername: 'restante.local' });
  match(await peer.hear('\r\n'), /^secured TLSv1\.3 TLS_AES_/);
  peer.say('first word\r\n');
  equal(await peer.hear('\r\n'), 'first word\r\n');
  equal(protocol.sessions[0]?.calls.filter((call) => call === 'receive').length, 2);
  peer.socket.destroy();
});

test('STARTTLS while the session is busy: plaintext that came meanwhile is dropped too', async () => {
  const { plainPort, protocol, ca } = await serve();
  const peer = await NetPeer.dial(plainPort);
  await peer.hear('hello plain\r\n');
  peer.say('WAIT\r\nSTARTTLS\r\n');
  await until('it is busy', () => protocol.sessions[0]?.calls.includes('receive') ?? false);
  peer.say(`injected\r\n${'x'.repeat(300_000)}\r\n`);
  // The pieces beyond the first stay in the kernel and break the handshake: also safe.
  protocol.openGate();
  await peer.hear('waited\r\n');
  peer.say('y');
  const end = await peer.hearEnd();
  ok(!end.includes('secured'));
  ok(ca.length > 0);
});

test('connections go on while the certificate is swapped; new ones get the new one', async () => {
  const first = await ownersPair('first.example', 60);
  const files = { certificate: join(scratch, 'live.pem'), key: join(scratch, 'live.key') };
  writeFileSync(files.certificate, readFileSync(first.certificate));
  writeFileSync(files.key, readFileSync(first.key));
  const { tlsPort, certificates, lines } = await serve({ owner: () => files });
  equal(await servedName(tlsPort), 'first.example');
  const staying = await NetPeer.dialTls(tlsPort, { rejectUnauthorized: false });
  await staying.hear('hello');

  const second = await ownersPair('second.example', 60);
  writeFileSync(files.certificate, readFileSync(second.certificate));
  await certificates.look();
  equal(await servedName(tlsPort), 'first.example', 'the key does not match yet');
  match(certificates.say, /not used: The key does not belong/);
  writeFileSync(files.key, readFileSync(second.key));
  await certificates.look();
  equal(await servedName(tlsPort), 'second.example');
  equal(certificates.say.includes('not used'), false);

  staying.say('still here\r\n');
  await staying.hear('still here\r\n');
  staying.socket.destroy();
  equal(lines.filter(({ say }) => say.includes('new certificate')).length, 1);
});

test('symbolic links that change, as certbot changes them, are noticed by themselves', async () => {
  const live = join(scratch, 'live');
  const files = { certificate: join(live, 'fullchain.pem'), key: join(live, 'privkey.pem') };
  mkdirSync(live);
  const link = async (pair: { certificate: string; key: string }) => {
    for (const kind of ['certificate', 'key'] as const) {
      await symlink(pair[kind], `${files[kind]}.new`);
      renameSync(`${files[kind]}.new`, files[kind]);
    }
  };
  await link(await ownersPair('third.example', 60));
  const { tlsPort, clock, lines } = await serve({ owner: () => files });
  equal(await servedName(tlsPort), 'third.example');
  const fourth = await ownersPair('fourth.example', 60);
  await link(fourth);
  // Nobody else sets an alarm now.
  const noticed = Promise.withResolvers<void>();
  const after = clock.after.bind(clock);
  clock.after = (ms, task) => {
    noticed.resolve();
    return after(ms, task);
  };
  await noticed.promise;
  // Less than the regular look needs, so it is the watch that noticed.
  clock.advance(1000);
  await until('the swap', () => lines.some(({ say }) => say.startsWith('New connections get')));
  equal(await servedName(tlsPort), 'fourth.example');
});

test('a certificate that is no good is refused in words, and the box serves its own', async () => {
  const good = await ownersPair('good.example', 60);
  const other = await ownersPair('other.example', 60);
  const nonsense = join(scratch, 'nonsense.pem');
  writeFileSync(nonsense, 'no certificate');
  const locked = join(scratch, 'locked.key');
  await run('openssl', ['ec', '-in', good.key, '-aes128', '-passout', 'pass:x', '-out', locked]);
  let files = { certificate: good.certificate, key: other.key };
  const { certificates, tlsPort, clock } = await serve({ owner: () => files });
  equal(await servedName(tlsPort), 'mailbox');
  const reasons = [
    [files, /The key does not belong to the \(first\) certificate/],
    [{ ...good, certificate: nonsense }, /holds no certificate in PEM form/],
    [{ ...good, key: nonsense }, /holds no private key in PEM form/],
    [{ ...good, key: locked }, /protected by a passphrase/],
    [{ ...good, key: join(scratch, 'nowhere') }, /There is no file .*nowhere/],
    [{ ...good, key: scratch }, /cannot be read/],
  ] as const;
  for (const [bad, sentence] of reasons) {
    files = bad;
    await certificates.look();
    match(certificates.say, sentence);
    match(certificates.say, /Serving the box's own\.$/);
  }
  files = good;
  await certificates.look();
  equal(await servedName(tlsPort), 'good.example');
  files = { ...good, key: other.key };
  await certificates.look();
  equal(await servedName(tlsPort), 'good.example', 'the old one serves on');
  clock.shift += 61 * day;
  files = good;
  await certificates.look();
  match(certificates.say, /ran out on \d{4}-\d\d-\d\d.*Serving the one before/);
});

test('an end that comes near is said, once a day', async () => {
  const pair = await ownersPair('soon.example', 10);
  const { certificates, lines, clock } = await serve({ owner: () => pair });
  const warnings = () => lines.filter(({ say }) => /ends in \d+ days/.test(say)).length;
  equal(warnings(), 1);
  await certificates.look();
  equal(warnings(), 1);
  clock.shift += day;
  await certificates.look();
  equal(warnings(), 2);
});

test('the box renews its own certificate in time, for a new address, and after damage', async () => {
  const mine = join(scratch, 'renewing');
  let addresses = ['127.0.0.1'];
  const parts = { folder: mine, addresses: () => addresses };
  const { certificates, clock } = box(parts);
  ok((await certificates.start()).ok);
  const serial = () => new X509Certificate(readFileSync(join(mine, 'leaf.pem'))).serialNumber;
  const first = serial();
  addresses = ['127.0.0.1', '10.9.8.7'];
  await certificates.look();
  const second = serial();
  ok(second !== first);
  addresses = ['127.0.0.1'];
  clock.shift += 300 * day;
  await certificates.look();
  equal(serial(), second, 'an address that went away is no reason, nor is an end far away');
  clock.shift += 65 * day;
  await certificates.look();
  const third = serial();
  ok(third !== second);
  ok((certificates.notAfter ?? 0) > clock.now() + 380 * day);
  await certificates.stop();

  writeFileSync(join(mine, 'leaf.pem'), 'damaged');
  const again = box({ ...parts, clock });
  ok((await again.certificates.start()).ok);
  ok(serial() !== third);
});

test('a board that believes it is 1970 makes certificates for the present', async () => {
  const young = join(scratch, 'young');
  const { certificates } = box({ folder: young, clock: new WallClock(0) });
  ok((await certificates.start()).ok);
  await run('openssl', ['verify', '-CAfile', join(young, 'ca.pem'), join(young, 'leaf.pem')]);
});

test('a lost authority is said in words and never replaced', async () => {
  const lost = join(scratch, 'lost');
  const whole = box({ folder: lost });
  ok((await whole.certificates.start()).ok);
  await whole.certificates.stop();
  const pem = readFileSync(join(lost, 'ca.pem'), 'utf8');

  rmSync(join(lost, 'ca.key.sealed'));
  const serving = box({ folder: lost });
  ok((await serving.certificates.start()).ok, 'what there is goes on serving');
  match(serving.lines.at(-1)?.say ?? '', /authority is lost \(tls\/ca.key.sealed is gone\)/);
  equal(serving.certificates.fingerprint, undefined);

  const otherKey = new Seal(Buffer.alloc(32, 8));
  writeFileSync(join(lost, 'ca.key.sealed'), otherKey.seal('tls ca key', Buffer.from('{}')));
  rmSync(join(lost, 'leaf.pem'));
  const started = await box({ folder: lost }).certificates.start();
  ok(!started.ok);
  match(started.error.say, /sealed by another secret.key\).*every device has to import/);
  equal(readFileSync(join(lost, 'ca.pem'), 'utf8'), pem);
});

test('a copy of the authority that was deleted comes back the same', async () => {
  const copied = join(scratch, 'copied');
  const first = box({ folder: copied });
  ok((await first.certificates.start()).ok);
  const pem = readFileSync(join(copied, 'ca.pem'), 'utf8');
  rmSync(join(copied, 'ca.pem'));
  ok((await box({ folder: copied }).certificates.start()).ok);
  equal(readFileSync(join(copied, 'ca.pem'), 'utf8'), pem);
});

test('the name by which it is found is in its certificate, when the authority foresaw it', async () => {
  for (const foreseen of [[], calledInTurn('restante.local')]) {
    const taken = join(scratch, `taken-${foreseen.length}`);
    let foundAs = 'restante.local';
    const { certificates, lines } = box({
      ...{ folder: taken, names: () => ['restante.local'] },
      ...{ foundAs: () => foundAs, foreseen: () => foreseen },
    });
    ok((await certificates.start()).ok);
    foundAs = 'restante-2.local';
    await certificates.look();
    equal(certificates.isFor('restante-2.local'), foreseen.length > 0);
    equal(certificates.served.includes('restante-2.local'), foreseen.length > 0);
    equal(certificates.names.includes('restante-2.local'), foreseen.length > 0);
    ok(certificates.isFor('restante.local') && certificates.isFor('192.168.7.7'));
    ok(!certificates.isFor('192.168.7.8') && !certificates.isFor('restante-3.local'));
    deepEqual(
      lines.filter(({ level }) => level === 'warn'),
      [],
    );
    await run('openssl', ['verify', '-CAfile', join(taken, 'ca.pem'), join(taken, 'leaf.pem')]);
  }
});

test('a name that the authority may not sign for is left out, and said', async () => {
  const renamed = join(scratch, 'renamed');
  let names = ['before'];
  const { certificates, lines } = box({ folder: renamed, names: () => names });
  ok((await certificates.start()).ok);
  names = ['afterwards', 'sub.before'];
  await certificates.look();
  const leaf = new X509Certificate(readFileSync(join(renamed, 'leaf.pem')));
  match(leaf.subjectAltName ?? '', /^DNS:sub.before, DNS:restante.local/);
  ok(lines.some(({ say }) => say.includes('before it had the name afterwards')));
  await run('openssl', ['verify', '-CAfile', join(renamed, 'ca.pem'), join(renamed, 'leaf.pem')]);
});

test('sessions resume, on another port and after a swap too, with TLS 1.2 and 1.3', async () => {
  const pair = await ownersPair('swap.example', 60);
  let owner: typeof pair | undefined;
  const { tlsPort, certificates } = await serve({ owner: () => owner });
  for (const version of ['tls1_2', 'tls1_3']) {
    const session = join(scratch, `${version}.session`);
    const client = async (...more: string[]) => {
      const running = run('openssl', [
        ...['s_client', `-${version}`, '-connect', `127.0.0.1:${tlsPort}`, '-ign_eof', ...more],
      ]);
      running.child.stdin?.write('QUIT\r\n');
      return (await running).stdout;
    };
    match(await client('-sess_out', session), /New, TLS/);
    match(await client('-sess_in', session), /Reused, TLS/);
    owner = pair;
    await certificates.look();
    match(await client('-sess_in', session), /Reused, TLS/);
    owner = undefined;
    await certificates.look();
  }
});

test('a client that wants to renegotiate is refused', async () => {
  const { tlsPort } = await serve();
  const renegotiating = run('openssl', ['s_client', '-tls1_2', '-connect', `127.0.0.1:${tlsPort}`]);
  // A line that says R makes s_client renegotiate.
  renegotiating.child.stdin?.write('R\n');
  const verdict = await renegotiating.catch((error: { stderr: string }) => error);
  match(verdict.stderr, /RENEGOTIATING[\s\S]*no renegotiation/);
});

test('TLS 1.1 is for named devices only', async () => {
  let allowed = false;
  const { tlsPort, lines, certificates } = await serve();
  certificates.allowOldTls({ allowsOldTls: () => allowed, anyOldTls: () => false });
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  const dial = () => NetPeer.dialTls(tlsPort, { ...old, rejectUnauthorized: false });
  const refused = await dial().then(
    () => 'accepted',
    () => 'refused',
  );
  equal(refused, 'refused');
  await until('it is logged', () => lines.some(({ say }) => /no longer safe/.test(say)));
  allowed = true;
  await (await dial()).hear('hello TLSv1.1\r\n');
});

/** What openssl says when it knows no more than an old device at this address. */
async function oldDevice(port: number, address: string, ca: string): Promise<string> {
  const knows = ['-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0'];
  const running = run('openssl', [
    ...['s_client', ...knows, '-connect', `127.0.0.1:${port}`, '-bind', `${address}:0`],
    ...['-CAfile', ca, '-verify_return_error', '-ign_eof'],
  ]);
  running.child.stdin?.on('error', () => {}).write('QUIT\r\n');
  return running.then(
    ({ stdout }) => stdout,
    ({ stderr }: { stderr: string }) => stderr,
  );
}

test('a device that knows RSA alone gets RSA, from its own address only', async () => {
  const aged = join(scratch, 'aged');
  const ca = join(aged, 'ca.pem');
  let any = false;
  const directory = {
    allowsOldTls: (address: string) => address === '127.0.0.2',
    anyOldTls: () => any,
  };
  const { tlsPort, certificates, lines } = await serve({ folder: aged });
  certificates.allowOldTls(directory);
  await certificates.look();
  const pem = join(aged, 'leaf-rsa.pem');
  ok(!existsSync(pem), 'nobody needs it');
  match(await oldDevice(tlsPort, '127.0.0.2', ca), /handshake failure/);

  any = true;
  await certificates.look();
  match(await oldDevice(tlsPort, '127.0.0.2', ca), /Protocol *: TLSv1\n *Cipher *: AES128-SHA\n/);
  match(await oldDevice(tlsPort, '127.0.0.2', ca), /^hello TLSv1$/m);
  match(await oldDevice(tlsPort, '127.0.0.3', ca), /alert protocol version/);
  equal(lines.filter(({ say }) => say.endsWith('certificate for old devices.')).length, 1);
  await run('openssl', [
    ...['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca],
    ...['-verify_ip', '192.168.7.7', pem],
  ]);
  const rsa = new X509Certificate(readFileSync(pem));
  equal(rsa.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  equal(statSync(join(aged, 'leaf-rsa.key.sealed')).mode & 0o777, 0o600);

  const again = await serve({ folder: aged });
  again.certificates.allowOldTls(directory);
  match(await oldDevice(again.tlsPort, '127.0.0.2', ca), /^hello TLSv1$/m, 'at once');
  equal(new X509Certificate(readFileSync(pem)).serialNumber, rsa.serialNumber, 'the same');
  again.clock.shift += 370 * day;
  await again.certificates.look();
  ok(new X509Certificate(readFileSync(pem)).serialNumber !== rsa.serialNumber, 'in time');
});

test("beside the owner's certificate, an old device finds the kind of key it knows", async () => {
  const aged = join(scratch, 'aged');
  const elliptic = await ownersPair('elliptic.example', 60);
  const old = await ownersPair('rsa.example', 60, ['rsa:2048']);
  let owner = elliptic;
  const { tlsPort, certificates } = await serve({ folder: aged, owner: () => owner });
  certificates.allowOldTls({ allowsOldTls: () => true, anyOldTls: () => true });
  await certificates.look();
  const served = async (ciphers: string) => {
    const options = { ciphers, minVersion: 'TLSv1', maxVersion: 'TLSv1.2' } as const;
    const peer = await NetPeer.dialTls(tlsPort, { ...options, rejectUnauthorized: false });
    const name = peerCertificate(peer);
    peer.socket.destroy();
    return name;
  };
  equal(await served('AES128-SHA'), 'mailbox');
  equal(await served('ECDHE-ECDSA-AES128-GCM-SHA256'), 'elliptic.example');
  owner = old;
  await certificates.look();
  equal(await served('AES128-SHA'), 'rsa.example');
});

test('a client that does not trust us, or does not speak TLS, is logged in words', async () => {
  const { tlsPort, lines } = await serve();
  const stranger = await ownersPair('stranger.example', 60);
  for (const version of ['1.2', '1.3']) {
    const asked = ['-s', '--no-alpn', '--cacert', stranger.certificate, '--tls-max', version];
    await run('curl', [...asked, `https://127.0.0.1:${tlsPort}/`]).catch(() => {});
  }
  const distrust = () => lines.filter(({ say }) => /does not trust our/.test(say)).length;
  await until('two words of distrust', () => distrust() === 2);
  const plain = await NetPeer.dial(tlsPort);
  plain.say('USER ann\r\nPASS secret\r\n');
  await plain.hearEnd();
  await until('no TLS', () => lines.some(({ say }) => /did not speak TLS/.test(say)));
  ok(lines.every(({ facts }) => facts['stack'] === undefined));
});

test('a handshake that takes too long is ended', async () => {
  const { tlsPort, clock, protocol } = await serve();
  const peer = await NetPeer.dial(tlsPort);
  await until('the session is opened', () => protocol.sessions.length === 1);
  clock.advance(29_000);
  ok(!peer.closed);
  clock.advance(2_000);
  equal(await peer.hearEnd(), '');
  await protocol.sessions[0]?.ending;
  deepEqual(protocol.sessions[0]?.calls, ['ended']);
});

test('clients that offer mail protocols by ALPN are served', async () => {
  const { tlsPort } = await serve();
  for (const protocol of ['pop3', 'imap', 'smtp']) {
    const options = { rejectUnauthorized: false, ALPNProtocols: [protocol] };
    await (await NetPeer.dialTls(tlsPort, options)).hear('hello TLSv1.3\r\n');
  }
});

test('back-pressure works through TLS as well', async () => {
  const { tlsPort, protocol } = await serve();
  const peer = await NetPeer.dialTls(tlsPort, { rejectUnauthorized: false });
  await peer.hear('\r\n');
  const flood = `${'x'.repeat(1022)}\r\n`.repeat(16 * 1024);
  peer.say('WAIT\r\n');
  const session = protocol.sessions[0];
  ok(session);
  await until('it is busy', () => session.calls.includes('receive'));
  peer.say(flood);
  for (let turn = 0; turn < 1000; turn += 1) await new Promise((done) => setImmediate(done));
  ok(peer.socket.writableLength > 0);
  equal(session.received, 'WAIT\r\n'.length);
  protocol.openGate();
  await until('all of it is heard', () => peer.heard.length === 'waited\r\n'.length + flood.length);
  equal(session.overlaps, 0);
});

test('a folder that cannot be is trouble in words', async () => {
  const file = join(scratch, 'a-file');
  writeFileSync(file, '');
  const started = await box({ folder: join(file, 'tls') }).certificates.start();
  equal(started.ok ? '' : started.error.code, 'tls-folder');
});
