/*
 * Our own POP3 server as a source, over real sockets: in the clear with SCRAM-SHA-256, with
 * STLS, and with TLS from the first octet. What is collected is what it keeps, and what is
 * removed is gone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import type { LogLine } from '#base/log';
import { deriveKeys } from '#mail/accounts/keys';
import { TestAuthority } from '../support/certificates.ts';
import type { House } from '../support/house.ts';
import { listenAsPop3 } from '../support/own-pop3.ts';
import { connected, fetchedFrom, listingOf, maildropOf } from '../support/pop3-peer.ts';
import { houseOfAnn } from '../unit/protocol/pop3/pop3-line.ts';

const letters = [
  'Subject: plain\r\n\r\nbody\r\n',
  '.\r\n..\r\n.\r\n',
  '',
  'no end of line',
  `Subject: long\r\n\r\n${'x'.repeat(1_000_000)}\r\n`,
  `Subject: dots\r\n\r\n${'.dot\r\n'.repeat(30_000)}.\r\n`,
  '\x00\x80\xff\r\n',
];

/** The octets with their last line whole. */
function asSent(octets: string): string {
  return octets === '' || octets.endsWith('\r\n') ? octets : `${octets}\r\n`;
}

/** Ann's keys are made with as many rounds as a careful client wants. */
async function careful(house: House): Promise<void> {
  const salt = Buffer.from('salt for all tests');
  const keys = { password: 'main', ...(await deriveKeys('tuna', salt, 4096)) };
  house.accounts.scramRecord = () => ({ salt, rounds: 4096, keys: [keys] });
}

for (const security of ['none', 'starttls', 'tls'] as const) {
  test(`collects from our own server: ${security}`, async () => {
    const house = await houseOfAnn(...letters);
    await careful(house);
    const authority = await TestAuthority.make();
    const context = createSecureContext(await authority.issue());
    const lines: LogLine[] = [];
    const implicitTls = security === 'tls';
    const sink = (line: LogLine) => void lines.push(line);
    await using server = await listenAsPop3(house, { context, implicitTls, sink });
    const { port } = server;
    const more = { security, ca: authority.pem, secret: { password: 'tuna' } };
    const upstream = await connected(port, more);
    const folder = await maildropOf(upstream);
    const listing = await listingOf(folder);
    assert.ok(typeof listing !== 'string');
    assert.deepEqual(
      listing.map(({ octets }) => octets),
      letters.map((letter) => asSent(letter).length),
    );
    const got = await fetchedFrom(folder, listing);
    for (const [index, letter] of letters.entries()) {
      assert.equal(got[index]?.outcome, 'whole');
      assert.ok(got[index]?.octets.toString('latin1') === asSent(letter), `${index} differs`);
    }
    assert.ok((await folder.remove(listing.slice(0, 5))).ok);
    assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
    assert.equal(house.messages('ann').length, 2);
    const trace = lines.map(({ say }) => say).join('\n');
    assert.match(
      trace,
      security === 'none' ? /C: AUTH \*{5}\nS: \+ cj/ : /C: AUTH \*{5}\nann signed in/,
    );

    const again = await connected(port, more);
    const left = await listingOf(await maildropOf(again));
    assert.deepEqual(
      typeof left !== 'string' && left.map(({ uid }) => uid),
      listing.slice(5).map(({ uid }) => uid),
    );
    await again.close();
  });
}
