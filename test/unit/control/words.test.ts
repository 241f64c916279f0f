/* Numbers, times and answers as a person reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogRing } from '#control/log-ring';
import type { StatusReport } from '#control/types';
import { status } from '#control/verbs/status';
import { counted, durationInWords, sizeInWords } from '#control/words';
import { MemoryBox } from './memory-box.ts';
import { say } from './typed-words.ts';

test('sizes read as disks are sold', () => {
  const rows: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [1536, '1.5 KB'],
    [99_499, '99.5 KB'],
    [999_400, '999 KB'],
    [999_500, '1.0 MB'],
    [5e15, '5000 TB'],
  ];
  for (const [octets, words] of rows) assert.equal(sizeInWords(octets), words);
});

test('durations say the two greatest units', () => {
  const rows: [number, string][] = [
    [0, '0 seconds'],
    [61.9, '1 minute 1 second'],
    [3_605, '1 hour 5 seconds'],
    [200_000, '2 days 7 hours'],
  ];
  for (const [seconds, words] of rows) assert.equal(durationInWords(seconds), words);
});

test('one is not many', () => {
  assert.equal(counted(1, 'address', 'addresses'), '1 address');
  assert.equal(counted(0, 'address', 'addresses'), '0 addresses');
});

test('a short password of an account works, and is said to be short', async () => {
  const said = async (verb: string, secret: string) => {
    const box = new MemoryBox();
    if (verb === 'password') await box.accounts.add('ann', 'before', 'keys');
    return say(box, `account ${verb} ann`, secret);
  };
  const warning = /fewer than 8 characters.* It works;.*: restante account password ann$/;
  for (const verb of ['add', 'password']) {
    assert.match(await said(verb, 'secret!'), warning);
    assert.doesNotMatch(await said(verb, 'secrets!'), /characters/);
    assert.doesNotMatch(await said(verb, '🐟🐟🐟🐟🐟🐟🐟🐟'), /characters/);
    assert.match(await said(verb, '🐟🐟🐟🐟🐟🐟🐟'), warning);
  }
});

test('status says what a person wants to know', async () => {
  const box = new MemoryBox();
  const empty: StatusReport = await box.status();
  const call = { values: {}, flags: new Set<string>() };
  assert.match(status.render(empty, call), /make one with: restante account add NAME/);
  await box.accounts.add('ann', 'pw', 'keys');
  const words = status.render(await box.status(), call);
  for (const part of [
    /up for 1 hour 1 minute/,
    /Warning: The certificate ends soon/,
    /pop3s {2}\[::1\]:2995 {2}TLS/,
    /ann {2}1 message {2}1\.5 KB {2}1 not fetched yet/,
    /room for 5\.0 GB/,
  ]) {
    assert.match(words, part);
  }
});

test('status does not count what the disk does not give', async () => {
  const box = new MemoryBox();
  await box.accounts.add('ann', 'pw', 'keys');
  const report = await box.status();
  const nothing = { messages: 0, octets: 0, unread: true } as const;
  const words = status.render(
    {
      ...report,
      queue: { ...report.queue, ...nothing },
      accounts: report.accounts.map((one) => ({ ...one, ...nothing })),
    },
    { values: {}, flags: new Set<string>() },
  );
  assert.match(words, /ann {2}cannot be read from the disk now/);
  assert.match(words, /Mail on its way out\n {2}cannot be read from the disk now/);
  assert.doesNotMatch(words, /nothing waits|0 messages/);
});

test('the ring keeps the last lines in order', () => {
  const ring = new LogRing(3);
  const heard: string[] = [];
  const following = ring.follow((line) => heard.push(line.say));
  for (const say of ['a', 'b', 'c', 'd']) {
    ring.sink({ at: 0, level: 'info', part: 'box', say, facts: {} });
  }
  following[Symbol.dispose]();
  ring.sink({ at: 0, level: 'info', part: 'box', say: 'e', facts: {} });
  assert.deepEqual(
    ring.recent(9).map((line) => line.say),
    ['c', 'd', 'e'],
  );
  assert.deepEqual(
    ring.recent(1).map((line) => line.say),
    ['e'],
  );
  assert.deepEqual(ring.recent(0), []);
  assert.deepEqual(heard, ['a', 'b', 'c', 'd']);
});
