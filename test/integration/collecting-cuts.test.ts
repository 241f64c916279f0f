/*
 * Connections to the source that break: 200 cuts, each after a number of octets drawn at random, by
 * POP3 and by IMAP. At the end every letter is here exactly once. The same for a source that removes
 * what it has given: a letter is removed there only when it is here.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertEachOnce, letters, mailAt } from '../support/collecting.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { startOutgoingBox } from '../support/outgoing-box.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';
import { SeededRandom } from '../support/seeded-random.ts';

const cuts = 100;
const fresh = 5;

for (const protocol of ['pop3', 'imap'] as const) {
  for (const keep of ['forever', 'delete'] as const) {
    const what = `cut ${cuts / 2} times by ${protocol}, kept ${keep}`;
    test(what, { skip: missingDovecot() ?? false }, async (context) => {
      await using dovecot = await ProviderDovecot.open();
      await using box = await startOutgoingBox();
      await box.person('ann');
      const random = new SeededRandom('cuts');
      let cutting = true;
      // From the greeting to well behind the last letter of a round.
      const draw = () => (cutting ? 1 + random.below(40_000) : Infinity);
      await using proxy = await CuttingProxy.listen(dovecot.port(protocol), draw);
      const sent: Buffer[] = letters('first-', 30);
      await dovecot.fill('ann', sent);
      await box.command(
        [
          ...['source', 'add', 'isp', '--account', 'ann', '--protocol', protocol],
          ...['--host', '127.0.0.1', '--port', `${proxy.port}`, '--security', 'none'],
          ...['--user', 'ann', '--since', 'all', '--keep', keep],
        ],
        providerPassword,
      );
      let rounds = 0;
      while (proxy.cuts < cuts / 2) {
        const more = letters(`r${rounds}-`, fresh);
        await dovecot.fill('ann', more);
        sent.push(...more);
        await box.tried(['source', 'collect', 'isp']);
        rounds += 1;
      }
      cutting = false;
      await box.command(['source', 'collect', 'isp']);
      assertEachOnce(await mailAt(box.box.ports.pop3, 'ann'), sent);
      const left = await dovecot.letters('ann');
      assert.equal(left.length, keep === 'delete' ? 0 : sent.length);
      context.diagnostic(`${proxy.cuts} cuts in ${rounds} rounds, ${sent.length} letters`);
    });
  }
}
