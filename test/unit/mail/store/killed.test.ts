/* SIGKILL at any moment: a message is in the queue whole, with its history, or it never came. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyStore } from '#mail/store/sqlite/verify';
import { take } from '../../../contract/store.ts';
import { killedAfter } from '../../../support/killed-after.ts';
import { openStore } from '../../../support/stores.ts';

const program = new URL('../../../support/queueing-store.ts', import.meta.url);

test('killed at random moments, what was said is so, and nothing is there by half', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'restante-killed-'));
  try {
    const said = new Set<string>();
    for (let round = 0; round < 4; round += 1) {
      const things = 1 + Math.floor(Math.random() * 150);
      for (const line of await killedAfter(things, program, folder, String(round))) said.add(line);
    }
    await using opened = await openStore(folder);
    const rows = await opened.store.database.all<{ name: string; waiting: number; sent: number }>(
      `SELECT name, (SELECT count(*) FROM queued JOIN queued_recipient AS one ON one.queued = queued.id
                     WHERE queued.message = history.message) AS waiting,
         (SELECT count(*) FROM history AS other
          WHERE other.message = history.message AND say = 'sent') AS sent
       FROM history WHERE line = 1`,
    );
    for (const { name, waiting, sent } of rows) {
      assert.equal(waiting, sent === 1 ? 0 : 3, `${name} is whole, or gone`);
    }
    const there = new Map(rows.map((row) => [row.name, row]));
    for (const line of said) {
      const [what, name = ''] = line.split(' ');
      assert.ok(there.has(name), `${name} is there`);
      if (what === 'sent') assert.equal(there.get(name)?.sent, 1, `${name} was sent`);
    }
    const [counted] = await opened.store.database.all<{ messages: number; waiting: number }>(
      `SELECT (SELECT count(*) FROM message) AS messages,
         (SELECT count(DISTINCT message) FROM queued) AS waiting`,
    );
    assert.equal(counted?.messages, counted?.waiting, 'what was sent has given its room back');
    assert.deepEqual(take(await verifyStore(folder)).findings, []);
  } finally {
    await rm(folder, { recursive: true });
  }
});
