/* What sign-ins rely on when they keep their tokens: one table of laws, on every vault. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seal } from '#base/seal';
import { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { sourceKey, uplinkKey } from '#mail/sign-ins/sign-in-key';
import { usualSpans } from '#mail/sources/wanted';
import { MemoryUplinkRecords } from '#mail/uplinks/memory/memory-uplink-records';
import { Uplinks } from '#mail/uplinks/uplinks';
import { HouseholdVault } from '#provider/oauth/household-vault';
import type { TokenVault } from '#provider/oauth/ports';
import { MemoryVault } from '../../../support/memory-vault.ts';
import { noSources } from '../../../support/sources.ts';
import { good } from '../../mail/accounts/house.ts';

async function house() {
  const seal = new Seal(Buffer.alloc(32, 7));
  const uplinks = new Uplinks({ records: new MemoryUplinkRecords(), seal });
  const signIns = new HouseholdSignIns({ uplinks, sources: noSources(seal) });
  const { id } = good(
    await signIns.addUplink({
      ...{ name: 'outlook', provider: 'outlook', host: 'smtp-mail.outlook.com', port: 587 },
      ...{ security: 'starttls', user: 'ann@outlook.com', addresses: [], isDefault: false },
      connections: 2,
    }),
  );
  return { signIns, key: uplinkKey(id), vault: new HouseholdVault(signIns) };
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

test('the sign-ins of the house keep tokens', async () => {
  const { vault, key } = await house();
  await holds(vault, key);
});

test('a renewal never comes back over a password, or over an uplink that was removed', async () => {
  const { signIns, vault, key } = await house();
  good(await vault.save(key, 'one'));
  const password = signIns.setSecret(key, { password: 'secret' });
  const late = vault.replace(key, 'one', 'two');
  good(await password);
  assert.equal(good(await late), false);
  assert.deepEqual(signIns.secretOf(key), { password: 'secret' });
  assert.equal(vault.load(key), undefined);
  assert.deepEqual(vault.signedIn(), []);
  good(await signIns.removeUplink('outlook'));
  assert.equal(good(await vault.replace(key, 'one', 'two')), false);
  assert.equal((await vault.save(key, 'one')).ok, false);
  assert.equal(vault.load('uplink 99'), undefined);
});

test('the tokens of an account lie once, and a renewal finds them with who inherits them', async () => {
  const { signIns, vault, key } = await house();
  good(await vault.save(key, 'one'));
  const source = good(
    await signIns.addSource({
      ...{ name: 'outlook', account: 'ann', provider: 'outlook', protocol: 'imap' },
      ...{ host: 'outlook.office365.com', port: 993, security: 'tls', user: 'Ann@Outlook.com' },
      ...{ folders: [], ...usualSpans },
    }),
  );
  const other = sourceKey(source.id);
  assert.equal(vault.load(other), 'one');
  assert.deepEqual(vault.signedIn(), [key]);
  const removed = signIns.removeUplink('outlook');
  // It was asked for while the uplink still held them.
  const late = vault.replace(key, 'one', 'two');
  good(await removed);
  assert.equal(good(await late), true, 'the only refresh token that still counts is kept');
  assert.equal(vault.load(other), 'two');
  assert.deepEqual(vault.signedIn(), [other]);
});
