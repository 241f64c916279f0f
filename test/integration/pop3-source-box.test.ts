/*
 * Our own POP3 server as a source, over real sockets: in the clear with SCRAM-SHA-256, with
 * STLS, and with TLS from the first octet. What is collected is what it keeps, and what is
 * removed is gone.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { Log, type LogLine } from '#base/log';
import { SystemRandom } from '#base/random';
import { deriveKeys } from '#mail/accounts/keys';
import { Admission } from '#net/limits';
import { Network } from '#net/network';
import { TestAuthority } from '../support/certificates.ts';
import type { House } from '../support/house.ts';
import { connected, KeepingReceiver, listingOf, maildropOf } from '../support/pop3-peer.ts';
import { protocol } from '../transcripts/pop3/protocol.ts';
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
    const { clock } = house;
    const network = new Network({
      clock,
      log: new Log(() => {}, clock),
      random: new SystemRandom(),
      admission: new Admission({ total: 9, perPeer: 9, memory: Number.POSITIVE_INFINITY }, clock),
      tls: { context: () => context },
    });
    const lines: LogLine[] = [];
    const listening = await network.listen({
      protocol: protocol(house, (line) => lines.push(line)),
      port: 0,
      setting: 'pop3.port',
      implicitTls: security === 'tls',
      hosts: ['127.0.0.1'],
    });
    assert.ok(listening.ok);
    try {
      const port = listening.value[0]?.port ?? 0;
      const more = { security, ca: authority.pem, secret: { password: 'tuna' } };
      const upstream = await connected(port, more);
      const folder = await maildropOf(upstream);
      const listing = await listingOf(folder);
      assert.ok(typeof listing !== 'string');
      assert.deepEqual(
        listing.map(({ octets }) => octets),
        letters.map((letter) => asSent(letter).length),
      );
      const got: KeepingReceiver[] = [];
      const fetched = await folder.fetch(listing, () => {
        const receiver = new KeepingReceiver();
        got.push(receiver);
        return receiver;
      });
      assert.ok(fetched.ok);
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
    } finally {
      await network.stop();
    }
  });
}
