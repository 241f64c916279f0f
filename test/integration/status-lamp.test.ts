/*
 * The status lamp and what `status` warns of: a lamp that says that all is well is believed by whoever
 * looks at nothing else, and a panel that stays dark must have a reason where people look for one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PanelReport, StatusReport } from '#control/types';
import { startOutgoingBox } from '../support/outgoing-box.ts';

test('mail that no uplink serves needs a person, until one serves it', async () => {
  await using box = await startOutgoingBox();
  const shows = async (pattern: string) =>
    box.until(`status ${pattern}`, async () => {
      const { lamps } = await box.command<PanelReport>(['panel']);
      return lamps.find(({ lamp }) => lamp === 'status')?.pattern === pattern;
    });
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

test('a panel that does not work is told by status, too', async () => {
  await using box = await startOutgoingBox({ set: { 'panel.driver': 'serial' } });
  const { warnings } = await box.command<StatusReport>(['status']);
  assert.match(
    warnings.join(),
    /^The front panel does not work: No serial line is set\. Name it by/,
  );
});
