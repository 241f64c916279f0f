/* Connections of the web ports over real sockets, with a clock that is turned by hand: slow drips,
 * the deaf, and too many. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { before, describe, test } from 'node:test';
import { createSecureContext, type SecureContext, connect as secureConnect } from 'node:tls';
import { Log } from '#base/log';
import { Admission } from '#net/limits';
import { Visits } from '#web/visits';
import { TestAuthority } from '../../support/certificates.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { NetPeer, until } from '../../support/net-peer.ts';

async function bench(
  limits: { total: number; perPeer: number },
  secure = false,
  certificate?: SecureContext,
) {
  const clock = new FakeClock();
  const admission = new Admission({ ...limits, memory: 1e12 }, clock);
  const context = () => certificate;
  const withoutTls = (begin: Buffer) => `HTTP/1.1 400 You said ${begin}\r\n\r\n`;
  const log = new Log(() => {}, clock);
  const visits = new Visits({ admission, context, clock, log });
  const served: Socket[] = [];
  // As net/listener.ts has it.
  const server = createServer({ allowHalfOpen: secure }, (socket) => {
    const serve = (ready: Socket) => void served.push(ready.resume());
    visits.welcome(socket, { serve, ...(secure && { withoutTls }) });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ clock, visits, served, admission, port },
    dial: () => NetPeer.dial(port),
    async [Symbol.asyncDispose]() {
      visits.stop();
      await once(server.close(), 'close');
    },
  };
}

const roomy = { total: 10, perPeer: 10 };

test('a head that drips is given twenty seconds, however it drips', async () => {
  await using open = await bench(roomy);
  const peer = await open.dial();
  await until('it is served', () => open.served.length === 1);
  for (let second = 0; second < 20; second += 1) {
    peer.say('x');
    open.clock.advance(1_000);
  }
  assert.equal(open.visits.size, 1);
  open.clock.advance(1_000);
  await peer.hearEnd();
  await until('it is counted no more', () => open.admission.connections === 0);
  assert.equal(open.clock.waiting, 1);
  open.clock.advance(1_000);
  assert.equal(open.clock.waiting, 0, 'without connections there is no timer');
});

test('a body that stops, or drips, is given up; one that comes is not', async () => {
  await using open = await bench(roomy);
  const [stops, drips, comes] = [await open.dial(), await open.dial(), await open.dial()];
  await until('they are served', () => open.served.length === 3);
  for (const socket of open.served) open.visits.of(socket)?.enter('body', open.clock.elapsed());
  const [, second, third] = open.served;
  for (let time = 0; time < 35; time += 1) {
    drips.say('x');
    comes.say('x'.repeat(1_000));
    const sent = time + 1;
    await until(
      'octets have come',
      () =>
        (second?.bytesRead === sent && third?.bytesRead === sent * 1_000) ||
        (second?.destroyed === true && third?.bytesRead === sent * 1_000),
    );
    open.clock.advance(1_000);
  }
  await stops.hearEnd();
  await drips.hearEnd();
  assert.equal(comes.closed, false);
});

test('an answer that nobody reads is given up', async () => {
  await using open = await bench(roomy);
  const peer = await open.dial();
  peer.socket.pause();
  await until('it is served', () => open.served.length === 1);
  const [socket] = open.served;
  assert.ok(socket);
  open.visits.of(socket)?.enter('answer', 0);
  while (socket.writableLength < 1_000_000) socket.write(Buffer.alloc(1_000_000));
  await until('the kernel takes no more', () => socket.bytesWritten > 0);
  // The kernel may take a little more at any moment, which is a sign of life.
  await until('it is given up', () => {
    open.clock.advance(1_000);
    return socket.destroyed;
  });
});

test('an answer that takes the box long is waited for', async () => {
  await using open = await bench(roomy);
  await open.dial();
  await until('it is served', () => open.served.length === 1);
  const [socket] = open.served;
  assert.ok(socket);
  open.visits.of(socket)?.enter('answer', 0);
  for (let second = 0; second < 100; second += 1) open.clock.advance(1_000);
  assert.equal(socket.destroyed, false);
});

test('too many from one place, or in all, are turned away in words', async () => {
  await using open = await bench({ total: 10, perPeer: 2 });
  await open.dial();
  await open.dial();
  const third = await open.dial();
  assert.match(await third.hearEnd(), /^HTTP\/1\.1 503 /);
  assert.equal(open.visits.size, 2);
});

/** Peers of one machine of the network; each has sent a part of a head. */
async function holding(port: number, address: string, count: number): Promise<Socket[]> {
  const peers: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const peer = connect({ host: '127.0.0.1', port, localAddress: address });
    peer.on('error', () => {});
    await once(peer, 'connect');
    peer.write('GET / HT');
    peers.push(peer);
  }
  return peers;
}

test('two machines that hold all places keep nobody else out', async () => {
  await using open = await bench({ total: 10, perPeer: 5 });
  const [first] = await holding(open.port, '127.0.0.2', 5);
  await until('they are served', () => open.served.length === 5);
  const others = await holding(open.port, '127.0.0.3', 5);
  await until('they are served', () => open.served.length === 10);
  assert.ok(first);
  const gone = once(first, 'close');
  const owner = await open.dial();
  await until('the owner is served', () => open.served.length === 11);
  await gone;
  assert.deepEqual([open.visits.size, open.admission.connections], [10, 10]);
  // Who has the most already takes nobody's place, and nobody's who is being answered is taken.
  const sixth = once(open.served[10] ?? first, 'close').then(() => 'the owner is out');
  await holding(open.port, '127.0.0.3', 2);
  for (const socket of open.served) open.visits.of(socket)?.enter('answer', 0);
  const late = connect({ host: '127.0.0.1', port: open.port, localAddress: '127.0.0.4' });
  await once(late, 'connect');
  const answer = (await once(late, 'data'))[0];
  assert.match(String(answer), /^HTTP\/1\.1 503 /);
  assert.equal(await Promise.race([sixth, Promise.resolve('the owner is in')]), 'the owner is in');
  assert.equal(open.admission.connections, 10);
  owner.vanish();
  for (const peer of [...others, late]) peer.destroy();
});

test('of many who hold one place each, the first gives it up after five seconds', async () => {
  await using open = await bench({ total: 3, perPeer: 3 });
  const [first] = await holding(open.port, '127.0.0.2', 1);
  assert.ok(first);
  await until('it is served', () => open.served.length === 1);
  open.clock.advance(1_000);
  const others = await holding(open.port, '127.0.0.3', 1);
  others.push(...(await holding(open.port, '127.0.0.4', 1)));
  await until('they are served', () => open.served.length === 3);
  open.clock.advance(3_000);
  const early = await open.dial();
  assert.match(await early.hearEnd(), /^HTTP\/1\.1 503 /);
  open.clock.advance(1_000);
  const gone = once(first, 'close');
  const owner = await open.dial();
  await gone;
  await until('the owner is served', () => open.served.length === 4);
  owner.vanish();
  for (const peer of others) peer.destroy();
});

test('without a certificate there is no TLS, and nothing is counted', async () => {
  await using open = await bench(roomy, true);
  const peer = await open.dial();
  await peer.hearEnd();
  await until('it is counted no more', () => open.admission.connections === 0);
});

describe('the encrypted port', () => {
  let certificate: SecureContext;
  before(async () => {
    certificate = createSecureContext(await (await TestAuthority.make()).issue());
  });

  test('answers who speaks without TLS, once, and counts it until it is gone', async () => {
    await using open = await bench({ total: 10, perPeer: 2 }, true, certificate);
    const [peer, other] = [await open.dial(), await open.dial()];
    peer.say('GET /');
    await peer.hear('HTTP/1.1 400 You said GET /\r\n\r\n');
    assert.equal(open.admission.connections, 2);
    assert.match(await (await open.dial()).hearEnd(), /^$/, 'over TLS there are no words');
    // It goes on as if nothing were; nobody hears it.
    peer.say(' HTTP/1.1\r\n\r\n'.repeat(10_000));
    peer.socket.end();
    assert.equal(await peer.hearEnd(), '');
    await until('it is counted no more', () => open.admission.connections === 1);
    assert.deepEqual(open.served, []);
    other.vanish();
  });

  test('lets go who was answered and stays, and who says nothing, after fifteen seconds', async () => {
    await using open = await bench(roomy, true, certificate);
    const [stays, silent] = [await open.dial(), await open.dial()];
    stays.say('GET /');
    await stays.hear('\r\n\r\n');
    await until('both are here', () => open.visits.size === 2);
    for (let second = 0; second < 16; second += 1) open.clock.advance(1_000);
    await stays.hearEnd();
    assert.equal(await silent.hearEnd(), '');
    await until('none is counted', () => open.admission.connections === 0);
  });

  test('serves who speaks TLS, however its first octets come', async () => {
    await using open = await bench(roomy, true, certificate);
    const raw = connect({ host: '127.0.0.1', port: open.port, noDelay: true });
    await once(raw, 'connect');
    const wire = new Duplex({
      read() {},
      write(octets: Buffer, _encoding, done) {
        for (const octet of octets) raw.write(Buffer.from([octet]));
        done();
      },
    });
    raw.on('data', (octets) => wire.push(octets));
    const secured = secureConnect({ socket: wire, rejectUnauthorized: false });
    await once(secured, 'secureConnect');
    await until('it is served', () => open.served.length === 1);
    const [socket] = open.served;
    assert.ok(socket !== undefined && open.visits.of(socket) !== undefined);
    assert.equal(open.visits.size, 1);
    raw.destroy();
    await until('it is counted no more', () => open.admission.connections === 0);
  });

  test('lets go who leaves before a word', async () => {
    await using open = await bench(roomy, true, certificate);
    const peer = await open.dial();
    await until('it is here', () => open.visits.size === 1);
    peer.socket.end();
    await peer.hearEnd();
    await until('it is counted no more', () => open.admission.connections === 0);
  });
});
