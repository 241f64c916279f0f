/*
 * A whole box collects from Debian's Dovecot, over POP3 and IMAP with TLS: thousands of letters,
 * compared letter by letter with what the box gives out by POP3.
 */
import { test } from 'node:test';
import { assertEachOnce, letters, mailAt } from '../support/collecting.ts';
import { startOutgoingBox } from '../support/outgoing-box.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';

const sizes = { pop3: 10_000, imap: 3_000 } as const;

for (const protocol of ['pop3', 'imap'] as const) {
  const many = sizes[protocol];
  test(`${many} letters by ${protocol}s`, { skip: missingDovecot() ?? false }, async (context) => {
    await using dovecot = await ProviderDovecot.open();
    const sent = letters(`${protocol}-`, many);
    await dovecot.fill('ann', sent);
    await using box = await startOutgoingBox();
    await box.person('ann');
    const ca = await box.pem('provider.pem', dovecot.ca);
    const place = ['--host', 'localhost', '--port', `${dovecot.port(`${protocol}s`)}`, '--ca', ca];
    await box.command(
      [
        ...['source', 'add', 'isp', '--account', 'ann', '--protocol', protocol],
        ...['--security', 'tls', '--user', 'ann', '--since', 'all', ...place],
      ],
      providerPassword,
    );
    const began = performance.now();
    await box.command(['source', 'collect', 'isp']);
    const seconds = (performance.now() - began) / 1000;
    assertEachOnce(await mailAt(box.box.ports.pop3, 'ann'), sent);
    // A second round brings nothing, what came meanwhile comes alone.
    await box.command(['source', 'collect', 'isp']);
    const later = letters(`${protocol}-later-`, 3);
    await dovecot.fill('ann', later);
    await box.command(['source', 'collect', 'isp']);
    assertEachOnce(await mailAt(box.box.ports.pop3, 'ann'), [...sent, ...later]);
    context.diagnostic(`${Math.round(many / seconds)} messages a second`);
  });
}
