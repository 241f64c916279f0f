/* STLS: nothing said in the clear counts behind it (RFC 2595 §4, CVE-2011-0411 and its kin). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { House } from '../../../support/house.ts';
import { houseOfAnn, Pop3Line } from './pop3-line.ts';

test('commands injected behind STLS in the clear are thrown away', async () => {
  const line = new Pop3Line(await houseOfAnn());
  assert.equal(await line.say('STLS\r\nUSER ann\r\nPASS tuna\r\n'), '+OK Begin TLS now\r\n');
  line.session.secured(House.tls);
  assert.equal(await line.say('STAT\r\n'), '-ERR Sign in first\r\n');
});

test('half a command before the handshake does not meet its other half after it', async () => {
  const line = new Pop3Line(await houseOfAnn());
  await line.say('STLS\r\nUSER an');
  line.session.secured(House.tls);
  assert.match(await line.say('n\r\n'), /^-ERR That command is not known here/);
});
