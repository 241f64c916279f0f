/* Lines that no client should send: endless ones, and passwords where no password belongs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogLine } from '#base/log';
import { RecordedWire } from '../../../support/recorded-wire.ts';
import { protocol } from '../../../transcripts/pop3/protocol.ts';
import { houseOfAnn, Pop3Line } from './pop3-line.ts';

test('a line that never ends is hung up on', async () => {
  const line = new Pop3Line(await houseOfAnn());
  const piece = 'x'.repeat(65_536);
  let reply = '';
  for (let sent = 0; sent < 20 && reply === ''; sent++) reply = await line.say(piece);
  assert.equal(reply, '-ERR That line does not end, goodbye\r\n');
  assert.ok(line.wire.closed);
});

test('whoever talks and talks without signing in is hung up on', async () => {
  const line = new Pop3Line(await houseOfAnn());
  let said = 0;
  for (; said < 200 && !line.wire.closed; said++) await line.say('CAPA\r\n');
  assert.equal(said, 101);
});

test('who is removed in the middle of a session reads and deletes nothing more', async () => {
  const house = await houseOfAnn('Subject: hers\r\n\r\n');
  const line = new Pop3Line(house);
  await line.signIn();
  assert.match(await line.say('DELE 1\r\n'), /^\+OK/);
  house.accounts.stillHas = () => false;
  assert.match(await line.say('RETR 1\r\nQUIT\r\n'), /^-ERR \[AUTH\] You were signed out.*\r\n$/);
  assert.ok(line.wire.closed);
  assert.equal(house.messages('ann').length, 1);
});

test('a password is starred in the trace wherever it stands', async () => {
  const logged: LogLine[] = [];
  const house = await houseOfAnn();
  const session = protocol(house, (line) => logged.push(line)).open(new RecordedWire(), house.peer);
  await session.greet(undefined);
  const lines = [
    'USER ann',
    'tunafish',
    'PASStunafish',
    'a001 LOGIN ann tunafish',
    'LOGIN ann tunafish',
    'APOP ann tunafish',
    'AUTH tunafish',
    'USER ann tunafish',
    'AUTH PLAIN tunafish',
    'USER ann',
    'PASS tunafish',
  ];
  for (const line of lines) await session.receive(Buffer.from(`${line}\r\n`));
  const trace = logged.map((line) => line.say);
  assert.deepEqual(
    trace.filter((line) => line.includes('tunafish')),
    [],
  );
  assert.equal(trace.filter((line) => line === 'C: USER ann').length, 3);
});
