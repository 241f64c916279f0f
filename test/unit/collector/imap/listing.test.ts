/* Windows of unique-ids: all is listed, in few commands, whatever the folder looks like. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '#base/result';
import type { AskRows } from '#collector/imap/folder';
import { listing } from '#collector/imap/listing';
import { SeededRandom } from '../../../support/seeded-random.ts';

/** A server that holds these, and says them in the order that `say` makes of them. */
function folder(uids: readonly number[], say = (window: number[]) => window) {
  let commands = 0;
  const ask: AskRows = async (set, _query, _size, take) => {
    commands += 1;
    const [first = 0, last = 0] = set.split(':').map(Number);
    try {
      for (const uid of say(uids.filter((one) => first <= one && one <= last))) {
        await take({ seq: 1, uid, size: uid % 1000 });
      }
    } catch (error) {
      assert.ok(error instanceof Error);
      return { ok: false, error };
    }
    return ok(undefined);
  };
  return { ask, commands: () => commands };
}

async function all(ask: AskRows, from: number, expected: number, uidNext?: number) {
  const uids: number[] = [];
  for await (const page of listing(ask, from, expected, uidNext)) {
    if (!page.ok) return page.error;
    assert.ok(page.value.length > 0 && page.value.length <= 1500);
    for (const { uid, octets, ambiguous } of page.value) {
      assert.equal(octets, Number(uid) % 1000);
      assert.equal(ambiguous, undefined);
      uids.push(Number(uid));
    }
  }
  return uids;
}

const random = new SeededRandom('listing');

function shuffled(uids: readonly number[]): number[] {
  return uids
    .map((uid) => ({ uid, at: random.below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ uid }) => uid);
}

/** Runs and deserts, as a folder has them after years. */
function lived(): number[] {
  const uids: number[] = [];
  let uid = 1;
  for (let run = 0; run < 4; run += 1) {
    uid += random.below(random.pick([2, 1000, 1_000_000, 100_000_000]));
    for (let left = random.below(2500); left > 0; left -= 1) {
      uids.push(uid);
      uid += 1 + random.below(random.pick([1, 2, 5]));
    }
  }
  return uids;
}

for (let round = 0; round < 6; round += 1) {
  test(`a folder that has lived (${round})`, async () => {
    const uids = lived();
    const orders = [(window: number[]) => window, (window: number[]) => window.reverse(), shuffled];
    for (const say of orders) {
      for (const uidNext of [undefined, (uids.at(-1) ?? 0) + 1, 1, 4_294_967_295]) {
        const { ask, commands } = folder(uids, say);
        assert.deepEqual(await all(ask, 1, uids.length, uidNext), uids);
        assert.ok(commands() < 250, `${commands()}`);
        const from = uids[uids.length >> 1] ?? 1;
        const later = await all(folder(uids, say).ask, from, uids.length, uidNext);
        assert.deepEqual(
          later,
          uids.filter((uid) => uid >= from),
        );
      }
    }
  });
}

test('new mail costs one command', async () => {
  const { ask, commands } = folder([1, 2, 3, 70_000, 70_001]);
  assert.deepEqual(await all(ask, 70_000, 5, 70_002), [70_000, 70_001]);
  assert.deepEqual(await all(ask, 70_002, 5, 70_002), []);
  assert.equal(commands(), 2);
});

test('twice the same is said once, and otherwise it proves nothing', async () => {
  const rows = [
    { seq: 1, uid: 1, size: 10 },
    { seq: 2, uid: 2, size: 20 },
    { seq: 1, uid: 1, size: 10 },
    { seq: 2, uid: 2, size: 21 },
    { seq: 3, uid: 3 },
  ];
  const ask: AskRows = async (_set, _query, _size, take) => {
    for (const row of rows) await take(row);
    return ok(undefined);
  };
  for await (const page of listing(ask, 1, 2, 3)) {
    assert.deepEqual(page.ok && page.value, [
      { uid: '1', number: 0, octets: 10 },
      { uid: '2', number: 0, octets: 21, ambiguous: true },
    ]);
  }
});

test('who lists more than there can be is cut off', async () => {
  const { ask, commands } = folder([1, 2, 3], (window) => Array(5000).fill(window[0] ?? 1));
  const trouble = await all(ask, 1, 3, 4);
  assert.ok(!Array.isArray(trouble));
  assert.deepEqual(trouble.kind, 'broken');
  assert.equal(commands(), 1);
});
