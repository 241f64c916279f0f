/*
 * The status lamp and what `status` warns of: a lamp that says that all is well is believed by whoever
 * looks at nothing else, and a panel that stays dark must have a reason where people look for one.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PanelReport, StatusReport } from '#control/types';
import { type OutgoingBox, startOutgoingBox } from '../support/outgoing-box.ts';

test('mail that no uplink serves needs a person, until one serves it', async () => {
  await using box = await startOutgoingBox();
  const shows = (pattern: string) => showsStatus(box, pattern);
  await box.person('ann', 'ann@example.org');
  await box.uplink('gone', 9, '--for', 'ann@example.org');
  await box.command(['hold']);
  await box.submit({
    from: 'ann@example.org',
    to: ['eve@example.net'],
    text: 'Subject: hi\r\n\r\n',
  });
  await shows('on');
  await box.command(['uplink', 'remove', 'gone', '--yes']);
  await shows('fast');
  assert.match((await box.command<StatusReport>(['status'])).warnings.join(), /no uplink serves/);
  await box.uplink('again', 9, '--for', 'ann@example.org');
  await shows('on');
});

test('backups that do not come are shown until one has come', async () => {
  await using box = await startOutgoingBox();
  const place = await mkdtemp(join(tmpdir(), 'backups-'));
  try {
    await box.command(['backup', 'schedule', '--to', place, '--every', '1d']);
    await showsStatus(box, 'pulse');
    await box.command(['backup', 'passphrase'], 'three small boats');
    await showsStatus(box, 'on');
    await rm(place, { recursive: true });
    await writeFile(place, 'no folder');
    await box.command(['backup', 'now']).catch(() => undefined);
    await showsStatus(box, 'pulse');
    await rm(place);
    await mkdir(place);
    await box.command(['backup', 'now']);
    await showsStatus(box, 'on');
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});

test('a panel that does not work is told by status, too', async () => {
  await using box = await startOutgoingBox({ set: { 'panel.driver': 'serial' } });
  const { warnings } = await box.command<StatusReport>(['status']);
  assert.match(
    warnings.join(),
    /^The front panel does not work: No serial line is set\. Name it by/,
  );
});

async function showsStatus(box: OutgoingBox, pattern: string): Promise<void> {
  await box.until(`status ${pattern}`, async () => {
    const { lamps } = await box.command<PanelReport>(['panel']);
    return lamps.find(({ lamp }) => lamp === 'status')?.pattern === pattern;
  });
}
