/* Work on the whole data directory, asked for by many at once. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { SystemRandom } from '#base/random';
import { DirectoryMaintenance } from '#machine/maintenance';
import { type OpenStore, openStore } from '../../support/stores.ts';

let folder: string;
let store: OpenStore;
let maintenance: DirectoryMaintenance;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maintenance-'));
  const data = join(folder, 'data');
  await mkdir(data);
  store = await openStore(data);
  const parts = { clock: new SystemClock(), random: new SystemRandom() };
  maintenance = new DirectoryMaintenance({ data, ...parts });
});
after(async () => {
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('the store is verified once for all who ask meanwhile, and anew for who asks later', async () => {
  const [first, second] = await Promise.all([maintenance.verify(), maintenance.verify()]);
  assert.ok(first.ok && first.value.sound);
  assert.equal(second, first);
  const later = await maintenance.verify();
  assert.ok(later.ok && later !== first);
});

test('one backup is made at a time; the next is told to wait', async () => {
  const file = (name: string) => join(folder, `${name}.backup`);
  const [first, second] = await Promise.all([
    maintenance.backup(file('one'), 'words'),
    maintenance.backup(file('two'), 'words'),
  ]);
  assert.ok(first.ok, first.ok ? '' : first.error.say);
  assert.equal(second.ok ? '' : second.error.code, 'busy');
  assert.ok((await maintenance.backup(file('two'), 'words')).ok);
});
