/* Settings with which the box could not start, on the ports and addresses of this very machine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import { obstacleToListening } from '#box/listening-trial';
import { settingsTable } from '#box/settings-table';
import type { SettingsTable } from '#control/box';
import { loadSettings } from '#settings/settings';

let folder: string;
let table: SettingsTable;
let taken: number;
const other = createServer();
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'listening-trial-'));
  await once(other.listen(0, '127.0.0.1'), 'listening');
  taken = (other.address() as AddressInfo).port;
  const loaded = await loadSettings(folder, ['listen.host=127.0.0.1']);
  assert.ok(loaded.ok);
  const settings = loaded.value;
  const log = new Log(() => {}, new SystemClock());
  table = settingsTable(settings, (name, text) =>
    obstacleToListening(name, text, settings.current, log),
  );
});
after(async () => {
  other.close();
  await rm(folder, { recursive: true });
});

/** What it says; undefined: it is set. */
async function set(name: string, text: string): Promise<string | undefined> {
  const answer = await table.set(name, text);
  return answer.ok ? undefined : answer.error.say;
}

describe('listen.host', () => {
  const rows: readonly [string, RegExp | undefined][] = [
    ['0.0.0.0, ::', undefined],
    ['127.0.0.1, ::1', undefined],
    ['127.0.0.2', undefined],
    [
      '192.0.2.77',
      /^This machine does not have the address 192\.0\.2\.77 .* could not start with it/,
    ],
    ['0.0.0.0, 192.0.2.77', /does not have the address 192\.0\.2\.77 /],
    ['restante.local', /^listen\.host cannot be "restante\.local"/],
  ];
  for (const [text, expected] of rows) {
    test(text, async () => {
      const before = table.get('listen.host');
      const say = await set('listen.host', text);
      if (expected === undefined) assert.equal(say, undefined);
      else {
        assert.match(say ?? '', expected);
        assert.deepEqual(table.get('listen.host'), before);
      }
    });
  }
});

test('a port that another program has', async () => {
  const say = await set('pop3.port', String(taken));
  assert.match(
    say ?? '',
    /^Port \d+ \(setting pop3\.port\) is already in use on 127\.0\.0\.1 by another/,
  );
  assert.equal(await set('pop3.port', '0'), undefined);
  assert.equal(await set('pop3.port', '2110'), undefined, 'its own');
  assert.match(
    (await set('pop3.port', '2995')) ?? '',
    /because pop3s\.port is|because pop3\.port is/,
  );
  assert.match((await set('pop3.port', 'x')) ?? '', /^pop3\.port cannot be "x"/);
});

test('a port that was tried out is free afterwards', async () => {
  const free = createServer();
  await once(free.listen(0, '127.0.0.1'), 'listening');
  const { port } = free.address() as AddressInfo;
  await once(free.close(), 'close');
  assert.equal(await set('pop3.port', String(port)), undefined);
  const again = createServer();
  await once(again.listen(port, '127.0.0.1'), 'listening');
  again.close();
});
