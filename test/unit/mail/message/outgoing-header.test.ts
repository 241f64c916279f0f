/* What changes of a message on its way out, in whatever pieces, and that nothing else does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutgoingHeader } from '#mail/message/outgoing-header';
import type { Rewrite } from '#mail/queue/queue';
import { SeededRandom } from '../../../support/seeded-random.ts';

const known: Rewrite = {
  from: ['ann@restante.local', 'info@restante.local', 'ann@xn--bcher-kva.example'],
  to: 'ann.lee@gmail.com',
};

function sent(message: Buffer, size: number, rewrite: Rewrite | undefined) {
  const header = new OutgoingHeader(rewrite);
  const pieces: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const piece = Buffer.from(message.subarray(at, at + size));
    pieces.push(Buffer.from(header.update(piece)));
    piece.fill(0x58);
  }
  pieces.push(header.end());
  const out = Buffer.concat(pieces);
  assert.equal(out.length, message.length + header.growth);
  return { out: out.toString(), eightBit: header.eightBit };
}

function everyWay(message: string, rewrite: Rewrite | undefined) {
  const octets = Buffer.from(message);
  const whole = sent(octets, octets.length + 1, rewrite);
  for (const size of [1, 2, 3, 7, 64]) {
    assert.deepEqual(sent(octets, size, rewrite), whole, `in pieces of ${size}`);
  }
  return whole;
}

/** [what it shows, the body of a From field, what it becomes; undefined: stays] */
const fields: [string, string, string | undefined][] = [
  ['addr-spec', ' ann@restante.local\r\n', ' ann.lee@gmail.com\r\n'],
  ['no white space at all', 'ann@restante.local\r\n', 'ann.lee@gmail.com\r\n'],
  ['case', ' Ann <ANN@Restante.Local>\r\n', ' Ann <ann.lee@gmail.com>\r\n'],
  ['a detail', ' <ann+shop@restante.local>\r\n', ' <ann.lee@gmail.com>\r\n'],
  ['another address of hers', ' <info@restante.local>\r\n', ' <ann.lee@gmail.com>\r\n'],
  ['a U-label', ' <ann@bücher.example>\r\n', ' <ann.lee@gmail.com>\r\n'],
  ['an A-label', ' <ann@xn--bcher-kva.example>\r\n', ' <ann.lee@gmail.com>\r\n'],
  ['a quoted local part', ' "a\\nn"@restante.local\r\n', ' ann.lee@gmail.com\r\n'],
  [
    'a name that is an address',
    ' "ann@restante.local" <ann@restante.local>\r\n',
    ' "ann@restante.local" <ann.lee@gmail.com>\r\n',
  ],
  [
    'a name that is an address, without quotes',
    ' ann@restante.local <ann@restante.local>\r\n',
    ' ann@restante.local <ann.lee@gmail.com>\r\n',
  ],
  [
    'a quoted name with brackets and quotes',
    ' "Ann \\"<ann@restante.local>\\", home" <ann@restante.local>\r\n',
    ' "Ann \\"<ann@restante.local>\\", home" <ann.lee@gmail.com>\r\n',
  ],
  [
    'encoded words',
    ' =?utf-8?Q?J=C3=BCrg,_ann@restante.local?= <ann@restante.local>\r\n',
    ' =?utf-8?Q?J=C3=BCrg,_ann@restante.local?= <ann.lee@gmail.com>\r\n',
  ],
  ['UTF-8', ' Jürg Lee <ann@restante.local>\r\n', ' Jürg Lee <ann.lee@gmail.com>\r\n'],
  ['dots in a name', ' Ann B. Lee <ann@restante.local>\r\n', ' Ann B. Lee <ann.lee@gmail.com>\r\n'],
  [
    'comments',
    ' (ann@restante.local (x\\)) ) Ann (y) <ann@restante.local> (ann@restante.local)\r\n',
    ' (ann@restante.local (x\\)) ) Ann (y) <ann.lee@gmail.com> (ann@restante.local)\r\n',
  ],
  [
    'comments and folding inside an address',
    ' ann (a) @\r\n\t(b)restante . (c) local (d)\r\n',
    ' ann.lee (a) @\r\n\t(b)gmail.com  (c)  (d)\r\n',
  ],
  [
    'folding',
    '\r\n Ann\r\n  Lee\r\n\t<ann@restante.local>\r\n',
    '\r\n Ann\r\n  Lee\r\n\t<ann.lee@gmail.com>\r\n',
  ],
  ['bare line feeds', '\n Ann\n <ann@restante.local>\n', '\n Ann\n <ann.lee@gmail.com>\n'],
  [
    'a list of which some are hers',
    ' bob@restante.local, Ann <ann@restante.local>,,\r\n ann@restante.local\r\n',
    ' bob@restante.local, Ann <ann.lee@gmail.com>,,\r\n ann.lee@gmail.com\r\n',
  ],
  [
    'a group',
    ' us: bob@x.example, <ann@restante.local>;, info@restante.local\r\n',
    ' us: bob@x.example, <ann.lee@gmail.com>;, ann.lee@gmail.com\r\n',
  ],
  ['an empty group', ' nobody:;\r\n', undefined],
  ['a route', ' <@a.example,@b:ann@restante.local>\r\n', ' <@a.example,@b:ann.lee@gmail.com>\r\n'],
  ["somebody else's", ' Bob <bob@restante.local>\r\n', undefined],
  ['the address within another', ' <ann@restante.local.example>\r\n', undefined],
  ['a domain literal', ' <ann@[192.168.1.1]>\r\n', undefined],
  ['a name alone', ' ann\r\n', undefined],
  ['nothing', '\r\n', undefined],
];

for (const [what, body, become = body] of fields) {
  test(`From with ${what}`, () => {
    for (const name of ['From:', 'FROM \t:']) {
      const around = (field: string) =>
        `Received: x\r\n${name}${field}To: ann@restante.local\r\n\r\nFrom: ann@restante.local\r\n`;
      const { out } = everyWay(around(body), known);
      assert.equal(out, around(become));
      assert.equal(everyWay(around(body), undefined).out, around(body));
    }
  });
}

const malformed = [
  'ann@restante.local <ann@restante.local',
  'ann@restante.local (home',
  '"Ann <ann@restante.local>',
  'Lee, Ann <ann@restante.local>',
  '<ann@restante.local> Ann',
  '<ann@restante.local> bob@x.example',
  'ann@restante.local>',
  'ann@restante.local bob@x.example',
  'us: ann@restante.local',
  'us: them: ann@restante.local;',
  ': ann@restante.local;',
  'ann@restante.local;',
  '<<ann@restante.local>>',
  '<ann@restante.local>, <>',
  'ann@restante..local, ann@restante.local',
  'ann\x01@restante.local, ann@restante.local',
  'ann@[restante.local, ann@restante.local',
  '@restante.local, ann@restante.local',
];

for (const field of malformed) {
  test(`a malformed From stays: ${JSON.stringify(field)}`, () => {
    const message = `From: ${field}\r\n\r\nbody`;
    assert.equal(everyWay(message, known).out, message);
  });
}

const rows: [string, string, string][] = [
  [
    'the Return-Path on top goes, another one stays',
    'Return-Path: <ann@restante.local>\r\nReceived: x\r\nReturn-Path: <b@x>\r\n\r\nReturn-Path: <c>\r\n',
    'Received: x\r\nReturn-Path: <b@x>\r\n\r\nReturn-Path: <c>\r\n',
  ],
  ['a folded one goes whole', 'return-path:\r\n <a@x>\r\nA: b\r\n\r\n', 'A: b\r\n\r\n'],
  ['one that is not on top stays', 'A: b\r\nReturn-Path: <>\r\n', 'A: b\r\nReturn-Path: <>\r\n'],
  ['nothing else is on top', 'Return-Path: <>\r\n\r\nbody', '\r\nbody'],
  ['a message that is nothing more', 'Return-Path: <>\r\n', ''],
  ['an empty message', '', ''],
  [
    'a message that begins with its body',
    '\r\nFrom: ann@restante.local',
    '\r\nFrom: ann@restante.local',
  ],
  [
    'each From',
    'From: ann@restante.local\r\nFrom: ann@restante.local',
    'From: ann.lee@gmail.com\r\nFrom: ann.lee@gmail.com',
  ],
  [
    'names that begin like From',
    'From ann@restante.local\r\nFroms: ann@restante.local\r\nFro: ann@restante.local\r\nF',
    'From ann@restante.local\r\nFroms: ann@restante.local\r\nFro: ann@restante.local\r\nF',
  ],
  [
    'fields about other things',
    'Sender: ann@restante.local\r\nReply-To: ann@restante.local\r\nX: y\r\n From: ann@restante.local\r\n',
    'Sender: ann@restante.local\r\nReply-To: ann@restante.local\r\nX: y\r\n From: ann@restante.local\r\n',
  ],
  ['an end within a name', 'From', 'From'],
  ['an end within white space', 'From: x\r\nfrom  ', 'From: x\r\nfrom  '],
];

for (const [what, message, become] of rows) {
  test(`on the way out: ${what}`, () => {
    assert.equal(everyWay(message, known).out, become);
  });
}

test('an address that needs quotes or is not ASCII takes the place of hers', () => {
  const message = 'From: <ann@restante.local>\r\n\r\n';
  const quoted = everyWay(message, { ...known, to: '"ann lee"@gmail.com' });
  assert.deepEqual(quoted, { out: 'From: <"ann lee"@gmail.com>\r\n\r\n', eightBit: false });
  const utf8 = everyWay(message, { ...known, to: 'jürgen@bücher.example' });
  assert.deepEqual(utf8, { out: 'From: <jürgen@bücher.example>\r\n\r\n', eightBit: true });
});

test('tells whether the header section needs SMTPUTF8', () => {
  const eightBit = (message: string) => everyWay(message, known).eightBit;
  assert.equal(eightBit('Subject: Grüße\r\n\r\nbody'), true);
  assert.equal(eightBit('Subject: hello\r\n\r\nGrüße'), false);
  // What goes is not sent, and what is replaced neither.
  assert.equal(eightBit('Return-Path: <jürg@x>\r\nA: b\r\n\r\n'), false);
  assert.equal(eightBit('From: <ann@bücher.example>\r\n\r\n'), false);
  assert.equal(eightBit('From: Jürg <ann@restante.local>\r\n\r\n'), true);
});

test('a From field without end is not held', () => {
  const header = new OutgoingHeader(known);
  const line = Buffer.from(' ann@restante.local,\r\n'.repeat(1000));
  let given = header.update(Buffer.from('From:\r\n')).length;
  for (let round = 0; round < 40; round++) given += header.update(line).length;
  assert.ok(given > 38 * line.length);
  assert.equal(given + header.end().length, 7 + 40 * line.length);
});

test('whatever the octets: whole is byte by byte, and what is not hers stays', () => {
  const random = new SeededRandom();
  const words = [
    'From',
    ':',
    ' ',
    '\r\n',
    '\n',
    '\r',
    '<',
    '>',
    '@',
    ',',
    ';',
    '"',
    '(',
    ')',
    '\\',
  ];
  words.push('ann', 'restante.local', 'bob', 'x.example', '\r\n ', '[', '=?a?q?', '?=', 'ü', '.');
  words.push('From: ', 'Return-Path:', 'ann@restante.local', '+x', '\0');
  for (let round = 0; round < 3000; round++) {
    const octets = random.octets(1 + (round % 40));
    const text = [...octets].map((octet) => words[octet % words.length]).join('');
    const message = `Return-Path: <>\r\nFrom: ${text}`;
    everyWay(message, known);
    const nobodys = { from: ['nobody@nowhere.example'], to: 'x@y.example' };
    assert.equal(everyWay(message, nobodys).out, `From: ${text}`);
  }
});
