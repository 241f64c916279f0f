/*
 * Outcomes reach the disk, with company where there is some, and are not forgotten where it is
 * full.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log } from '#base/log';
import { failed, ok, trouble } from '#base/result';
import type { QueuedRecipientId } from '#mail/ids';
import type { Outcome } from '#mail/queue/queue';
import { Ledger } from '#uplink/ledger';
import { FakeClock } from '../../support/fake-clock.ts';

const sent = (id: number): Outcome => ({ kind: 'sent', recipient: id as QueuedRecipientId });

function desk() {
  const clock = new FakeClock();
  const commits: number[][] = [];
  const disk = { full: false };
  const queue = {
    async record(outcomes: readonly Outcome[]) {
      if (disk.full) return failed(trouble('full' as const, 'The disk is full', 'a test'));
      commits.push(outcomes.map(({ recipient }) => recipient));
      return ok(undefined);
    },
  };
  const ledger = new Ledger({ queue, clock, log: new Log(() => {}, clock), written: () => {} });
  return { clock, commits, disk, ledger };
}

const turn = () => new Promise<void>((resolve) => void setImmediate(() => setImmediate(resolve)));

test('what is handed in within one turn is one commit', async () => {
  const { commits, ledger } = desk();
  ledger.record([sent(1)], []);
  ledger.record([sent(2), sent(3)], []);
  await turn();
  assert.deepEqual(commits, [[1, 2, 3]]);
  assert.equal(ledger.unwritten.size, 0);
});

test('an outcome waits for a mark that is about to be written, but not long', async () => {
  const { clock, commits, ledger } = desk();
  const ride = ledger.expect();
  ledger.record([sent(1)], []);
  await turn();
  assert.deepEqual(commits, []);
  ride[Symbol.dispose]();
  await turn();
  assert.deepEqual(commits, [[1]]);
  ledger.expect();
  ledger.record([sent(2)], []);
  await turn();
  clock.advance(5);
  await turn();
  assert.deepEqual(commits, [[1], [2]]);
});

test('on a full disk outcomes stay in memory, up to a limit, and are written later', async () => {
  const { clock, commits, disk, ledger } = desk();
  disk.full = true;
  for (let id = 1; id <= 1000; id++) ledger.record([sent(id)], []);
  await turn();
  assert.equal(ledger.full, true);
  assert.equal(ledger.unwritten.has(500 as QueuedRecipientId), true);
  disk.full = false;
  clock.advance(2_000);
  for (let count = 0; count < 10; count++) await turn();
  assert.deepEqual(commits.flat().length, 1000);
  assert.equal(ledger.full, false);
});

test('a report that cannot be written is replaced by what it stood for', async () => {
  const { commits, ledger } = desk();
  await ledger.report({
    recipients: [1 as QueuedRecipientId],
    write: async () => failed(trouble('full' as const, 'The disk is full', 'a test')),
    instead: [sent(1)],
  });
  await turn();
  assert.deepEqual(commits, [[1]]);
});

test('stopping writes what is left', async () => {
  const { commits, disk, ledger } = desk();
  disk.full = true;
  ledger.record([sent(1)], []);
  await turn();
  disk.full = false;
  await ledger.stop();
  assert.deepEqual(commits, [[1]]);
});
