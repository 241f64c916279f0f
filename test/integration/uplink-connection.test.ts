/*
 * The connection to a provider over real sockets: what goes over the wire, what each answer and
 * each kind of silence becomes, and that the end of a message is never sent before it may be.
 */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { OutgoingEnvelope } from '#uplink/connection';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/net-peer.ts';
import {
  type Asked,
  ScriptedSmtpServer,
  type ServerScript,
  type SmtpSession,
  silence,
  type Wish,
} from '../support/scripted-smtp-server.ts';
import { connected, envelope, goOn, letter, octets } from '../support/uplink-peer.ts';

const two = ['bob@example.net', 'eve@example.net'];
const pipelining = ['PIPELINING', 'SIZE 1000000', '8BITMIME', 'DSN', 'SMTPUTF8'];

for (const offers of [pipelining, ['SIZE 1000000']]) {
  test(`messages go out one after the other, offered: ${offers[0]}`, async () => {
    await using server = await ScriptedSmtpServer.listen({ offers });
    const connection = await connected(server.port);
    assert.deepEqual(
      [...connection.facts.extensions],
      offers.map((offer) => offer.split(' ')[0]),
    );
    assert.equal(connection.facts.largest, 1_000_000);
    for (let i = 0; i < 3; i++) {
      const sent = await connection.send(envelope({ recipients: two }), octets(), goOn);
      const answer = { code: 250, enhanced: '2.0.0', text: 'Ok: queued as 4711', to: 'end' };
      assert.deepEqual(sent, { ok: true, value: { recipients: [answer, answer] } });
      assert.ok(connection.usable);
    }
    await connection.close();
    assert.equal(connection.usable, false);
    const [session] = server.sessions;
    assert.equal(session?.messages.length, 3);
    for (const message of server.taken) {
      assert.equal(message.octets.toString(), letter);
      assert.equal(message.mail, '<ann@example.org> SIZE=100');
      assert.deepEqual(message.rcpt, ['<bob@example.net>', '<eve@example.net>']);
    }
    const stuffed = letter.replace(/^\./gm, '..');
    assert.ok(session?.heard.includes(`DATA\r\n${stuffed}.\r\n`));
    assert.deepEqual(session?.commands[0], 'EHLO box.example');
    assert.deepEqual(session?.commands.at(-1), 'QUIT');
    assert.ok(!session?.commands.includes('RSET'));
  });
}

const parameters: readonly [string, Partial<OutgoingEnvelope>, string[], string, string][] = [
  ['the null sender', { sender: '' }, pipelining, '<> SIZE=100', '<bob@example.net>'],
  [
    'nothing that is not offered',
    { eightBit: true, utf8: true, dsn: { notify: [] } },
    [],
    '<ann@example.org>',
    '<bob@example.net>',
  ],
  [
    'a server by the name of an extension',
    { eightBit: true, dsn: { reportWith: 'full' } },
    ['X-DSN', 'X 8BITMIME'],
    '<ann@example.org>',
    '<bob@example.net>',
  ],
  [
    '8BITMIME',
    { eightBit: true },
    ['8BITMIME'],
    '<ann@example.org> BODY=8BITMIME',
    '<bob@example.net>',
  ],
  [
    'SMTPUTF8 for the header section',
    { utf8: true },
    ['SMTPUTF8'],
    '<ann@example.org> SMTPUTF8',
    '<bob@example.net>',
  ],
  [
    'SMTPUTF8 once',
    { utf8: true, sender: 'änn@example.org' },
    ['SMTPUTF8'],
    '<änn@example.org> SMTPUTF8',
    '<bob@example.net>',
  ],
  [
    'A-labels',
    { recipients: ['bob@bücher.example'] },
    [],
    '<ann@example.org>',
    '<bob@xn--bcher-kva.example>',
  ],
  [
    'NEVER',
    { dsn: { notify: [] } },
    ['DSN'],
    '<ann@example.org>',
    '<bob@example.net> NOTIFY=NEVER',
  ],
  [
    'all of DSN',
    {
      dsn: {
        notify: ['success', 'delay'],
        original: { type: 'rfc822', address: 'bob+x=y@example.com' },
        reportWith: 'headers',
        envelopeId: 'a b+c',
      },
    },
    ['DSN'],
    '<ann@example.org> RET=HDRS ENVID=a+20b+2Bc',
    '<bob@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;bob+2Bx+3Dy@example.com',
  ],
  [
    'an original recipient in UTF-8',
    { dsn: { original: { type: 'utf-8', address: 'rené+x@bücher.example' } } },
    ['DSN'],
    '<ann@example.org>',
    '<bob@example.net> ORCPT=utf-8;ren\\x{E9}\\x{2B}x@b\\x{FC}cher.example',
  ],
];

for (const [name, wanted, offers, mail, rcpt] of parameters) {
  test(`parameters: ${name}`, async () => {
    await using server = await ScriptedSmtpServer.listen({ offers });
    const connection = await connected(server.port);
    assert.ok((await connection.send(envelope(wanted), octets(), goOn)).ok);
    await connection.close();
    assert.equal(server.taken[0]?.mail, mail);
    assert.equal(server.taken[0]?.rcpt[0], rcpt);
  });
}

test('SMTPUTF8 is said for one message, not for the next', async () => {
  await using server = await ScriptedSmtpServer.listen({ offers: pipelining });
  const connection = await connected(server.port);
  await connection.send(envelope({ utf8: true }), octets(), goOn);
  await connection.send(envelope(), octets(), goOn);
  await connection.close();
  assert.deepEqual(
    server.taken.map(({ mail }) => mail),
    ['<ann@example.org> SIZE=100 SMTPUTF8', '<ann@example.org> SIZE=100'],
  );
});

interface Row {
  readonly name: string;
  readonly answer: (asked: Asked) => Wish | Promise<Wish>;
  /** Code and `to` of each recipient's answer, or that it broke. */
  readonly becomes: readonly string[] | 'broken' | 'in doubt';
  /** Another message can follow on this connection. */
  readonly usable: boolean;
  /** From then on the server says nothing, and time passes. */
  readonly silentFrom?: (session: SmtpSession) => boolean;
}

const hasMail = ({ commands }: SmtpSession) => commands.some((one) => one.startsWith('MAIL'));

/** Once some of the message has come. */
const within =
  (wish: Wish) =>
  ({ at, session }: Asked) =>
    at === 'part' && session.heard.includes('Subject') ? wish : undefined;

const on =
  (moment: Asked['at'], wish: Wish | Promise<Wish>, matching = '') =>
  ({ at, line }: Asked) =>
    at === moment && line.includes(matching) ? wish : undefined;

const rows: readonly Row[] = [
  {
    name: 'MAIL refused',
    answer: on('mail', '550 5.7.1 no'),
    becomes: ['550 mail', '550 mail'],
    usable: true,
  },
  {
    name: 'MAIL put off',
    answer: on('mail', '451 later'),
    becomes: ['451 mail', '451 mail'],
    usable: true,
  },
  {
    name: 'one RCPT refused',
    answer: on('rcpt', '550 5.1.1 who', 'bob'),
    becomes: ['550 rcpt', '250 end'],
    usable: true,
  },
  {
    name: 'all RCPT refused',
    answer: ({ at, line }) =>
      at !== 'rcpt' ? undefined : line.includes('bob') ? '550 who' : '450 busy',
    becomes: ['550 rcpt', '450 rcpt'],
    usable: true,
  },
  {
    name: 'all RCPT refused and DATA taken',
    answer: ({ at }) => (at === 'rcpt' ? '550 who' : at === 'data' ? '354 go' : undefined),
    becomes: ['550 rcpt', '550 rcpt'],
    usable: true,
  },
  {
    name: 'an answer to RCPT that makes no sense',
    answer: on('rcpt', 'banana', 'bob'),
    becomes: ['451 rcpt', '250 end'],
    usable: true,
  },
  {
    name: 'DATA refused',
    answer: on('data', '452 full'),
    becomes: ['452 data', '452 data'],
    usable: true,
  },
  {
    name: 'DATA refused, one RCPT too',
    answer: ({ at, line }) =>
      at === 'data' ? '452 full' : at === 'rcpt' && line.includes('eve') ? '550 who' : undefined,
    becomes: ['452 data', '550 rcpt'],
    usable: true,
  },
  {
    name: 'DATA answered with 250',
    answer: on('data', '250 ok'),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'the message refused',
    answer: on('end', '554 5.7.1 spam'),
    becomes: ['554 end', '554 end'],
    usable: true,
  },
  {
    name: 'the message refused in many lines',
    answer: on('end', '550 5.4.5 too much\n550 5.4.5 today'),
    becomes: ['550 end', '550 end'],
    usable: true,
  },
  {
    name: 'an end that makes no sense',
    answer: on('end', '2'),
    becomes: 'in doubt',
    usable: false,
  },
  { name: '354 at the end', answer: on('end', '354 go'), becomes: 'in doubt', usable: false },
  {
    name: '421 to MAIL',
    answer: on('mail', { raw: '421 4.3.2 bye\r\n', drop: 'end' }),
    becomes: ['421 mail', '421 mail'],
    usable: false,
  },
  {
    name: '421 to RCPT',
    answer: on('rcpt', { raw: '421 4.7.0 bye\r\n', drop: 'end' }, 'eve'),
    becomes: ['421 mail', '421 mail'],
    usable: false,
  },
  {
    name: '421 at the end',
    answer: on('end', { raw: '421 4.3.2 bye\r\n', drop: 'end' }),
    becomes: ['421 end', '421 end'],
    usable: false,
  },
  {
    name: '421 within the message',
    answer: within({ raw: '421 4.3.2 bye\r\n', drop: 'end' }),
    becomes: ['421 end', '421 end'],
    usable: false,
  },
  {
    name: 'refused within the message',
    answer: within({ raw: '552 5.3.4 too much\r\n' }),
    becomes: ['552 end', '552 end'],
    usable: false,
  },
  {
    name: 'taken within the message',
    answer: within({ raw: '250 2.0.0 ok\r\n' }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'dropped at MAIL',
    answer: on('mail', { drop: 'end' }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'reset at RCPT',
    answer: on('rcpt', { drop: 'reset' }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'dropped at DATA',
    answer: on('data', { drop: 'end' }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'dropped within the message',
    answer: within({ drop: 'reset' }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'dropped at the end',
    answer: on('end', { drop: 'end' }),
    becomes: 'in doubt',
    usable: false,
  },
  {
    name: 'dropped within the last answer',
    answer: on('end', { raw: '250 2.0', drop: 'end' }),
    becomes: 'in doubt',
    usable: false,
  },
  {
    name: 'reset at the end',
    answer: on('end', { drop: 'reset' }),
    becomes: 'in doubt',
    usable: false,
  },
  {
    name: 'silent at MAIL',
    answer: on('mail', silence),
    becomes: 'broken',
    usable: false,
    silentFrom: hasMail,
  },
  {
    name: 'silent at DATA',
    answer: on('data', silence),
    becomes: 'broken',
    usable: false,
    silentFrom: ({ commands }) => commands.includes('DATA'),
  },
  {
    name: 'silent at the end',
    answer: on('end', silence),
    becomes: 'in doubt',
    usable: false,
    silentFrom: ({ heard }) => heard.includes('\r\n.\r\n'),
  },
  {
    name: 'an answer too many',
    answer: on('mail', { raw: '250 a\r\n250 b\r\n' }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'all answers ahead',
    answer: on('mail', { raw: '250 a\r\n'.repeat(5) }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: '8 KiB of garbage',
    answer: on('mail', { raw: Buffer.alloc(8192, 0x80) }),
    becomes: 'broken',
    usable: false,
    silentFrom: hasMail,
  },
  {
    name: 'garbage by the line',
    answer: on('end', { raw: '\x1b]0;x\x07\r\n'.repeat(50) }),
    becomes: 'in doubt',
    usable: false,
  },
  {
    name: 'an answer that never ends',
    answer: on('mail', { raw: '250-more\r\n'.repeat(20_000) }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'a line that never ends',
    answer: on('mail', { raw: 'x'.repeat(200_000) }),
    becomes: 'broken',
    usable: false,
  },
  {
    name: 'nothing but empty lines',
    answer: on('mail', { raw: '\r\n'.repeat(100_000) }),
    becomes: 'broken',
    usable: false,
  },
];

const long = `Subject: long\r\n\r\n${`${'x'.repeat(78)}\r\n`.repeat(4000)}`;

for (const offers of [['PIPELINING'], []]) {
  for (const { name, answer, becomes, usable, silentFrom } of rows) {
    test(`${name}${offers.length > 0 ? ', pipelined' : ''}`, async () => {
      await using server = await ScriptedSmtpServer.listen({ offers, answer });
      const clock = silentFrom === undefined ? undefined : new FakeClock();
      const connection = await connected(server.port, {}, clock);
      // What comes within the message comes while the question about its end is open.
      const ending = name.includes('within the message') ? () => silence : goOn;
      const sending = connection.send(envelope({ recipients: two }), octets(long), ending);
      if (silentFrom !== undefined) {
        await until('the silence', () => server.sessions.some(silentFrom));
      }
      const sent = await (clock?.passUntil(sending) ?? sending);
      if (typeof becomes !== 'string') {
        assert.ok(sent.ok, sent.ok ? '' : sent.error.detail);
        const got = sent.value.recipients.map(({ code, to }) => `${code} ${to}`);
        assert.deepEqual(got, becomes);
      } else {
        assert.ok(!sent.ok, JSON.stringify(sent));
        assert.equal(sent.error.doubt, becomes === 'in doubt');
        assert.doesNotMatch(sent.error.detail, /[\0-\x1f\x7f-\x9f]/);
        assert.ok(sent.error.detail.length < 700);
      }
      assert.equal(connection.usable, usable);
      if (usable) {
        const next = await connection.send(
          envelope({ recipients: ['al@example.net'] }),
          octets(),
          goOn,
        );
        // What was refused before is refused again, and the connection is still in step.
        assert.equal(next.ok, true);
      }
      await connection.close();
    });
  }
}

test('the end is not sent before it may be', async () => {
  await using server = await ScriptedSmtpServer.listen({ offers: ['PIPELINING'] });
  const connection = await connected(server.port);
  let release: (may: boolean) => void = () => {};
  let asked = false;
  const sending = connection.send(envelope(), octets(), () => {
    asked = true;
    return new Promise((resolve) => {
      release = resolve;
    });
  });
  const [session] = server.sessions;
  await until('the last line of the message', () => !!session?.heard.includes('how are you?\r\n'));
  await until('the question about its end', () => asked);
  // Whatever was written has arrived: a round trip over the same loopback, through the same loop.
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(session?.heard.toString().endsWith('how are you?\r\n'));
  release(true);
  assert.ok((await sending).ok);
  assert.ok(session?.heard.includes('how are you?\r\n.\r\n'));
  await connection.close();
});

for (const [name, ending] of [
  ['must not be', () => Promise.resolve(false)],
  ['cannot be asked for', () => Promise.reject(new Error('the disk is full'))],
] as const) {
  test(`the end is never sent when it ${name}`, async () => {
    await using server = await ScriptedSmtpServer.listen({ offers: ['PIPELINING'] });
    const connection = await connected(server.port);
    const sent = await connection.send(envelope(), octets(), ending);
    assert.ok(!sent.ok);
    assert.equal(sent.error.doubt, false);
    assert.equal(connection.usable, false);
    const [session] = server.sessions;
    await until('the server to notice', () => session?.closed === true);
    assert.ok(session?.heard.toString().endsWith('how are you?\r\n'));
    assert.deepEqual(server.taken, []);
  });
}

test('the end is not asked for when the envelope is refused', async () => {
  const answer = on('rcpt', '550 5.1.1 who');
  await using server = await ScriptedSmtpServer.listen({ offers: ['PIPELINING'], answer });
  const connection = await connected(server.port);
  const message = octets();
  const never = () => Promise.reject(new Error('asked'));
  assert.ok((await connection.send(envelope(), message, never)).ok);
  assert.ok(message.destroyed);
  await connection.close();
});

test('a message that cannot be read is never ended', async () => {
  await using server = await ScriptedSmtpServer.listen();
  const connection = await connected(server.port);
  async function* broken() {
    yield Buffer.from('Subject: half\r\n\r\nhalf of');
    throw new Error('the disk reports errors');
  }
  const sent = await connection.send(envelope(), Readable.from(broken()), goOn);
  assert.ok(!sent.ok);
  assert.equal(sent.error.unread, true);
  assert.equal(sent.error.doubt, false);
  assert.match(sent.error.detail, /the disk reports errors/);
  const [session] = server.sessions;
  await until('the server to notice', () => session?.closed === true);
  assert.ok(!session?.heard.includes('\r\n.\r\n'));
});

test('a connection that the server closes while it rests is not usable any more', async () => {
  await using server = await ScriptedSmtpServer.listen();
  const connection = await connected(server.port);
  assert.ok(connection.usable);
  server.sessions[0]?.say('421 4.4.2 idle\r\n');
  await until('the end', () => !connection.usable);
  const sent = await connection.send(envelope(), octets(), goOn);
  assert.equal(!sent.ok && sent.error.doubt, false);
  await connection.close();
});

test('QUIT is not waited for long', async () => {
  const script: ServerScript = { answer: on('quit', silence) };
  await using server = await ScriptedSmtpServer.listen(script);
  const clock = new FakeClock();
  const connection = await connected(server.port, {}, clock);
  const closing = connection.close();
  await until('the goodbye', () => server.commands.at(-1) === 'QUIT');
  await clock.passUntil(closing);
});

test('the dot of a message in many pieces is stuffed wherever it falls', async () => {
  await using server = await ScriptedSmtpServer.listen();
  const connection = await connected(server.port);
  const pieces = [...letter].map((one) => Buffer.from(one));
  await connection.send(envelope(), Readable.from(pieces, { objectMode: false }), goOn);
  await connection.close();
  assert.equal(server.taken[0]?.octets.toString(), letter);
});
