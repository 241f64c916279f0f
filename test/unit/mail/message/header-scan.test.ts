/* Where a header section ends and which fields are in it, in whatever pieces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginsWithField, HeaderScan } from '#mail/message/header-scan';

function scan(text: string, size: number) {
  const octets = Buffer.from(text, 'latin1');
  const header = new HeaderScan();
  let end = -1;
  for (let at = 0; at < octets.length && end < 0; at += size) {
    const found = header.update(octets.subarray(at, at + size));
    if (found >= 0) end = at + found;
  }
  const { received, hasDate, hasMessageId } = header;
  return { end, received, hasDate, hasMessageId };
}

const none = { received: 0, hasDate: false, hasMessageId: false };
const rows: [text: string, found: Partial<ReturnType<typeof scan>>][] = [
  ['Subject: x\r\n\r\nbody', { end: 12 }],
  ['\r\nbody', { end: 0 }],
  ['Subject: x\n\nDate: y', { end: 11 }],
  ['Subject: x\r\n', { end: -1 }],
  ['DATE: x\r\nmessage-ID \t: y\r\n\r\n', { end: 26, hasDate: true, hasMessageId: true }],
  ['Dated: x\r\nX-Date: y\r\nMessage-Id-2: z\r\n\r\n', { end: 38 }],
  ['Received: a\r\n\tDate: folded\r\nRECEIVED:b\r\n\r\n', { end: 40, received: 2 }],
  ['Received-SPF: pass\r\n\r\nReceived: c\r\n', { end: 20 }],
  [`Subject: ${'x'.repeat(3000)}\r\nDate: y\r\n\r\n`, { end: 3020, hasDate: true }],
];

for (const [text, found] of rows) {
  test(`header section of ${JSON.stringify(text.slice(0, 60))}`, () => {
    for (const size of [1, 2, 3, 5, 64, 10_000]) {
      assert.deepEqual(scan(text, size), { ...none, ...found }, `in pieces of ${size}`);
    }
  });
}

const beginnings: [string, boolean | undefined][] = [
  ['', undefined],
  ['Sub', undefined],
  ['Sub ', undefined],
  ['Subject:', true],
  ['Subject : x', true],
  [': x', false],
  ['From ann Mon: x', false],
  ['Hello, all\r\nDate: x', false],
  [' folded: x', false],
  ['\r\n', false],
  ['Grüße: x', false],
  ['x'.repeat(997), undefined],
  ['x'.repeat(998), false],
];

for (const [text, field] of beginnings) {
  test(`${JSON.stringify(text.slice(0, 40))} begins with a field: ${field}`, () => {
    assert.equal(beginsWithField(Buffer.from(text)), field);
  });
}
