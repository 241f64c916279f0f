/* SIGKILL at any moment: a collected message is here with what is noted of it, or neither is. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AccountId } from '#mail/ids';
import { verifyStore } from '#mail/store/sqlite/verify';
import { body, look, take } from '../../../contract/store.ts';
import { killedAfter } from '../../../support/killed-after.ts';
import { addSource } from '../../../support/sources.ts';
import { openStore } from '../../../support/stores.ts';

const program = new URL('../../../support/collecting-store.ts', import.meta.url);

async function household(folder: string): Promise<{ account: AccountId; words: string[] }> {
  await using opened = await openStore(folder);
  const { account, inbox } = await opened.account();
  const source = await addSource(opened.store, account);
  return { account, words: [String(source), String(inbox)] };
}

test('killed at random moments, each message is here once and known, or neither', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restante-killed-'));
  try {
    const { account, words } = await household(folder);
    const said = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const things = 1 + Math.floor(Math.random() * 150);
      const lines = await killedAfter(things, program, folder, String(round), ...words);
      for (const line of lines) said.add(line);
    }
    await using opened = await openStore(folder);
    const known = await opened.store.database.all<{ uid: string }>('SELECT uid FROM collected');
    const { listing } = await look(opened.store, account);
    const here: string[] = [];
    for (let index = 0; index < listing.length; index += 1) {
      const octets = await body(opened.store, listing, index);
      here.push(octets.toString('latin1', 0, octets.indexOf('\r\n')));
    }
    assert.deepEqual(here.sort(), known.map(({ uid }) => uid).sort());
    assert.equal(new Set(here).size, here.length, 'none is here twice');
    for (const uid of said) assert.ok(here.includes(uid), `${uid} is here`);
    const [counted] = await opened.store.database.all<{ delivered: number }>(
      'SELECT sum(delivered) AS delivered FROM source_folder',
    );
    assert.equal(counted?.delivered, here.length);
    assert.deepEqual(take(await verifyStore(folder)).findings, []);
  } finally {
    await rm(folder, { recursive: true });
  }
});
