/* The pure rules and the small parts: failed sign-ins, the tally, derivations, networks, names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from '#base/network-of';
import { Derivations } from '#mail/accounts/derivations';
import { addFailure, judge, lockTime, memoryTime } from '#mail/accounts/failed-sign-ins';
import type { Keys } from '#mail/accounts/keys';
import { MemoryFailedSignIns } from '#mail/accounts/memory/memory-failed-sign-ins';
import { checkAccountName, preparePassword } from '#mail/accounts/names';
import { plaintextAllowed } from '#mail/accounts/plaintext';
import { Tally } from '#mail/accounts/tally';

const now = Date.UTC(2026, 10, 23);

/** failures of the pair, how long ago; failures of the address, how long ago -> decision */
const decisions: [[number, number], [number, number], { locked: boolean; delay: number }][] = [
  [[0, 0], [0, 0], { locked: false, delay: 0 }],
  [[2, 0], [2, 0], { locked: false, delay: 0 }],
  [[3, 0], [3, 0], { locked: false, delay: 1000 }],
  [[5, 0], [5, 0], { locked: false, delay: 4000 }],
  [[9, 0], [9, 0], { locked: false, delay: 8000 }],
  [[10, 0], [10, 0], { locked: true, delay: 8000 }],
  [[10, lockTime - 1], [10, 0], { locked: true, delay: 8000 }],
  [[10, lockTime], [10, 0], { locked: false, delay: 8000 }],
  [[99, memoryTime], [0, 0], { locked: false, delay: 0 }],
  [[99, -1], [99, -1], { locked: false, delay: 0 }],
  [[1, 0], [20, 0], { locked: false, delay: 1000 }],
  [[1, 0], [99, 0], { locked: false, delay: 4000 }],
  [[1, 0], [100_000, 0], { locked: false, delay: 8000 }],
  [[1, 0], [100_000, memoryTime], { locked: false, delay: 0 }],
];

test('what failures lead to', () => {
  for (const [[pair, pairAge], [address, addressAge], wanted] of decisions) {
    const decision = judge(
      { failures: pair, last: now - pairAge },
      { failures: address, last: now - addressAge },
      now,
    );
    const got = { locked: decision.lockedUntil !== undefined, delay: decision.delay };
    assert.deepEqual(got, wanted, JSON.stringify([pair, pairAge, address, addressAge]));
  }
  assert.deepEqual(judge(undefined, undefined, now), { delay: 0 });
});

test('after an hour of quiet, counting begins anew', () => {
  assert.deepEqual(addFailure(undefined, now), { failures: 1, last: now });
  assert.deepEqual(addFailure({ failures: 9, last: now }, now + memoryTime - 1).failures, 10);
  assert.deepEqual(addFailure({ failures: 9, last: now }, now + memoryTime).failures, 1);
});

test('a flood makes the tally no bigger than its bound and lifts no lock', async () => {
  const records = new MemoryFailedSignIns();
  const tally = new Tally(records);
  for (let i = 0; i < 10; i++) tally.failed('ann', '192.0.2.1', now);
  for (let i = 0; i < 5000; i++) tally.failed(`guess${i}`, `203.0.113.${i % 256}`, now + i);
  assert.equal(tally.remembered(now + 5000).length, 2048);
  assert.notEqual(tally.judge('ann', '192.0.2.1', now + 5000).lockedUntil, undefined);
  await tally.save(now + 5000);
  assert.equal((await records.load()).length, 2048);
  await tally.save(now + 5000 + memoryTime);
  assert.deepEqual(await records.load(), []);
});

test('a flood in which every address is new finds the same bound', () => {
  const tally = new Tally(new MemoryFailedSignIns());
  for (let i = 0; i < 5000; i++) tally.failed(`guess${i}`, `2001:db8:0:${i}::/64`, now + i);
  assert.equal(tally.remembered(now + 5000).length, 2048);
});

test('what could not be saved is saved the next time', async () => {
  const records = new MemoryFailedSignIns();
  const tally = new Tally(records);
  tally.failed('ann', '192.0.2.1', now);
  const save = records.save.bind(records);
  const error = { kind: 'trouble', code: 'full', temporary: true, say: '', detail: '' } as const;
  records.save = async () => ({ ok: false, error });
  await tally.save(now);
  assert.ok(tally.unsaved);
  records.save = save;
  await tally.save(now);
  assert.equal((await records.load()).length, 2);
});

test('one derivation at a time, addresses take turns, the queue is bounded', async () => {
  const order: string[] = [];
  const gates: (() => void)[] = [];
  let running = 0;
  const keys: Keys = { storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) };
  const derivations = new Derivations(async (password) => {
    running += 1;
    assert.equal(running, 1);
    order.push(password);
    await new Promise<void>((resolve) => void gates.push(resolve));
    running -= 1;
    return keys;
  });
  const ask = (password: string, address: string) =>
    derivations.keys(password, Buffer.alloc(1), 1, address);
  const all = [ask('a1', 'a'), ask('a2', 'a'), ask('a3', 'a'), ask('b1', 'b'), ask('b2', 'b')];
  const many = Array.from({ length: 40 }, (_, i) => ask(`c${i}`, 'c'));
  assert.equal(await many[39], undefined);
  const waiting = [...all, ...many.slice(0, 32)];
  for (let done = 0; done < waiting.length; done++) {
    while (gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gates.shift()?.();
  }
  assert.ok((await Promise.all(waiting)).every((one) => one === keys));
  assert.deepEqual(order.slice(0, 7), ['a1', 'a2', 'b1', 'c0', 'a3', 'b2', 'c1']);
});

test('a derivation that throws does not stop the others', async () => {
  const keys: Keys = { storedKey: Buffer.alloc(32), serverKey: Buffer.alloc(32) };
  const derivations = new Derivations(async (password) => {
    if (password === 'bad') throw new Error('out of memory');
    return keys;
  });
  const bad = derivations.keys('bad', Buffer.alloc(1), 1, 'a');
  const good = derivations.keys('good', Buffer.alloc(1), 1, 'a');
  await assert.rejects(bad, /out of memory/);
  assert.equal(await good, keys);
});

test('who counts as one', () => {
  for (const [address, network] of [
    ['192.168.1.23', '192.168.1.23'],
    ['fe80::1', 'fe80::1'],
    ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1::', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ] as const) {
    assert.equal(networkOf(address), network);
  }
});

test('plain-text passwords: where', () => {
  const places = ['loopback', 'local', 'far'] as const;
  const allowed = (rule: 'never' | 'loopback' | 'always', tls: boolean) =>
    places.filter((place) => plaintextAllowed(rule, tls, place));
  assert.deepEqual(allowed('never', false), []);
  assert.deepEqual(allowed('loopback', false), ['loopback']);
  assert.deepEqual(allowed('always', false), places);
  assert.deepEqual(allowed('never', true), places);
});

test('names are kept in lower case and composed; passwords prepared by SASLprep', () => {
  assert.deepEqual(checkAccountName('Ju\u0308rgen.O-K_2'), { ok: true, value: 'jürgen.o-k_2' });
  // RFC 4013 §3, its own examples
  const prepared = (text: string) => {
    const result = preparePassword(text);
    return result.ok ? result.value : result.error.code;
  };
  assert.equal(prepared('I\u00adX'), 'IX');
  assert.equal(prepared('user'), 'user');
  assert.equal(prepared('USER'), 'USER');
  assert.equal(prepared('\u00aa'), 'a');
  assert.equal(prepared('\u2168'), 'IX');
  assert.equal(prepared('\u0007'), 'bad-password');
  assert.equal(prepared('x'.repeat(1025)), 'bad-password');
});
