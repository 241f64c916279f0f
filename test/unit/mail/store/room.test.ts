/* What can wait stops taking mail in before what cannot. */
import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { test } from 'node:test';
import { openStore, storeSettings } from '../../../support/stores.ts';

test('room for what can wait ends at its own mark, but never past a fifth of the disk', async () => {
  await using opened = await openStore();
  const { store, directory } = opened;
  const { room } = store.health();
  const { blocks, bsize } = await statfs(directory);
  const fifth = Math.floor((blocks * bsize) / 5);
  const free = room + storeSettings.lowWater;
  assert.equal(store.roomAbove(0), room, 'no less stays than for mail that cannot wait');
  assert.equal(store.roomAbove(storeSettings.lowWater * 3), free - storeSettings.lowWater * 3);
  assert.equal(store.roomAbove(Number.MAX_SAFE_INTEGER), Math.max(0, free - fifth));
});
