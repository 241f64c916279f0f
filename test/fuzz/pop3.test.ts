/*
 * Invariants: whatever a client sends, a session never throws; what it says does not depend on how
 * the octets were cut; and what is deleted is exactly what a QUIT in TRANSACTION said it deleted.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../support/seeded-random.ts';
import { houseOfAnn, Pop3Line } from '../unit/protocol/pop3/pop3-line.ts';

const random = new SeededRandom();
const verbs =
  'USER PASS AUTH STLS UTF8 CAPA QUIT STAT LIST UIDL RETR TOP DELE RSET NOOP APOP LAST'.split(' ');
const words = [
  ...['ann', 'tuna', '1', '2', '3', '0', '-1', '99999999999999999999', 'PLAIN', 'SCRAM-SHA-256'],
  ...['=', '*', 'AGFubgB0dW5h', '\0', '\r', '\xff', '\xc3\xa5', '', ' ', '.', 'x'.repeat(250)],
];

function below(limit: number): number {
  return random.octets(4).readUInt32LE() % limit;
}

function oneOf(list: readonly string[]): string {
  return list[below(list.length)] ?? '';
}

function randomLine(): string {
  const verb = below(8) === 0 ? random.octets(below(12)).toString('latin1') : oneOf(verbs);
  const spelled = below(3) === 0 ? verb.toLowerCase() : verb;
  const rest = Array.from({ length: below(4) }, () => ` ${oneOf(words)}`);
  return spelled + rest.join('') + (below(10) === 0 ? '\n' : '\r\n');
}

const messages = ['Subject: 1\r\n\r\none\r\n', '.\n.\r.', `${'x'.repeat(70_000)}\n.`];
const beginnings = ['', 'USER ann\r\n', 'AUTH PLAIN\r\n', 'USER ann\r\nPASS tuna\r\n'];

/** Everything said on a line of a fresh house, the octets cut as told. */
async function hear(octets: string, cut: (length: number) => number, slow: boolean) {
  const house = await houseOfAnn(...messages);
  const line = new Pop3Line(house, slow);
  let said = '';
  for (let at = 0; at < octets.length && !line.wire.closed; ) {
    const size = cut(octets.length);
    said += await line.say(octets.slice(at, at + size));
    at += size;
    if (line.wire.tlsAsked) break;
  }
  await line.session.ended();
  return { said, left: house.messages('ann').length };
}

test('every state meets every kind of line', async () => {
  for (let round = 0; round < 150; round++) {
    const beginning = beginnings[round % beginnings.length] ?? '';
    const lines = Array.from({ length: 1 + below(12) }, randomLine);
    const octets = beginning + lines.join('');
    const whole = await hear(octets, (length) => length, false);
    const shown = JSON.stringify(octets);
    assert.deepEqual(await hear(octets, () => 1, true), whole, shown);
    assert.deepEqual(await hear(octets, () => 1 + below(9), false), whole, shown);
    const deleted = /\+OK Goodbye, (\d+) messages? deleted/.exec(whole.said)?.[1] ?? '0';
    assert.equal(whole.left, messages.length - Number(deleted), shown);
  }
});
