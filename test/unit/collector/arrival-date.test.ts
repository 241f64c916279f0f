/* When a message arrived at its source, and what is made of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internalDate, writtenArrival } from '#collector/arrival-date';

const date = 'Mon, 23 Nov 2026 09:00:00 +0000';
const at = Date.UTC(2026, 10, 23, 9);
const rows: readonly [string, string, number | undefined][] = [
  [
    'the topmost Received',
    `X: y\r\nreceived: a; b;\r\n\t${date}\r\nReceived: c; 1 Jan 1999 1:00\r\n`,
    at,
  ],
  ['Date, when Received has none', `Received: a by b\r\nDate: ${date}\r\n\r\n`, at],
  ['Date, when Received has nonsense', `Received: a; yesterday\r\nDate: ${date}\r\n\r\n`, at],
  ['nothing of the body', `From: a\r\n\r\nDate: ${date}\r\n`, undefined],
  ['bare line ends', `From: a\nDate: ${date}\n\n`, at],
  ['nothing at all', '', undefined],
];

for (const [what, header, arrival] of rows) {
  test(`written: ${what}`, () => assert.equal(writtenArrival(Buffer.from(header)), arrival));
}

test('a date that cannot be is not believed', () => {
  const sane = { now: at, clockIsSane: true };
  const day = 86_400_000;
  for (const arrival of [undefined, 0, day - 1, at + day + 1, Number.NaN]) {
    assert.equal(internalDate(arrival, sane), at);
  }
  for (const arrival of [day, at - 1, at + day]) assert.equal(internalDate(arrival, sane), arrival);
  assert.equal(internalDate(at, { now: 0, clockIsSane: false }), at);
});
