/*
 * Connections over real sockets with a toy protocol: order of calls, back-pressure, idle limits,
 * connection limits, stopping, defects, ports that cannot be had.
 */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { SystemRandom } from '#base/random';
import { Admission, type ConnectionLimits } from '#net/limits';
import { Network } from '#net/network';
import { EchoProtocol, type EchoSession } from '../support/echo-protocol.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { NetPeer, until } from '../support/net-peer.ts';

const roomy: ConnectionLimits = { total: 1000, perPeer: 1000, memory: Number.POSITIVE_INFINITY };
const networks: Network[] = [];

afterEach(async () => {
  for (const network of networks.splice(0)) await network.stop();
});

async function serve(limits = roomy, hosts = ['127.0.0.1'], resident = () => 0) {
  const clock = new FakeClock();
  const lines: LogLine[] = [];
  const log = new Log((line) => lines.push(line), clock);
  const admission = new Admission(limits, clock, resident);
  const tls = { context: () => undefined };
  const network = new Network({ clock, log, random: new SystemRandom(), admission, tls });
  networks.push(network);
  const protocol = new EchoProtocol();
  const plan = { protocol, port: 0, setting: 'echo.port', hosts, implicitTls: false };
  const listening = await network.listen(plan);
  ok(listening.ok);
  const port = listening.value[0]?.port ?? 0;
  return { clock, lines, admission, network, protocol, plan, port };
}

function sessionOf(protocol: EchoProtocol): EchoSession {
  const session = protocol.sessions[0];
  ok(session);
  return session;
}

/** Waits until what has begun to move moves no more. */
async function stalled(moved: () => number): Promise<void> {
  let before = 0;
  let steady = 0;
  await until('nothing moves any more', () => {
    const now = moved();
    steady = now > 0 && now === before ? steady + 1 : 0;
    before = now;
    return steady > 200;
  });
}

test('a session is greeted, heard, answered and ended, in this order', async () => {
  const { protocol, port, network } = await serve();
  const peer = await NetPeer.dial(port);
  equal(await peer.hear('\r\n'), 'hello plain\r\n');
  peer.say('one\r\ntwo\r\n');
  await peer.hear('one\r\ntwo\r\n');
  peer.say('QUIT\r\nnever heard\r\n');
  equal(await peer.hearEnd(), 'bye\r\n');
  const session = sessionOf(protocol);
  await session.ending;
  deepEqual(session.calls, ['greet', 'receive', 'receive', 'ended']);
  equal(session.peer.place, 'loopback');
  await until('the connection is forgotten', () => network.connections === 0);
});

test('a peer that ends its half is still answered', async () => {
  const { port } = await serve();
  const peer = await NetPeer.dial(port);
  peer.socket.end('one\r\nQUIT\r\n');
  equal(await peer.hearEnd(), 'hello plain\r\none\r\nbye\r\n');
});

test('a peer that ends its half without a goodbye is let go', async () => {
  const { port, protocol } = await serve();
  const peer = await NetPeer.dial(port);
  peer.socket.end('one\r\n');
  equal(await peer.hearEnd(), 'hello plain\r\none\r\n');
  await sessionOf(protocol).ending;
});

test('while a session is busy its peer is not read, and no call overlaps', async () => {
  const { port, protocol } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  peer.say('WAIT\r\n');
  const session = sessionOf(protocol);
  await until('the session is busy', () => session.calls.includes('receive'));
  const flood = `${'x'.repeat(1022)}\r\n`.repeat(16 * 1024);
  peer.say(flood);
  // 16 MiB do not fit into the kernel's buffers: the rest stays with the peer.
  await stalled(() => peer.socket.bytesWritten - peer.socket.writableLength);
  ok(peer.socket.writableLength > 0, 'the peer is stuck with most of it');
  equal(session.received, 'WAIT\r\n'.length);
  protocol.openGate();
  await until('all of it is heard', () => peer.heard.length === 'waited\r\n'.length + flood.length);
  equal(session.received, 'WAIT\r\n'.length + flood.length);
  equal(session.overlaps, 0);
});

test('a slow reader is not sent more than it takes', async () => {
  const { port, protocol } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  peer.socket.pause();
  peer.say('FLOOD 400\r\n');
  const session = sessionOf(protocol);
  await stalled(() => session.flooded);
  ok(session.flooded < 380, `${session.flooded} blocks of 64 KiB left`);
  peer.socket.resume();
  await peer.hear('flooded\r\n');
  equal(session.flooded, 400);
});

test('a peer that never reads is dropped after its patience', async () => {
  const { port, protocol, clock, lines } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  peer.socket.pause();
  peer.say('FLOOD 400\r\n');
  const session = sessionOf(protocol);
  await stalled(() => session.flooded);
  clock.advance(protocol.patience - 1000);
  ok(!session.lost);
  // The kernel may take a little more at any moment, which is a sign of life.
  await until('it is dropped', () => {
    clock.advance(1000);
    return session.lost;
  });
  await session.ending;
  match(lines.at(-1)?.say ?? '', /no longer reads/);
});

test('a peer that vanishes while its session waits: the wait ends first, then the session', async () => {
  const { port, protocol } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  peer.say('WAIT\r\n');
  const session = sessionOf(protocol);
  await until('the session is busy', () => session.calls.includes('receive'));
  peer.vanish();
  await until('the loss is noticed', () => session.lost);
  deepEqual(session.calls, ['greet', 'receive']);
  protocol.openGate();
  await session.ending;
  deepEqual(session.calls, ['greet', 'receive', 'ended']);
});

test('silence expires a session, to the second', async () => {
  const { port, protocol, clock } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  clock.advance(59_000);
  peer.say('still here\r\n');
  await peer.hear('still here\r\n');
  clock.advance(59_000);
  deepEqual(sessionOf(protocol).calls, ['greet', 'receive']);
  clock.advance(2_000);
  equal(await peer.hearEnd(), 'too slow\r\n');
  await sessionOf(protocol).ending;
  deepEqual(sessionOf(protocol).calls, ['greet', 'receive', 'expire', 'ended']);
});

test('octets that earn no answer do not count as life: slow drips expire', async () => {
  const { port, protocol, clock } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  const session = sessionOf(protocol);
  for (let drop = 1; drop <= 6; drop += 1) {
    peer.say('x');
    await until('the drop is heard', () => session.received === drop || peer.closed);
    clock.advance(11_000);
  }
  equal(await peer.hearEnd(), 'too slow\r\n');
});

test('a busy session does not expire', async () => {
  const { port, protocol, clock } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  peer.say('WAIT\r\n');
  await until('it is busy', () => sessionOf(protocol).calls.includes('receive'));
  clock.advance(600_000);
  protocol.openGate();
  await peer.hear('waited\r\n');
});

test('a peer that keeps its half open after our goodbye cannot hold the connection', async () => {
  const { port, clock, protocol, network } = await serve();
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  peer.socket.allowHalfOpen = true;
  peer.say('QUIT\r\n');
  await peer.hear('bye\r\n');
  await once(peer.socket, 'end');
  equal(network.connections, 1);
  clock.advance(5_000);
  await sessionOf(protocol).ending;
  peer.socket.destroy();
});

test('beyond the limits a peer hears the busy line; the log line is not repeated', async () => {
  const { port, lines, admission, network } = await serve({ ...roomy, perPeer: 1 });
  const first = await NetPeer.dial(port);
  await first.hear('hello plain\r\n');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const second = await NetPeer.dial(port);
    equal(await second.hearEnd(), 'busy\r\n');
  }
  equal(lines.filter(({ say }) => say.includes('Turned')).length, 1);
  const other = await NetPeer.dial(port, '127.0.0.1', '127.0.0.2');
  await other.hear('hello plain\r\n');
  admission.change({ ...roomy, total: 2 });
  equal(await (await NetPeer.dial(port)).hearEnd(), 'busy\r\n');
  first.say('QUIT\r\n');
  await first.hearEnd();
  await until('one has left', () => network.connections === 1);
  await (await NetPeer.dial(port)).hear('hello plain\r\n');
});

test('while memory is short the silent go, longest silence first, one a second', async () => {
  let resident = 0;
  const limits = { ...roomy, memory: 1000 };
  const { port, protocol, clock, lines } = await serve(limits, ['127.0.0.1'], () => resident);
  const peers: NetPeer[] = [];
  for (let count = 0; count < 5; count += 1) {
    const peer = await NetPeer.dial(port);
    await peer.hear('\r\n');
    peers.push(peer);
  }
  const [busy, early, late, kept, talking] = peers;
  ok(busy && early && late && kept && talking);
  const say = async (peer: NetPeer) => {
    peer.say('still here\r\n');
    await peer.hear('still here\r\n');
  };
  busy.say('WAIT\r\n');
  await until('it is busy', () => protocol.sessions[0]?.calls.includes('receive') ?? false);
  clock.advance(10_000);
  await say(late);
  clock.advance(10_000);
  await say(kept);
  clock.advance(10_000);
  await say(talking);

  resident = 1001;
  clock.advance(1000);
  equal(await early.hearEnd(), 'overload\r\n');
  equal(await (await NetPeer.dial(port)).hearEnd(), 'busy\r\n');
  ok(!late.closed);
  clock.advance(1000);
  equal(await late.hearEnd(), 'overload\r\n');
  resident = 1000;
  clock.advance(5000);
  for (const peer of [kept, talking]) await say(peer);
  protocol.openGate();
  await busy.hear('waited\r\n');
  equal(lines.filter(({ say }) => say.startsWith('Memory is short')).length, 2);
});

test('while memory is short a peer that does not read goes without a goodbye', async () => {
  let resident = 0;
  const limits = { ...roomy, memory: 1000 };
  const { port, protocol, clock } = await serve(limits, ['127.0.0.1'], () => resident);
  const peer = await NetPeer.dial(port);
  await peer.hear('\r\n');
  peer.socket.pause();
  peer.say('FLOOD 400\r\n');
  const session = sessionOf(protocol);
  await stalled(() => session.flooded);
  clock.advance(1000);
  resident = 1001;
  clock.advance(5000);
  ok(!session.lost, 'a slow reader is given a moment');
  await until('it goes', () => {
    clock.advance(1000);
    return session.lost;
  });
  await session.ending;
  deepEqual(session.calls, ['greet', 'receive', 'ended']);
});

test('stopping lets sessions say goodbye, then ends those that cannot', async () => {
  const { port, protocol, network, clock } = await serve();
  const idle = await NetPeer.dial(port);
  await idle.hear('\r\n');
  const busy = await NetPeer.dial(port);
  await busy.hear('\r\n');
  busy.say('WAIT\r\n');
  await until('it is busy', () => protocol.sessions[1]?.calls.includes('receive') ?? false);
  const stopped = network.stop();
  equal(await idle.hearEnd(), 'stopping\r\n');
  ok(!busy.closed);
  clock.advance(1500);
  await stopped;
  equal(await busy.hearEnd(), '');
  protocol.openGate();
  await protocol.sessions[1]?.ending;
});

test('a defect ends its own session with the busy line, and is logged once with its place', async () => {
  for (const command of ['THROW', 'REJECT']) {
    const { port, lines, protocol } = await serve();
    const peer = await NetPeer.dial(port);
    await peer.hear('\r\n');
    const other = await NetPeer.dial(port);
    await other.hear('\r\n');
    peer.say(`${command}\r\nmore\r\n`);
    equal(await peer.hearEnd(), 'busy\r\n');
    await sessionOf(protocol).ending;
    const errors = lines.filter(({ level }) => level === 'error');
    equal(errors.length, 1);
    match(String(errors[0]?.facts['stack']), /on purpose[\s\S]*echo-protocol/);
    other.say('fine\r\n');
    await other.hear('fine\r\n');
  }
});

test('a session that cannot even begin takes neither the box nor a place with it', async () => {
  const { port, lines, protocol, admission } = await serve();
  const open = protocol.open;
  protocol.open = () => {
    throw new Error('opened on purpose');
  };
  equal(await (await NetPeer.dial(port)).hearEnd(), '');
  equal(lines.filter(({ level }) => level === 'error').length, 1);
  equal(admission.connections, 0);
  protocol.open = open;
  await (await NetPeer.dial(port)).hear('hello plain\r\n');
});

test('IPv4 and IPv6 stand side by side on one port', async () => {
  const { network, plan } = await serve(roomy, ['0.0.0.0', '::']);
  equal(plan.hosts.length, network.endpoints.length);
  const [four, six] = network.endpoints;
  equal(four?.port, six?.port);
  const port = six?.port ?? 0;
  await (await NetPeer.dial(port, '::1')).hear('hello plain\r\n');
  await (await NetPeer.dial(port, '127.0.0.1')).hear('hello plain\r\n');
});

test('a port in use is said in one sentence that names port and setting', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { network, plan } = await serve();
  const address = taken.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const result = await network.listen({ ...plan, port });
  equal(
    result.ok ? '' : result.error.say,
    `Port ${port} (setting echo.port) is already in use on 127.0.0.1 by another program: ` +
      'end that one, or set echo.port to another port.',
  );
  taken.close();
});

test('an address that is not this machine’s, or none, is said in words', async () => {
  const { network, plan } = await serve();
  const sentences = [];
  for (const host of ['192.0.2.77', 'mailbox.example', '2001:db8::77']) {
    const result = await network.listen({ ...plan, hosts: ['127.0.0.1', host] });
    sentences.push(result.ok ? '' : result.error.say);
  }
  deepEqual(sentences, [
    'This machine does not have the address 192.0.2.77 (setting listen.host).',
    '"mailbox.example" (setting listen.host) is not an IP address.',
    'This machine does not have the address 2001:db8::77 (setting listen.host).',
  ]);
});

test('a session’s id is short, its own, and the kernel keeps watch over the connection', async () => {
  const { port, protocol } = await serve();
  const peers = [await NetPeer.dial(port), await NetPeer.dial(port)];
  for (const peer of peers) await peer.hear('\r\n');
  const [one, two] = protocol.sessions;
  match(one?.peer.session ?? '', /^[0-9a-f]{10}$/);
  ok(one?.peer.session !== two?.peer.session);
  // proc(5): local address, remote address, state (1 is established), queues, timer (2: keep-alive).
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const watched = new RegExp(`: ${local} \\S+ 01 \\S+ 02:`);
  // Once the greeting is acknowledged, which is the kernel's affair.
  await until('the watch', () => watched.test(readFileSync('/proc/net/tcp', 'utf8')));
});

test('however peers leave, each session ends exactly once and every place is given back', async () => {
  const { port, protocol, network, admission } = await serve();
  protocol.openGate();
  const ways: readonly ((peer: NetPeer) => void)[] = [
    (peer) => peer.vanish(),
    (peer) => peer.say('QUIT\r\n'),
    (peer) => peer.socket.end(),
    (peer) => peer.socket.end('WAIT\r\nQUIT\r\n'),
    (peer) => peer.say('THROW\r\n'),
    (peer) => peer.say('REJECT\r\nWAIT\r\n'),
    (peer) => {
      peer.say('FLOOD 50\r\n');
      peer.vanish();
    },
    (peer) => {
      peer.say('WAIT\r\nQUIT\r\n');
      peer.vanish();
    },
    // There is no certificate here.
    (peer) => peer.say('STARTTLS\r\nx'),
  ];
  const leaving = Array.from({ length: 180 }, async (_, index) => {
    const peer = await NetPeer.dial(port);
    await peer.hear('\r\n');
    ways[index % ways.length]?.(peer);
  });
  await Promise.all(leaving);
  await until(
    'everybody has left',
    () => protocol.sessions.length === 180 && network.connections === 0,
  );
  equal(admission.connections, 0);
  for (const { calls, overlaps } of protocol.sessions) {
    equal(calls.indexOf('ended'), calls.length - 1, calls.join(' '));
    equal(overlaps, 0);
  }
});
