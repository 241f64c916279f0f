/* What a page or the command may set, where this machine itself has a say. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type LiveSettings, loadSettings } from '#settings/settings';
import { settingsTable } from '../../firmware/settings-table.ts';

const own = ['127.0.0.1', '::1', '192.168.1.5', 'fe80::1'];
let folder: string;
let settings: LiveSettings;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'settings-table-'));
  const loaded = await loadSettings(folder);
  assert.ok(loaded.ok);
  settings = loaded.value;
});
after(() => rm(folder, { recursive: true }));

describe('listen.host', () => {
  const rows: readonly [string, RegExp | 'set'][] = [
    ['0.0.0.0, ::', 'set'],
    ['192.168.1.5', 'set'],
    ['127.0.0.1, ::1,192.168.1.5', 'set'],
    ['fe80::1%eth0', 'set'],
    ['127.0.0.2', 'set'],
    [
      '192.168.1.6',
      /does not have the address 192\.168\.1\.6, .* It has: 192\.168\.1\.5, fe80::1\./,
    ],
    ['0.0.0.0, 10.9.9.9, 10.8.8.8', /does not have the address 10\.9\.9\.9, 10\.8\.8\.8,/],
    ['restante.local', /^listen\.host cannot be "restante\.local"/],
  ];
  for (const [text, expected] of rows) {
    test(text, async () => {
      const table = settingsTable(settings, () => own);
      const before = settings.get('listen.host');
      const answer = await table.set('listen.host', text);
      if (expected === 'set') {
        assert.ok(answer.ok, answer.ok ? '' : answer.error.say);
        return;
      }
      assert.match(answer.ok ? '' : answer.error.say, expected);
      assert.deepEqual(settings.get('listen.host'), before);
    });
  }
});
