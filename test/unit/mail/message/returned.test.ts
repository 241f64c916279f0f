/* What a report shows of the message it is about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { returned, returnedHeaderOctets } from '#mail/message/returned';

interface Row {
  readonly name: string;
  readonly message: string;
  readonly header: string;
  readonly id?: string;
}

const rows: readonly Row[] = [
  { name: 'a header section', message: 'A: b\r\nC: d\r\n\r\nbody', header: 'A: b\r\nC: d\r\n' },
  {
    name: "the box's Return-Path is not shown, the message's own is",
    message: 'Return-Path: <ann@x>\r\nA: b\r\nReturn-Path: <eve@x>\r\n\r\n',
    header: 'A: b\r\nReturn-Path: <eve@x>\r\n',
  },
  { name: 'bare line ends', message: 'A: b\nC: d\n\nbody\n', header: 'A: b\r\nC: d\r\n' },
  { name: 'no header section', message: '\r\nbody', header: '' },
  { name: 'nothing', message: '', header: '' },
  { name: 'no body', message: 'A: b\r\n', header: 'A: b\r\n' },
  {
    name: 'a Message-ID',
    message: 'message-id : <1@laptop>\r\n\r\n',
    header: 'message-id : <1@laptop>\r\n',
    id: '<1@laptop>',
  },
  {
    name: 'a Message-ID on a line of its own',
    message: 'Message-ID:\r\n <1@laptop>\r\nA: b\r\n\r\n',
    header: 'Message-ID:\r\n <1@laptop>\r\nA: b\r\n',
    id: '<1@laptop>',
  },
  {
    name: 'a Message-ID that is none',
    message: 'Message-ID: <1@lap top>\r\n\r\n',
    header: 'Message-ID: <1@lap top>\r\n',
  },
  {
    name: 'a Message-ID in the body',
    message: 'A: b\r\n\r\nMessage-ID: <1@laptop>\r\n',
    header: 'A: b\r\n',
  },
];

for (const { name, message, header, id } of rows) {
  test(name, () => {
    const found = returned(Buffer.from(message));
    assert.equal(found.header.toString(), header);
    assert.equal(found.messageId, id);
    assert.equal(found.global, false);
  });
}

test('letters beyond ASCII make it global, in the body they do not', () => {
  assert.equal(returned(Buffer.from('Subject: Köln\r\n\r\n')).global, true);
  assert.equal(returned(Buffer.from('Subject: x\r\n\r\nKöln')).global, false);
});

test('a long header section is cut between two lines', () => {
  const message = Buffer.from(`${'A: 345678901\r\n'.repeat(5_000)}\r\n`);
  const { header } = returned(message);
  assert.equal(header.length % 14, 0);
  assert.ok(header.length <= returnedHeaderOctets && header.length > returnedHeaderOctets - 14);
  const endless = returned(Buffer.alloc(65_536, 'a')).header;
  assert.equal(endless.length, returnedHeaderOctets);
});
