/*
 * Fuzzing the SMTP session. The invariants, whatever a peer sends:
 *   - nothing throws;
 *   - the same octets get the same replies, in whatever pieces they come;
 *   - each reply line is printable ASCII behind a three-digit code;
 *   - in every state every line has an answer, and what lies in an inbox was answered with 250.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { House } from '../support/house.ts';
import { RecordedWire } from '../support/recorded-wire.ts';
import { SeededRandom } from '../support/seeded-random.ts';
import { protocol } from '../transcripts/smtp/protocol.ts';

const plain = Buffer.from('\0ann\0tuna').toString('base64');

/** Ways into each state. */
const states: Record<string, string> = {
  connected: '',
  ready: 'EHLO a\r\n',
  'signed in': `EHLO a\r\nAUTH PLAIN ${plain}\r\n`,
  authenticating: 'EHLO a\r\nAUTH LOGIN\r\n',
  sender: 'EHLO a\r\nMAIL FROM:<a@b.example>\r\n',
  recipients: 'EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ann@restante.local>\r\n',
  data: 'HELO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<ann@restante.local>\r\nDATA\r\n',
  chunks: 'EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<ann@restante.local>\r\nBDAT 3\r\nabc',
};

/** On submission whoever sends has to sign in first, and to be ann. */
function wayInto(way: string, role: string): string {
  if (role !== 'submission') return way;
  return way
    .replace(/^(?:EHLO|HELO) a\r\n(?=MAIL)/, `EHLO a\r\nAUTH PLAIN ${plain}\r\n`)
    .replace('a@b.example', 'ann@restante.local');
}

const pieces = [
  'EHLO',
  'HELO a',
  'MAIL FROM:<',
  'MAIL FROM:<scanner>',
  'MAIL FROM:<a@b.example>',
  'RCPT TO:<ann@restante.local>',
  'RCPT TO:<',
  'DATA',
  'DATA\r\n.\r\n',
  'BDAT 4',
  'BDAT 2 LAST',
  'BDAT 99999999999',
  'AUTH PLAIN',
  plain,
  'AUTH SCRAM-SHA-256 biwsbj1hbm4scj1yT3ByTkdmd0ViZVJXZ2JORWtxTw==',
  'RSET',
  'NOOP',
  'VRFY ann',
  'HELP HELP',
  'ETRN ',
  'ETRN #restante.local',
  'ETRN @b.example',
  '\r\n',
  '\r\n',
  '\r\n',
  '\n',
  '\r',
  '.',
  '..',
  ' ',
  ' SIZE=',
  ' BODY=8BITMIME',
  ' NOTIFY=NEVER',
  ' ORCPT=rfc822;',
  '"',
  '\\',
  '[IPv6:::1]',
  '@',
  '>',
  '\0',
  '\xff\xfe',
  'jürgen',
  '\u{1F4EE}',
  '12345678901234567890',
  'x'.repeat(600),
  'Date: now',
  'Received: x',
];

async function play(octets: Buffer, sizes: () => number, role: string) {
  const house = new House();
  await house.given('account ann', undefined);
  if (role === 'device') await house.given('device scanner of ann at 127.0.0.1', undefined);
  house.settings.set('smtp.role', role === 'submission' ? role : 'relay');
  house.settings.set('smtp.bareNewline', role === 'relay' ? 'refuse' : 'repair');
  const wire = new RecordedWire();
  const session = protocol(house).open(wire, house.peer);
  await session.greet(undefined);
  for (let at = 0; at < octets.length && !wire.closed; ) {
    const piece = Buffer.from(octets.subarray(at, at + sizes()));
    at += piece.length;
    await session.receive(piece);
    piece.fill(0x58);
  }
  await session.ended();
  const kept = house.messages('ann').map((message) => message.octets.toString('latin1'));
  return { said: wire.takeSent().toString('latin1'), kept };
}

for (const role of ['relay', 'submission', 'device']) {
  for (const [state, way] of Object.entries(states)) {
    test(`${role}, ${state}: random lines, whole and in pieces`, async () => {
      const random = new SeededRandom(`${role} ${state}`);
      for (let round = 0; round < 60; round++) {
        let text = wayInto(way, role);
        for (let i = random.below(40); i >= 0; i--) text += random.pick(pieces);
        const octets = Buffer.from(text);
        const whole = await play(octets, () => octets.length, role);
        const single = await play(octets, () => 1, role);
        const ragged = await play(octets, () => 1 + random.below(20), role);
        assert.deepEqual(single, whole, JSON.stringify(text));
        assert.deepEqual(ragged, whole, JSON.stringify(text));
        assert.match(whole.said, /^(?:[2345]\d\d[ -][\x20-\x7e]*\r\n)+$/, JSON.stringify(text));
        const stored = whole.said.match(/^250 2\.0\.0 Safely stored/gm)?.length ?? 0;
        assert.equal(whole.kept.length, stored, JSON.stringify(text));
      }
    });
  }
}

test('in every state every line gets one answer', async () => {
  const random = new SeededRandom('lines');
  for (const [state, wayIn] of Object.entries(states)) {
    if (state === 'data') continue;
    const way = wayInto(wayIn, 'submission');
    for (let round = 0; round < 150; round++) {
      const line = Array.from({ length: 1 + random.below(6) }, () => random.pick(pieces))
        .join('')
        .replace(/[\r\n]/g, '');
      if (/^(DATA|BDAT|AUTH)/i.test(line)) continue;
      const before = await play(Buffer.from(way), () => 1000, 'submission');
      const after = await play(Buffer.from(`${way}${line}\r\n`), () => 1000, 'submission');
      const answer = after.said.slice(before.said.length);
      assert.match(answer, /^(?:\d\d\d-[^\r\n]*\r\n)*\d\d\d [^\r\n]*\r\n$/, `${state}: ${line}`);
    }
  }
});
