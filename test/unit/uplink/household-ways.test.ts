/* The registry's uplinks as the dispatcher sees them, and what it takes to connect. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok, type Result } from '#base/result';
import { Seal } from '#base/seal';
import type { AccountId } from '#mail/ids';
import { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { MemoryUplinkRecords } from '#mail/uplinks/memory/memory-uplink-records';
import { Uplinks } from '#mail/uplinks/uplinks';
import { HouseholdWays } from '#uplink/household-ways';
import type { NoTarget } from '#uplink/ways';
import { noSources } from '../../support/sources.ts';

const wanted = {
  name: 'gmail',
  provider: 'gmail',
  host: 'smtp.gmail.com',
  port: 465,
  security: 'tls' as const,
  user: 'ann@gmail.com',
  connections: 2,
  addresses: ['ann@gmail.com', 'ann@example.org'],
  isDefault: false,
};

async function house(uplink: object) {
  const key = Buffer.alloc(32, 7);
  const uplinks = new Uplinks({ records: new MemoryUplinkRecords(), seal: new Seal(key) });
  const added = await uplinks.add({ ...wanted, ...uplink });
  assert.ok(added.ok, added.ok ? '' : added.error.say);
  let offline = false;
  const accessTokenFor = async (): Promise<Result<string, NoTarget>> =>
    offline ? failed({ kind: 'unreachable', say: 'no network' }) : ok('access');
  const ways = new HouseholdWays({
    uplinks,
    signIns: new HouseholdSignIns({ uplinks, sources: noSources() }),
    accessTokenFor,
    helloName: () => 'box.example',
    ownersOf: (address) => (address.startsWith('ann@') ? [7 as AccountId] : []),
  });
  const goOffline = () => {
    offline = true;
  };
  return { uplinks, ways, id: added.value.id, goOffline };
}

test('an uplink with a password is connected to with it', async () => {
  const { ways, id } = await house({ password: 'secret' });
  const target = await ways.target(id);
  assert.deepEqual(target.ok && target.value, {
    host: 'smtp.gmail.com',
    port: 465,
    security: 'tls',
    helloName: 'box.example',
    user: 'ann@gmail.com',
    secret: { password: 'secret' },
  });
  assert.deepEqual(ways.all(), [{ id, name: 'gmail', provider: 'gmail', connections: 2 }]);
  assert.deepEqual(ways.owners(id), [7]);
});

test('without a secret a person is needed', async () => {
  const { ways, id } = await house({});
  const target = await ways.target(id);
  assert.equal(!target.ok && target.error.kind, 'sign-in');
});

test('somebody signed in by OAuth has an access token; without network it is tried later', async () => {
  const { uplinks, ways, id, goOffline } = await house({});
  await uplinks.setSecret('gmail', { tokens: '{}' });
  const target = await ways.target(id);
  assert.deepEqual(target.ok && target.value.secret, { accessToken: 'access' });
  goOffline();
  const later = await ways.target(id);
  assert.deepEqual(!later.ok && later.error, { kind: 'unreachable', say: 'no network' });
});

test('an uplink that was removed cannot be connected to; a quota is kept with it', async () => {
  const { uplinks, ways, id } = await house({ password: 'secret' });
  const quota = { until: 9, say: 'enough' };
  await ways.setQuota(id, quota);
  assert.deepEqual(ways.way(id)?.quota, quota);
  await uplinks.remove('gmail');
  assert.equal(ways.way(id), undefined);
  assert.equal((await ways.target(id)).ok, false);
});
