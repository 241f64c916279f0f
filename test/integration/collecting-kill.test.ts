/*
 * SIGKILL while letters are collected by POP3 and by IMAP at the same time, fifty times over. At the
 * end every letter is here exactly once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { assertEachOnce, letters, mailAt } from '../support/collecting.ts';
import { CompiledFirmware } from '../support/compiled-firmware.ts';
import { type OutgoingBox, startOutgoingBox } from '../support/outgoing-box.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';

const kills = 50;
/** Letters that come to each mailbox before each kill. */
const fresh = 60;
const people = [
  { name: 'ann', protocol: 'pop3' },
  { name: 'bob', protocol: 'imap' },
] as const;

test('killed fifty times, nothing is lost and nothing doubled', {
  skip: missingDovecot() ?? false,
}, async (context) => {
  await using dovecot = await ProviderDovecot.open();
  await using firmware = await CompiledFirmware.make();
  await using box = await startOutgoingBox({ dist: firmware.dist });
  const sent = new Map<string, Buffer[]>();
  for (const { name, protocol } of people) {
    await box.person(name);
    sent.set(name, []);
    await dovecot.fill(name, []);
    await addSource(box, name, protocol, dovecot.port(protocol));
  }
  let inTheMiddle = 0;
  for (let round = 0; round < kills; round += 1) {
    for (const { name } of people) {
      const more = letters(`${name}-${round}-`, fresh);
      await dovecot.fill(name, more);
      sent.get(name)?.push(...more);
    }
    const { ended } = box.box;
    const collecting = box.command(['source', 'collect']).catch(() => 'cut off');
    // The moment is the one thing that is left to chance.
    await pause(Math.random() * 250);
    await box.box.kill('SIGKILL');
    await ended;
    if ((await collecting) === 'cut off') inTheMiddle += 1;
    await box.box.start();
  }
  await box.command(['source', 'collect']);
  for (const { name } of people) {
    assertEachOnce(await mailAt(box.box.ports.pop3, name), sent.get(name) ?? []);
  }
  const verified = await box.box.cli(['verify']);
  assert.equal(verified.status, 0, verified.stdout);
  assert.ok(inTheMiddle > kills / 4, `${inTheMiddle} kills met a collection under way`);
  context.diagnostic(`${kills} kills, ${inTheMiddle} of them while it collected`);
});

function addSource(box: OutgoingBox, account: string, protocol: string, port: number) {
  return box.command(
    [
      ...['source', 'add', `${account}-isp`, '--account', account, '--protocol', protocol],
      ...['--host', '127.0.0.1', '--port', `${port}`, '--security', 'none'],
      ...['--user', account, '--since', 'all'],
    ],
    providerPassword,
  );
}
