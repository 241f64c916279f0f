/* How many messages an hour: a table of moments. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneMore, type Sent, sentThisHour, waitBefore } from '#mail/devices/allowance';

const minute = 60_000;

test('an hour begins with its first message, and the limit holds until it is over', () => {
  let sent: Sent | undefined;
  const rows = [
    // minute, may it send, messages counted afterwards
    { at: 10, wait: 0, counted: 1 },
    { at: 11, wait: 0, counted: 2 },
    { at: 12, wait: 58, counted: 2 },
    { at: 69, wait: 1, counted: 2 },
    { at: 70, wait: 0, counted: 1 },
    { at: 71, wait: 0, counted: 2 },
    { at: 500, wait: 0, counted: 1 },
  ];
  for (const { at, wait, counted } of rows) {
    const now = at * minute;
    assert.equal(waitBefore(sent, 2, now), wait * minute, `minute ${at}`);
    if (wait === 0) sent = oneMore(sent, now);
    assert.equal(sentThisHour(sent, now), counted, `minute ${at}`);
  }
  assert.equal(sentThisHour(sent, 561 * minute), 0);
});
