/* ETRN begins a flush, and says how much it is about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { failed, ok, trouble } from '#base/result';
import { etrnFlush } from '#box/etrn-flush';
import type { QueuedId, UplinkId } from '#mail/ids';
import type { ItemFilter, QueueItem, Waiting } from '#mail/queue/queue';
import { FakeClock } from '../../support/fake-clock.ts';

function waitingAt(uplink: number | undefined, messages: number): Waiting {
  const way = uplink === undefined ? undefined : (uplink as UplinkId);
  return { uplink: way, messages, recipients: messages, octets: 1, due: 0, oldest: 0, born: 0 };
}

/** A queue with so many messages for example.org, and what was asked of it. */
function stage(forDomain: number, fails = false) {
  const asked: unknown[] = [];
  const lines: LogLine[] = [];
  const queue = {
    waiting: async () => {
      if (fails) return failed(trouble('failing', 'The disk reports errors', 'on demand'));
      return ok([waitingAt(1, 3), waitingAt(undefined, 2)]);
    },
    list: async ({ domain, after = 0 as QueuedId }: ItemFilter, count: number) => {
      assert.equal(domain, 'example.org');
      const length = Math.min(count, forDomain - after);
      return ok(Array.from({ length }, (_, i) => ({ id: after + i + 1 }) as unknown as QueueItem));
    },
  };
  const flusher = {
    async flush(wishes: unknown) {
      asked.push(wishes);
      if (forDomain < 0) throw new Error('a defect');
    },
  };
  const log = new Log(
    (line) => lines.push(line),
    new FakeClock(),
    () => 'info',
  );
  return { flush: etrnFlush(queue, flusher, log), asked, lines };
}

test('everything: what waits for each uplink, and for none', async () => {
  const { flush, asked } = stage(0);
  assert.deepEqual(await flush(undefined), ok({ messages: 5 }));
  assert.deepEqual(asked, [{}]);
});

for (const [waiting, said] of [
  [0, { messages: 0 }],
  [100, { messages: 100 }],
  [101, { messages: 101 }],
  [5000, {}],
] as const) {
  test(`a domain that ${waiting} messages wait for`, async () => {
    const { flush, asked } = stage(waiting);
    assert.deepEqual(await flush('example.org'), ok(said));
    assert.deepEqual(asked, [{ domain: 'example.org' }]);
  });
}

test('when the queue cannot be read, nothing is begun', async () => {
  const { flush, asked } = stage(0, true);
  assert.equal((await flush(undefined)).ok, false);
  assert.deepEqual(asked, []);
});

test('a defect in the flush ends nothing, and is logged', async () => {
  const { flush, lines } = stage(-1);
  assert.ok((await flush(undefined)).ok);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['error'],
  );
});
