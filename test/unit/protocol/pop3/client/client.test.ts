/* The client's state machine: each case whole, octet by octet, and with more behind it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pop3Client } from '#protocol/pop3/client/client';
import type { ClientCommand } from '#protocol/pop3/client/command';
import { capa, noop, quit, stls } from '#protocol/pop3/client/commands/connection';
import { list, stat, uidl } from '#protocol/pop3/client/commands/listing';
import { dele } from '#protocol/pop3/client/commands/marking';
import { retr, top } from '#protocol/pop3/client/commands/retrieving';
import { auth, pass } from '#protocol/pop3/client/commands/sign-in';
import { ClientExchange } from '#protocol/sasl/client/exchange';
import { ClientPlain } from '#protocol/sasl/client/plain';

/** What a client says happens, one line each; the octets of a message joined. */
function happenings(client: Pop3Client, pieces: readonly Buffer[]): string[] {
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  for (const piece of pieces) {
    client.push(piece);
    for (let event = client.next(); event !== undefined; event = client.next()) {
      switch (event.kind) {
        case 'answer':
        case 'begun': {
          const { positive, code = '-', text } = event.answer;
          say(`${event.kind} ${event.command.line} ${positive ? '+' : '-'} ${code} ${text}`);
          break;
        }
        case 'octets': {
          const octets = event.octets.toString('latin1');
          const last = said.at(-1);
          if (last?.startsWith('octets ')) said[said.length - 1] = last + octets;
          else say(`octets ${octets}`);
          break;
        }
        case 'line':
          say(`line ${event.line}`);
          break;
        case 'end':
          say(`end ${event.command.line}`);
          break;
        case 'challenge':
          say(`challenge ${event.text}`);
          break;
        case 'nonsense':
          say(`nonsense ${event.detail}`);
          break;
      }
    }
  }
  return said;
}

interface Row {
  readonly name: string;
  /** After the greeting. */
  readonly asks: readonly ClientCommand[];
  readonly hears: string;
  readonly happens: readonly string[];
  /** Octets behind these would mean something else. */
  readonly endless?: true;
}

const plain = () => auth(new ClientExchange(new ClientPlain('ann', 'tuna')));

const rows: readonly Row[] = [
  { name: 'nothing is asked', asks: [], hears: '', happens: [] },
  { name: 'a status line', asks: [noop], hears: '+OK\r\n', happens: ['answer NOOP + - '] },
  {
    name: 'indicators in lower case, and a bare LF',
    asks: [noop, stat],
    hears: '+ok fine\n-err bad\r\n',
    happens: ['answer NOOP + - fine', 'answer STAT - - bad'],
  },
  {
    name: 'response codes',
    asks: [pass('x'), pass('x'), pass('x'), pass('x'), pass('x')],
    hears:
      '-ERR [in-use] locked\r\n-ERR [SYS/TEMP]\r\n-ERR [AUTH] no\r\n-ERR [a b] no\r\n+OK [X] in\r\n',
    happens: [
      'answer PASS x - IN-USE locked',
      'answer PASS x - SYS/TEMP ',
      'answer PASS x - AUTH no',
      'answer PASS x - - [a b] no',
      'answer PASS x + - [X] in',
    ],
  },
  {
    name: 'words that are not for people',
    asks: [noop],
    hears: `-ERR \x1b[31mred\x07 caf\xc3\xa9 ${'x'.repeat(600)}\r\n`,
    happens: [`answer NOOP - - [31mred café ${'x'.repeat(487)}...`],
  },
  {
    name: 'a list, with a stuffed line in it',
    asks: [capa, noop],
    hears: '+OK list\r\nTOP\r\n..x\r\n\r\n.\r\n+OK\r\n',
    happens: [
      'begun CAPA + - list',
      'line TOP',
      'line .x',
      'line ',
      'end CAPA',
      'answer NOOP + - ',
    ],
  },
  {
    name: 'lists that are refused, and empty',
    asks: [uidl, list],
    hears: '-ERR unknown\r\n+OK 0\r\n.\r\n',
    happens: ['answer UIDL - - unknown', 'begun LIST + - 0', 'end LIST'],
  },
  {
    name: 'messages one behind the other',
    asks: [retr(1), retr(2), retr(3), top(4, 0), dele(1)],
    hears: '+OK\r\na\r\n..\r\n.\r\n-ERR gone\r\n+OK\r\n.\r\n+OK\r\nx: y\r\n\r\n.\r\n+OK\r\n',
    happens: [
      'begun RETR 1 + - ',
      'octets a\r\n.\r\n',
      'end RETR 1',
      'answer RETR 2 - - gone',
      'begun RETR 3 + - ',
      'end RETR 3',
      'begun TOP 4 0 + - ',
      'octets x: y\r\n\r\n',
      'end TOP 4 0',
      'answer DELE 1 + - ',
    ],
  },
  {
    name: 'a message that holds what could end it',
    asks: [retr(1), quit],
    hears: '+OK\r\n.\n+OK\n.\r\n\r\n-ERR\r\n..\r\n.\r\n+OK bye\r\n',
    happens: [
      'begun RETR 1 + - ',
      'octets \n+OK\n.\r\n\r\n-ERR\r\n.\r\n',
      'end RETR 1',
      'answer QUIT + - bye',
    ],
  },
  {
    name: 'challenges',
    asks: [plain()],
    hears: '+ abcd\r\n+\r\n+ \r\n+OK in\r\n',
    happens: [
      'challenge abcd',
      'challenge ',
      'challenge ',
      'answer AUTH PLAIN AGFubgB0dW5h + - in',
    ],
  },
  {
    name: 'a challenge where none can be',
    asks: [noop],
    hears: '+ abcd\r\n',
    happens: ['nonsense the server said "+ abcd" in place of +OK or -ERR'],
    endless: true,
  },
  {
    name: 'what is said behind STLS in the clear is not heard',
    asks: [stls],
    hears: '+OK begin\r\n+OK injected\r\n-ERR injected\r\n',
    happens: ['answer STLS + - begin'],
    endless: true,
  },
  {
    name: 'a refused STLS changes nothing',
    asks: [stls, noop],
    hears: '-ERR no\r\n+OK\r\n',
    happens: ['answer STLS - - no', 'answer NOOP + - '],
  },
  {
    name: 'another protocol',
    asks: [noop],
    hears: 'HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n',
    happens: ['nonsense the server said "HTTP/1.1 400 Bad Request" in place of +OK or -ERR'],
    endless: true,
  },
  {
    name: '+OKAY is not +OK',
    asks: [noop],
    hears: '+OKAY\r\n',
    happens: ['nonsense the server said "+OKAY" in place of +OK or -ERR'],
    endless: true,
  },
  {
    name: 'what nobody asked for',
    asks: [noop],
    hears: '+OK\r\n-ERR [SYS/TEMP] going down\r\n',
    happens: ['answer NOOP + - ', 'nonsense the server said unasked: "-ERR [SYS/TEMP] going down"'],
    endless: true,
  },
];

const behind = '+OK something that was not asked for\r\n';

for (const { name, asks, hears, happens, endless } of rows) {
  test(`the client hears: ${name}`, () => {
    const octets = Buffer.from(`+OK hello\r\n${hears}`, 'latin1');
    const expected = ['answer  + - hello', ...happens];
    const asking = () => {
      const client = new Pop3Client();
      for (const command of asks) {
        assert.equal(client.request(command), `${command.line}\r\n`);
      }
      return client;
    };
    assert.deepEqual(happenings(asking(), [octets]), expected);
    const single = Array.from(octets, (octet) => Buffer.from([octet]));
    const client = asking();
    assert.deepEqual(happenings(client, single), expected);
    if (endless) return;
    assert.equal(client.waits, false);
    const more = happenings(asking(), [Buffer.concat([octets, Buffer.from(behind)])]);
    assert.deepEqual(more.slice(0, -1), expected);
    assert.match(more.at(-1) ?? '', /^nonsense the server said unasked: "\+OK something/);
  });
}

test('after the handshake the client goes on, and knows nothing of before', () => {
  const client = new Pop3Client();
  client.request(stls);
  happenings(client, [Buffer.from('+OK hello\r\n+OK begin\r\n+OK half a li')]);
  client.secured();
  client.request(noop);
  assert.deepEqual(happenings(client, [Buffer.from('+OK\r\n')]), ['answer NOOP + - ']);
});

test('a line that does not end', () => {
  for (const begin of ['', '+OK hello\r\n+OK\r\n17 ']) {
    const client = new Pop3Client();
    client.request(uidl);
    const pieces = [
      Buffer.from(begin),
      ...Array.from({ length: 20 }, () => Buffer.alloc(1000, 65)),
    ];
    const last = happenings(client, pieces).at(-1);
    assert.equal(last, 'nonsense the server sends a line that does not end');
  }
});

test('a list that does not end', () => {
  const client = new Pop3Client();
  client.request(capa);
  const said = happenings(client, [Buffer.from(`+OK\r\n+OK\r\n${'X\r\n'.repeat(300)}`)]);
  assert.equal(said.at(-1), 'nonsense the answer to CAPA does not end');
  assert.equal(said.length, 203);
});

test('more requests ahead than anybody should send are a mistake of ours', () => {
  const client = new Pop3Client();
  assert.throws(() => {
    for (let asked = 0; asked < 100; asked++) client.request(noop);
  }, /too many requests/);
});
