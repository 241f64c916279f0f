/*
 * What a person may wish of a source, in whole boxes at Debian's Dovecot: how far back, which
 * folders, how long the source keeps its copies, and to change all of that later, the protocol too.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { HistoryReport } from '#control/types';
import { assertAre, letters, mailAt } from '../support/collecting.ts';
import { missingProgram } from '../support/programs.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';
import { type SourceBox, startSourceBox } from '../support/source-box.ts';

const skip = missingDovecot() ?? false;
const day = 86_400_000;
const protocols = ['pop3', 'imap'] as const;
type Protocol = (typeof protocols)[number];

/** A letter that arrived at its provider so many days ago. */
function aged(subject: string, days: number): { octets: Buffer; at: Date } {
  const at = new Date(Date.now() - days * day);
  const date = at.toUTCString().replace('GMT', '+0000');
  const octets = [
    `Received: from a.example by b.example with ESMTP id x; ${date}`,
    // What the sender says of the date is not believed.
    'Date: Tue, 24 Nov 2026 09:59:58 +0000',
    `Subject: ${subject}`,
    '',
    'Hello',
    '',
  ].join('\r\n');
  return { octets: Buffer.from(octets), at };
}

function add(box: SourceBox, dovecot: ProviderDovecot, protocol: Protocol, more: string[] = []) {
  const place = { protocol, port: dovecot.port(protocol) };
  return box.add('isp', place, more, providerPassword);
}

for (const protocol of protocols) {
  test(`the date on which mail arrived at its source is kept, by ${protocol}`, {
    skip,
  }, async () => {
    await using dovecot = await ProviderDovecot.open();
    const days = [400, 100, 1];
    for (const age of days) {
      const { octets, at } = aged(`${age} days`, age);
      await dovecot.fill('ann', [octets], '', at);
    }
    await using box = await startSourceBox();
    await add(box, dovecot, protocol);
    await box.collect('isp');
    // POP3 does not show it, so the store is asked.
    using store = new DatabaseSync(join(box.box.data, 'mail.db'), { readOnly: true });
    const rows = store.prepare('SELECT internal_date AS at FROM entry ORDER BY at').all();
    const found = rows.map(({ at }) => Math.round((Date.now() - Number(at)) / day));
    assert.deepEqual(found, days);
  });

  test(`the log finds mail by who wrote it, and by whom it is for, by ${protocol}`, {
    skip,
  }, async () => {
    await using dovecot = await ProviderDovecot.open();
    await dovecot.fill('ann', [Buffer.from('From: Bob <bob@example.net>\r\n\r\nHello\r\n')]);
    await using box = await startSourceBox();
    await add(box, dovecot, protocol);
    await box.collect('isp');
    for (const address of ['bob@example.net', 'ann@restante.local']) {
      const [found] = await box.command<HistoryReport[]>(['log', address]);
      assert.match(found?.lines[0]?.say ?? '', /^collected from isp for ann@restante\.local$/);
    }
  });

  test(`since, by ${protocol}: 30d, more, all, now, and being added again`, { skip }, async () => {
    await using dovecot = await ProviderDovecot.open();
    for (const days of [400, 100, 29, 1]) {
      await dovecot.fill('ann', [aged(`${days} days`, days).octets], '', aged('', days).at);
    }
    await using box = await startSourceBox();
    // What the box does when nothing is said.
    await add(box, dovecot, protocol, ['--since', '30d']);
    await box.collect('isp');
    assert.deepEqual(await box.subjects(), ['1 days', '29 days']);
    await box.command(['source', 'change', 'isp', '--since', '200d']);
    await box.collect('isp');
    assert.deepEqual(await box.subjects(), ['1 days', '100 days', '29 days']);
    await box.command(['source', 'remove', 'isp', '--yes']);
    await dovecot.fill('ann', [aged('meanwhile', 0).octets]);
    await add(box, dovecot, protocol, ['--since', 'all']);
    await box.collect('isp');
    const all = ['1 days', '100 days', '29 days', '400 days', 'meanwhile'];
    assert.deepEqual(await box.subjects(), all);
    await box.box.restart();
    await box.collect('isp');
    assert.deepEqual(await box.subjects(), all);
  });

  test(`since now, by ${protocol}: nothing that lies there, all that comes`, { skip }, async () => {
    await using dovecot = await ProviderDovecot.open();
    await dovecot.fill('ann', letters('old', 5));
    await using box = await startSourceBox();
    await add(box, dovecot, protocol, ['--since', 'now']);
    await box.collect('isp');
    assert.deepEqual(await box.subjects(), []);
    const fresh = letters('new', 3);
    await dovecot.fill('ann', fresh);
    await box.collect('isp');
    assertAre((await box.mail()).collected, fresh);
    await box.command(['source', 'change', 'isp', '--since', 'all']);
    await box.collect('isp');
    assertAre((await box.mail()).collected, [...letters('old', 5), ...fresh]);
  });

  test(`keep delete, by ${protocol}: nothing is gone there that is not here, whatever is killed`, {
    skip,
  }, async () => {
    await using dovecot = await ProviderDovecot.open();
    const sent = letters('l', 400);
    await dovecot.fill('ann', sent);
    await using box = await startSourceBox();
    await add(box, dovecot, protocol, ['--keep', 'delete']);
    for (let kill = 0; kill < 12; kill += 1) {
      const collected = box.command(['source', 'collect']).catch(() => 'cut off');
      await pause(Math.random() * 300);
      const { ended } = box.box;
      await box.box.kill('SIGKILL');
      await ended;
      await collected;
      // Seen from the provider's side, with the box off.
      const left = new Set((await dovecot.letters('ann')).map((one) => one.toString('latin1')));
      await box.box.start();
      const here = new Set((await box.mail()).collected.map((one) => one.toString('latin1')));
      const lost = sent.filter((one) => {
        const text = one.toString('latin1');
        return !left.has(text) && !here.has(text);
      });
      assert.equal(lost.length, 0, `${lost.length} are nowhere`);
    }
    assert.equal((await box.collect('isp')).works, true);
    assertAre((await box.mail()).collected, sent);
    assert.deepEqual(await dovecot.letters('ann'), []);
  });

  test(`keep 7d, by ${protocol}: on the eighth day, by a clock that is turned`, {
    skip: skip || missingProgram('faketime') || false,
  }, async () => {
    await using dovecot = await ProviderDovecot.open();
    const sent = letters('l', 20);
    await dovecot.fill('ann', sent);
    const env: NodeJS.ProcessEnv = { LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1' };
    env['FAKETIME'] = '+0d';
    await using box = await startSourceBox({ env });
    await add(box, dovecot, protocol, ['--keep', '7d']);
    const after = async (days: number) => {
      env['FAKETIME'] = `+${days}d`;
      await box.box.restart();
      const { works, say } = await box.collect('isp');
      assert.ok(works, say);
      return (await dovecot.letters('ann')).length;
    };
    assert.equal(await after(0), 20);
    await dovecot.fill('ann', letters('later', 1));
    assert.equal(await after(6), 21);
    assert.equal(await after(8), 1);
    assert.equal(await after(14), 0);
    assertAre((await box.mail()).collected, [...sent, ...letters('later', 1)]);
  });
}

test('moving house, POP3 to IMAP and back, brings nothing twice', { skip }, async () => {
  await using dovecot = await ProviderDovecot.open();
  const sent = letters('l', 60);
  await dovecot.fill('ann', sent);
  await using box = await startSourceBox();
  await add(box, dovecot, 'pop3');
  await box.collect('isp');
  for (const protocol of ['imap', 'pop3', 'imap'] as const) {
    await box.command([
      ...['source', 'change', 'isp', '--protocol', protocol, '--host', '127.0.0.1'],
      ...['--port', `${dovecot.port(protocol)}`, '--security', 'none'],
    ]);
    const more = letters(protocol, 2, sent.length);
    await dovecot.fill('ann', more);
    sent.push(...more);
    const { works, say } = await box.collect('isp');
    assert.ok(works, say);
    assertAre((await box.mail()).collected, sent);
  }
});

test('a message in two chosen folders, as labels have it, is here once', { skip }, async () => {
  await using dovecot = await ProviderDovecot.open();
  const [inbox, work, both] = [letters('i', 10), letters('w', 10), letters('b', 10)];
  await dovecot.fill('ann', [...inbox, ...both]);
  await dovecot.fill('ann', [...both, ...work], 'Work');
  await dovecot.fill('ann', letters('n', 4), 'Not this');
  await using box = await startSourceBox();
  await add(box, dovecot, 'imap', ['--folders', 'INBOX,Work']);
  await box.collect('isp');
  assertAre((await box.mail()).collected, [...inbox, ...work, ...both]);
  // Another label, and one that is taken away.
  await dovecot.fill('ann', inbox.slice(0, 3), 'Work');
  await box.collect('isp');
  await box.command(['source', 'change', 'isp', '--folders', 'Work']);
  await box.collect('isp');
  assertAre((await box.mail()).collected, [...inbox, ...work, ...both]);
});

test('a box that collects from a box: byte for byte below one field', async () => {
  await using there = await startSourceBox();
  const sent = letters('l', 30);
  for (const octets of sent) {
    await there.submit({ to: ['ann@restante.local'], text: octets });
  }
  await using here = await startSourceBox();
  const place = { protocol: 'pop3', port: there.box.ports.pop3 } as const;
  const kept = await mailAt(there.box.ports.pop3, 'ann');
  await here.add('old-box', place, ['--keep', 'delete'], 'tuna fish');
  await here.collect('old-box');
  await here.collect('old-box');
  const { collected } = await here.mail();
  assert.equal(kept.length, sent.length);
  assertAre(collected, kept);
  assert.deepEqual(await mailAt(there.box.ports.pop3, 'ann'), []);
});
