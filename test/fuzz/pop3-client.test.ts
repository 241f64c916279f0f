/*
 * Invariants: whatever a server sends, the client never throws; what happens does not depend on
 * how the octets were cut; there are no more answers than requests, in their order; and after
 * nonsense there is nothing. Of our own server it understands everything: each message comes
 * out as it went in.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientEvent, Pop3Client } from '#protocol/pop3/client/client';
import type { ClientCommand } from '#protocol/pop3/client/command';
import { capa, noop, quit, stls } from '#protocol/pop3/client/commands/connection';
import {
  list,
  readScanListing,
  readUniqueIdListing,
  stat,
  uidl,
} from '#protocol/pop3/client/commands/listing';
import { dele, rset } from '#protocol/pop3/client/commands/marking';
import { retr, top } from '#protocol/pop3/client/commands/retrieving';
import { pass, user } from '#protocol/pop3/client/commands/sign-in';
import { offersOf } from '#protocol/pop3/client/offers';
import { SeededRandom } from '../support/seeded-random.ts';
import { houseOfAnn, Pop3Line } from '../unit/protocol/pop3/pop3-line.ts';

const random = new SeededRandom('pop3 client');

const commands: readonly ClientCommand[] = [
  ...[capa, noop, stls, list, stat, uidl, rset, dele(1), retr(1), retr(2), top(1, 0), user('a')],
  { line: 'AUTH PLAIN', shown: '', shape: 'exchange' },
];

const pieces = [
  ...['+OK', '-ERR', '+', '.', '\r\n', '\n', '\r', ' ', '..', '.\r\n', '\r\n.\r\n', '+OK\r\n'],
  ...['-ERR [AUTH] no\r\n', '1 2\r\n', '+OK 2 320\r\n', 'SASL PLAIN\r\n', '\0', '\xff', '[', '/'],
  'x'.repeat(300),
];

function randomServer(): Buffer {
  const parts = Array.from({ length: random.below(40) }, () => {
    return random.below(8) === 0
      ? random.octets(random.below(40)).toString('latin1')
      : random.pick(pieces);
  });
  const greeting = random.below(10) === 0 ? '' : '+OK hello\r\n';
  return Buffer.from(greeting + parts.join(''), 'latin1');
}

/** A line for each event; the octets of a message joined. */
function run(asks: readonly ClientCommand[], octets: Buffer, cut: () => number): string[] {
  const client = new Pop3Client();
  for (const command of asks) client.request(command);
  const said: string[] = [];
  const waiting = ['', ...asks.map(({ line }) => line)];
  for (let at = 0; at < octets.length; ) {
    const size = cut();
    client.push(Buffer.from(octets.subarray(at, at + size)));
    at += size;
    for (let event = client.next(); event !== undefined; event = client.next()) {
      assert.notEqual(said.at(-1)?.startsWith('nonsense'), true, 'something after nonsense');
      if (event.kind === 'answer' || event.kind === 'begun') {
        assert.equal(event.command.line, waiting.shift(), 'an answer out of turn');
      }
      const line = inWords(event);
      const last = said.at(-1);
      if (event.kind === 'octets' && last?.startsWith('octets ')) {
        said[said.length - 1] = last + line.slice('octets '.length);
      } else {
        said.push(line);
      }
    }
  }
  return said;
}

function inWords(event: ClientEvent): string {
  switch (event.kind) {
    case 'answer':
    case 'begun':
      return `${event.kind} ${event.command.line} ${JSON.stringify(event.answer)}`;
    case 'line':
      return `line ${event.line}`;
    case 'octets':
      return `octets ${event.octets.toString('latin1')}`;
    case 'end':
      return `end ${event.command.line}`;
    case 'challenge':
      return `challenge ${event.text}`;
    case 'nonsense':
      return `nonsense ${event.detail}`;
  }
}

test('whatever a server says', () => {
  for (let round = 0; round < 800; round++) {
    const asks = Array.from({ length: random.below(6) }, () => random.pick(commands));
    const octets = randomServer();
    const whole = run(asks, octets, () => octets.length);
    const shown = JSON.stringify([asks.map(({ line }) => line), octets.toString('latin1')]);
    assert.deepEqual(
      run(asks, octets, () => 1),
      whole,
      shown,
    );
    assert.deepEqual(
      run(asks, octets, () => 1 + random.below(9)),
      whole,
      shown,
    );
  }
});

test('a server that never comes to an end is not kept in memory', () => {
  const begins = ['', '+OK\r\n', '+OK\r\n+OK\r\n', '+OK\r\n+OK\r\n..\r\n', '+OK\r\n+OK\r\n.\r'];
  for (const command of [capa, uidl, retr(1), noop]) {
    for (const begin of begins) {
      for (const piece of [Buffer.alloc(65_536, 'x'), Buffer.alloc(65_536, '.\r\r\n')]) {
        const client = new Pop3Client();
        client.request(command);
        client.push(Buffer.from(begin));
        let events = 0;
        const before = process.memoryUsage().arrayBuffers;
        for (let sent = 0; sent < 150; sent++) {
          for (let event = client.next(); event !== undefined; event = client.next()) events++;
          client.push(piece);
        }
        const grown = process.memoryUsage().arrayBuffers - before;
        assert.ok(grown < 8_000_000, `${command.line} ${JSON.stringify(begin)}: ${grown} octets`);
        // A piece of a message is one event, however many dots are in it.
        assert.ok(command.shape !== 'message' || events <= 152, `${events} events`);
      }
    }
  }
});

const letters = [
  'Subject: 1\r\n\r\none\r\n',
  '.\r\n..\r\n.\r\n',
  '',
  '.',
  `${'x'.repeat(70_000)}\r\n.\r\n`,
  `Subject: dots\r\n\r\n${'.\r\n'.repeat(3000)}`,
  '\x80\xff\0\r\n',
];

/** Every line end whole, the last one there. */
function asSent(octets: string): string {
  return octets === '' || octets.endsWith('\r\n') ? octets : `${octets}\r\n`;
}

test('our own server, over a wire in memory', async () => {
  for (let round = 0; round < 20; round++) {
    const house = await houseOfAnn(...letters);
    const line = new Pop3Line(house, round % 2 === 0);
    const client = new Pop3Client();
    client.push(Buffer.from('+OK hello\r\n'));
    const numbers = Array.from({ length: 12 }, () => 1 + random.below(letters.length + 1));
    const asks = [
      ...[user('ann'), pass('tuna'), stat, list, uidl, capa],
      ...numbers.map((number) => retr(number)),
      ...[top(1, 0), dele(3), quit],
    ];
    const octets = asks.map((command) => client.request(command)).join('');
    const heard = Buffer.from(await line.say(octets), 'latin1');
    const got = new Map<string, string[]>();
    let waiting = 0;
    for (let at = 0; at < heard.length; ) {
      const size = 1 + random.below(round < 10 ? 9 : 9000);
      client.push(heard.subarray(at, at + size));
      at += size;
      for (let event = client.next(); event !== undefined; event = client.next()) {
        assert.notEqual(event.kind, 'nonsense');
        if (event.kind === 'begun' || event.kind === 'answer') {
          waiting++;
          const { positive, text } = event.answer;
          const asked = event.command.line;
          assert.equal(positive, asked !== `RETR ${letters.length + 1}`, asked);
          got.set(asked, [text]);
        } else if (event.kind === 'line' || event.kind === 'octets') {
          const last = [...got.values()].at(-1);
          last?.push(event.kind === 'line' ? event.line : event.octets.toString('latin1'));
        }
        // A later RETR of the same message begins anew, and stands last.
        if (event.kind === 'begun') {
          const own = got.get(event.command.line) ?? [];
          got.delete(event.command.line);
          got.set(event.command.line, own);
        }
      }
    }
    assert.equal(waiting, asks.length + 1);
    assert.equal(client.waits, false);
    for (const [index, letter] of letters.entries()) {
      const retrieved = got.get(`RETR ${index + 1}`);
      if (retrieved === undefined) continue;
      assert.ok(retrieved.slice(1).join('') === asSent(letter), `message ${index + 1} differs`);
    }
    assert.equal(got.get('TOP 1 0')?.slice(1).join(''), 'Subject: 1\r\n\r\n');
    const sizes = got
      .get('LIST')
      ?.slice(1)
      .map((one) => readScanListing(one)?.octets);
    assert.deepEqual(
      sizes,
      letters.map((letter) => asSent(letter).length),
    );
    const ids = got
      .get('UIDL')
      ?.slice(1)
      .map((one) => readUniqueIdListing(one)?.uniqueId);
    assert.equal(new Set(ids).size, letters.length);
    const offers = offersOf(got.get('CAPA')?.slice(1) ?? []);
    assert.ok(offers.top && offers.uidl && offers.pipelining && offers.user);
    assert.equal(house.messages('ann').length, letters.length - 1);
  }
});
