/*
 * A live page that somebody looks at, such as a tablet on the wall: the gate over real TLS, with a
 * clock that is turned by hand.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { Log } from '#base/log';
import { SystemRandom } from '#base/random';
import { ok } from '#base/result';
import { Admission } from '#net/limits';
import { cookieOf } from '#web/cookie';
import { FlowsPower } from '#web/flows/flows-power';
import { Gate } from '#web/gate';
import { type LiveReport, liveRoute } from '#web/light/live';
import { longestRest, longestSession, Sessions } from '#web/sessions';
import { Visits } from '#web/visits';
import { TestAuthority } from '../../support/certificates.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { NetPeer, until } from '../../support/net-peer.ts';

const beat = 25_000;

async function bench() {
  const clock = new FakeClock();
  const log = new Log(() => {}, clock);
  const authority = await TestAuthority.make();
  const context = createSecureContext(await authority.issue());
  const sessions = new Sessions(clock, new SystemRandom());
  const queue = { messages: 0 } as LiveReport['queue'];
  let changed = () => {};
  const seen = { pages: 0 };
  const source = {
    report: async () => ({ lamps: [], queue, accounts: [] }),
    watch: (own: () => void) => {
      changed = own;
      seen.pages += 1;
      return {
        [Symbol.dispose]: () => {
          seen.pages -= 1;
        },
      };
    },
  };
  const gate = new Gate({
    visits: new Visits({
      admission: new Admission({ total: 10, perPeer: 10, memory: 1e12 }, clock),
      ...{ context: () => context, clock, log },
    }),
    ...{ sessions, clock, log, routes: [liveRoute(source, clock)] },
    flows: noFlows(clock, log),
    passage: { socketPath: '/proc/never', clock },
    names: () => ['localhost'],
    facts: () => ({ owned: true, run: 'off', editor: false }),
    words: { command: (words) => words },
  });
  const plan = { setting: 'webs.port', port: 0, hosts: ['127.0.0.1'], secure: true } as const;
  const opened = await gate.listen(plan);
  assert.ok(opened.ok);
  const port = opened.value[0]?.port ?? 0;
  const look = async (key: string, method = 'GET') => {
    const peer = await NetPeer.dialTls(port, { ca: authority.pem, servername: 'localhost' });
    const cookie = cookieOf(key, 1).split(';')[0];
    peer.say(`${method} /live HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n`);
    peer.say('Sec-Fetch-Mode: cors\r\n\r\n');
    return peer;
  };
  return {
    ...{ clock, sessions, seen, look },
    change: (messages: number) => {
      Object.assign(queue, { messages });
      changed();
    },
    [Symbol.dispose]: () => gate.stop(),
  };
}

function noFlows(clock: FakeClock, log: Log): FlowsPower {
  return new FlowsPower({
    runner: {
      ...{ name: 'none', state: { kind: 'off' }, start: async () => ok(undefined) },
      ...{ stop: async () => {}, memory: () => undefined },
      watch: () => ({ [Symbol.dispose]: () => {} }),
    },
    ...{ reachable: async () => false, settings: () => ({ run: 'off', idle: 1 }), clock, log },
    note: { read: async () => undefined, write: async () => {} },
  });
}

test('tells the truth as long as its session lasts, though nothing else is asked for', async () => {
  using open = await bench();
  const peer = await open.look(open.sessions.open());
  await peer.hear('"messages":0');
  const beats = Math.floor(longestSession / beat) - 1;
  for (let count = 0; count < beats; count += 1) {
    open.clock.advance(beat);
    await peer.hear('event: beat\ndata: 1\n\n');
  }
  open.change(1);
  await peer.hear('"messages":1');
  open.clock.advance(2 * beat);
  await peer.hear('0\r\n\r\n');
  const later = await open.look('x'.repeat(43));
  await later.hear('HTTP/1.1 401');
});

test('a browser that only asks whether it is there is told so', async () => {
  using open = await bench();
  const key = open.sessions.open();
  const peer = await open.look(key, 'HEAD');
  await peer.hear('HTTP/1.1 200 ');
  await peer.hear('\r\n\r\n');
  assert.equal(open.seen.pages, 0);
});

test('whoever leaves it rests, and is signed out after half an hour', async () => {
  using open = await bench();
  const peer = await open.look(open.sessions.open());
  await peer.hear('"messages":0');
  for (let count = 0; count < 100; count += 1) {
    open.clock.advance(beat);
    await peer.hear('event: beat\ndata: 1\n\n');
  }
  peer.socket.destroy();
  await until('it is noticed', () => open.seen.pages === 0);
  open.clock.advance(longestRest - 1);
  assert.equal(open.sessions.size, 1);
  open.clock.advance(1);
  assert.equal(open.sessions.size, 0);
});
