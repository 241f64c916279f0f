/* What sign-ins rely on when they keep their tokens: one table of laws, on every vault. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seal } from '#base/seal';
import type { UplinkId } from '#mail/ids';
import { MemoryUplinkRecords } from '#mail/uplinks/memory/memory-uplink-records';
import { Uplinks } from '#mail/uplinks/uplinks';
import type { TokenVault } from '#provider/oauth/ports';
import { UplinkVault } from '#provider/oauth/uplink-vault';
import { MemoryVault } from '../../../support/memory-vault.ts';
import { good } from '../../mail/accounts/house.ts';

async function uplinks() {
  const ports = { records: new MemoryUplinkRecords(), seal: new Seal(Buffer.alloc(32, 7)) };
  const registry = new Uplinks(ports);
  const { id } = good(
    await registry.add({
      ...{ name: 'outlook', provider: 'outlook', host: 'smtp-mail.outlook.com', port: 587 },
      ...{ security: 'starttls', user: 'ann@outlook.com', addresses: [], isDefault: false },
      connections: 2,
    }),
  );
  return { registry, id, vault: new UplinkVault(registry) };
}

async function holds<Id>(vault: TokenVault<Id>, id: Id): Promise<void> {
  assert.equal(vault.load(id), undefined);
  assert.deepEqual(vault.signedIn(), []);
  assert.equal(good(await vault.replace(id, 'one', 'two')), false, 'nothing to replace');
  good(await vault.save(id, 'one'));
  assert.equal(vault.load(id), 'one');
  assert.deepEqual(vault.signedIn(), [id]);
  assert.equal(good(await vault.replace(id, 'one', 'two')), true);
  assert.equal(vault.load(id), 'two');
  assert.equal(good(await vault.replace(id, 'one', 'three')), false, 'something else by now');
  assert.equal(vault.load(id), 'two');
}

test('memory keeps tokens', () => holds(new MemoryVault(), 'mail'));

test('the registry of uplinks keeps tokens', async () => {
  const { vault, id } = await uplinks();
  await holds(vault, id);
});

test('a renewal never comes back over a password, or over an uplink that was removed', async () => {
  const { registry, vault, id } = await uplinks();
  good(await vault.save(id, 'one'));
  const password = registry.setSecret('outlook', { password: 'secret' });
  const late = vault.replace(id, 'one', 'two');
  good(await password);
  assert.equal(good(await late), false);
  assert.deepEqual(registry.secretOf(id), { password: 'secret' });
  assert.equal(vault.load(id), undefined);
  assert.deepEqual(vault.signedIn(), []);
  good(await registry.remove('outlook'));
  assert.equal(good(await vault.replace(id, 'one', 'two')), false);
  assert.equal((await vault.save(id, 'one')).ok, false);
  assert.equal(vault.load(99 as UplinkId), undefined);
});
