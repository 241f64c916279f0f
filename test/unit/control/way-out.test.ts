/* The verbs of queue and uplinks: what they ask of the box, and what they say. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import { ask, askTelling } from '#control/client';
import { Door, runInBox } from '#control/door';
import { controlSocketPath } from '#control/socket-path';
import { verbs } from '#control/verbs/table';
import { MemoryBox } from './memory-box.ts';
import { say, typed } from './typed-words.ts';

describe('the queue in words', () => {
  test('list names each message, who waits and why', async () => {
    const said = await say(new MemoryBox(), 'queue list');
    assert.match(said, /^a1b2c3 {2}.*ann@example\.org {2}1\.5 KB {2}by gmail$/m);
    assert.match(said, /bob@example\.net +gmail answered 452 4\.2\.2; next try/);
    assert.equal(
      await say(new MemoryBox(), 'queue list --account bob'),
      'Nothing waits to go out.',
    );
    assert.match(await say(new MemoryBox(), 'queue list --lines 0'), /whole number/);
  });

  test('why tells the history, and log ADDRESS those of an address', async () => {
    assert.match(
      await say(new MemoryBox(), 'queue why a1b2c3'),
      /taken in from Ann's iPad\nWaits:/,
    );
    assert.match(await say(new MemoryBox(), 'queue why nonsense'), /No message here/);
    assert.match(await say(new MemoryBox(), 'log bob@example.net'), /^a1b2c3/);
    assert.match(await say(new MemoryBox(), 'log eve@example.net'), /knows of no mail/);
  });

  test('drop asks first, and tells the sender unless it shall be quiet', async () => {
    const box = new MemoryBox();
    assert.match(await say(box, 'queue drop a1b2c3'), /will not get it/);
    assert.deepEqual(box.queue.dropped, []);
    assert.match(await say(box, 'queue drop a1b2c3 --yes'), /its sender is told/);
    assert.doesNotMatch(await say(box, 'queue drop a1b2c3 --yes --quiet'), /told/);
    assert.deepEqual(box.queue.dropped, [
      ['a1b2c3', true],
      ['a1b2c3', false],
    ]);
  });

  test('hold, flush during hold, release', async () => {
    const box = new MemoryBox();
    assert.match(await say(box, 'hold'), /^Nothing goes out .* 3 messages wait/);
    const flushed = await say(box, 'flush');
    assert.match(flushed, /^3 messages: 2 sent, 1 to be tried again later\./);
    assert.match(flushed, /Hold stays on/);
    assert.match(await say(box, 'release'), /beginning with the 3 messages/);
    assert.equal(box.queue.held, false);
    assert.match(await say(box, 'status'), /2 messages .* wait; .*\n.*on hold/s);
  });

  test('flush counts recipients where a message has several', () => {
    const { verb, call } = typed('flush');
    const none = { later: 0, gaveUp: 0, untried: 0, uplinks: [], collected: 0 };
    const report = { ...none, messages: 1, sent: 2, joined: false, held: false };
    assert.equal(verb.render(report as never, call), '1 message to 2 recipients: 2 sent.');
  });

  test('flush tells how far it is over the socket, then answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'door-'));
    const box = new MemoryBox();
    const clock = new SystemClock();
    const path = controlSocketPath(folder);
    const door = new Door(path, verbs, box, clock, new Log(box.log.sink, clock));
    await door.start();
    try {
      const { verb, call } = typed('flush');
      const told: unknown[] = [];
      const answer = await askTelling(path, verb, call, (event) => told.push(event));
      assert.ok(answer.ok);
      assert.equal((answer.value as { sent: number }).sent, 2);
      assert.deepEqual(told[2], { messages: 3, done: 2 });
      assert.deepEqual(await ask(path, verb, call), answer);
    } finally {
      await door.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('the uplinks in words', () => {
  test('add hands everything on, --for as often as it was given', async () => {
    const box = new MemoryBox();
    const said = await say(
      box,
      'uplink add gmail --provider gmail --user ann@gmail.com --for ann@gmail.com --for a@b.example --default',
      'app password',
    );
    assert.deepEqual(box.uplinks.added[0], {
      name: 'gmail',
      provider: 'gmail',
      user: 'ann@gmail.com',
      addresses: ['ann@gmail.com', 'a@b.example'],
      isDefault: true,
      password: 'app password',
    });
    assert.match(said, /uplink test gmail/);
    assert.doesNotMatch(JSON.stringify(said), /app password/);
  });

  test('add says which uplink is the default no more', async () => {
    const box = new MemoryBox();
    const relay = '--host relay.example --user ann --default';
    assert.doesNotMatch(await say(box, `uplink add one ${relay}`, 'secret'), /until now/);
    const said = await say(box, `uplink add two ${relay}`, 'secret');
    assert.match(said, /^two sends by .*It serves everybody\. Until now, one was the default\.\n/);
  });

  test('add without a password leads to signing in', async () => {
    const said = await say(
      new MemoryBox(),
      'uplink add work --provider outlook --user a@outlook.com',
    );
    assert.match(said, /Sign in first: restante uplink signin work/);
  });

  test('what is missing or makes no sense is said', async () => {
    assert.match(await say(new MemoryBox(), 'uplink add x'), /--provider or --host is missing/);
    assert.match(
      await say(new MemoryBox(), 'uplink add x --host h --security ssl'),
      /tls, starttls/,
    );
    const box = new MemoryBox();
    await say(box, 'uplink add x --host h --port 2a');
    assert.ok(Number.isNaN(box.uplinks.added[0]?.port));
  });

  test('test says what is wrong, and that it is bad', async () => {
    const { verb, call } = typed('uplink test gmail');
    const answer = await runInBox(verb, call, new MemoryBox());
    assert.ok(answer.ok);
    assert.equal(
      verb.render(answer.value as never, call),
      'It is closed.\nThe server said: 554 no',
    );
    assert.equal(verb.isBad?.(answer.value as never), true);
  });

  test('signing in goes step by step', async () => {
    const box = new MemoryBox();
    const { verb, call } = typed('uplink signin work');
    assert.ok(verb.runs === 'box');
    const first = await verb.run(call, box);
    assert.ok(first.ok);
    assert.match(verb.render(first.value as never, call), /WDJB-MJHT/);
    const next = verb.next?.(first.value as never, call);
    assert.ok(next);
    const last = await verb.run(next.call, box);
    assert.ok(last.ok);
    assert.equal(verb.next?.(last.value as never, next.call), undefined);
    await say(box, 'uplink signin work', 'http://127.0.0.1/?code=4711');
    assert.deepEqual(
      box.uplinks.steps.map(({ step }) => step),
      ['begin', 'wait', 'pasted'],
    );
  });

  test('remove asks only when mail waits for it', async () => {
    assert.match(await say(new MemoryBox(), 'uplink remove gmail'), /is gone/);
    assert.match(await say(new MemoryBox(), 'uplink remove busy'), /3 messages wait/);
    assert.match(await say(new MemoryBox(), 'uplink remove busy --yes'), /is gone/);
  });
});
