/* The control socket: HTTP in, answers and refusals out, for its own user alone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log } from '#base/log';
import { ask, askForOctets, follow, notRunning } from '#control/client';
import { Door } from '#control/door';
import { controlSocketPath, socketPathFault } from '#control/socket-path';
import type { Call, Verb } from '#control/verb';
import { verbs } from '#control/verbs/table';
import { MemoryBox } from './memory-box.ts';

async function openDoor() {
  const folder = await mkdtemp(join(tmpdir(), 'door-'));
  const path = controlSocketPath(folder);
  const box = new MemoryBox();
  const clock = new SystemClock();
  const log = new Log(box.log.sink, clock);
  const door = new Door(path, verbs, box, clock, log);
  await door.start();
  return {
    path,
    box,
    clock,
    log,
    door,
    async [Symbol.asyncDispose]() {
      await door.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function verb(words: string): Verb {
  const found = verbs.find((one) => one.words.join(' ') === words);
  assert.ok(found, words);
  return found;
}

function call(values: Record<string, string>, flags: string[] = [], secret?: string): Call {
  return { values, flags: new Set(flags), ...(secret === undefined ? {} : { secret }) };
}

describe('the door', () => {
  test('answers a verb, and what it did stays done', async () => {
    await using open = await openDoor();
    const made = await ask(open.path, verb('account add'), call({ account: 'ann' }, [], 'pw'));
    assert.ok(made.ok);
    assert.equal(open.box.passwordOf.get('ann'), 'pw');
    const listed = await ask(open.path, verb('account list'), call({}));
    assert.ok(listed.ok);
    assert.match(verb('account list').render(listed.value as never, call({})), /^ann +1 message/);
  });

  test('hands a refusal on with its code and its sentence', async () => {
    await using open = await openDoor();
    const refused = await ask(open.path, verb('account unlock'), call({ account: 'bob' }));
    assert.deepEqual(refused, {
      ok: false,
      error: { kind: 'refusal', code: 'unknown-account', say: 'There is no such account.' },
    });
  });

  test('removes an account only when told twice', async () => {
    await using open = await openDoor();
    open.box.passwordOf.set('ann', 'pw');
    const asked = await ask(open.path, verb('account remove'), call({ account: 'ann' }));
    assert.equal(asked.ok ? '' : asked.error.code, 'confirm');
    assert.ok(open.box.passwordOf.has('ann'));
    await ask(open.path, verb('account remove'), call({ account: 'ann' }, ['yes']));
    assert.ok(!open.box.passwordOf.has('ann'));
  });

  test('follows the log until it closes', async () => {
    await using open = await openDoor();
    const heard: string[] = [];
    const first = Promise.withResolvers<void>();
    const following = follow(open.path, verb('log'), call({}, ['follow']), (event) => {
      heard.push((event as { say: string }).say);
      first.resolve();
    });
    // The follower is there once the door has answered; speak until it hears.
    const speaker = setInterval(() => open.log.info('Hello'), 5);
    await first.promise;
    clearInterval(speaker);
    await open.door.stop();
    assert.ok((await following).ok);
    assert.equal(heard[0], 'Hello');
  });

  test('lets a follower go that does not read, and keeps no more for it than a little', async () => {
    await using open = await openDoor();
    const sleeper = connect(open.path);
    sleeper.on('error', () => {});
    sleeper.write('GET /v1/events?follow=true HTTP/1.1\r\nHost: box\r\n\r\n');
    await once(sleeper, 'readable');
    sleeper.pause();
    const name = 'x'.repeat(1_000);
    let told = 0;
    while (open.box.listeners.size > 0) {
      for (const tell of open.box.listeners) {
        tell({ event: 'lamps', lamps: [{ name, pattern: 'on', say: '' }] });
      }
      told += 1;
      assert.ok(told < 20_000, 'it is still there');
      await new Promise((resolve) => void setImmediate(resolve));
    }
    assert.ok(told > 200);
    sleeper.destroy();
  });

  test('closes though a follower does not read', async () => {
    await using open = await openDoor();
    const sleeper = connect(open.path);
    sleeper.on('error', () => {});
    sleeper.write('GET /v1/events?follow=true HTTP/1.1\r\nHost: box\r\n\r\n');
    await once(sleeper, 'readable');
    const say = 'x'.repeat(200_000);
    for (const tell of open.box.listeners) {
      for (let count = 0; count < 2; count += 1) {
        tell({ event: 'trouble', about: 'store', name: '', say });
      }
    }
    await open.door.stop();
    sleeper.destroy();
  });

  test('hands octets on as they are, and a damaged message never whole', async () => {
    await using open = await openDoor();
    const pieces: Buffer[] = [];
    const keep = (piece: Uint8Array) => void pieces.push(Buffer.from(piece));
    const whole = await askForOctets(open.path, verb('mail message'), call({ id: 'g.1' }), keep);
    assert.ok(whole.ok);
    assert.equal(Buffer.concat(pieces).toString(), 'Subject: hello\r\n\r\nHello\r\n');
    const cut = await askForOctets(open.path, verb('mail message'), call({ id: 'g.8' }), keep);
    // Whether its beginning came through before the end is chance.
    assert.match(cut.ok ? '' : cut.error.code, /^(cut-off|no-answer)$/);
    const gone = await askForOctets(open.path, verb('mail message'), call({ id: 'g.9' }), keep);
    assert.equal(gone.ok ? '' : gone.error.code, 'unknown');
  });

  test('is open to its own user only', async () => {
    await using open = await openDoor();
    assert.equal((await stat(open.path)).mode & 0o777, 0o600);
  });

  test('takes the place of a dead socket or any file left there', async () => {
    await using open = await openDoor();
    await open.door.stop();
    await writeFile(open.path, 'left behind');
    const second = new Door(open.path, verbs, open.box, open.clock, open.log);
    await second.start();
    assert.ok((await ask(open.path, verb('status'), call({}))).ok);
    await second.stop();
  });

  test('does not take a body without end', async () => {
    await using open = await openDoor();
    const asking = request({ socketPath: open.path, path: '/v1/account/add', method: 'POST' });
    asking.on('error', () => {});
    asking.end(Buffer.alloc(1_000_000, 'a'));
    const [response] = await once(asking, 'response');
    assert.equal(response.statusCode, 413);
    asking.destroy();
  });

  test('takes only so much in all, and goes on when it is over', async () => {
    await using open = await openDoor();
    const head = 'POST /v1/mail/send HTTP/1.1\r\nHost: box\r\nContent-Length: 1000000\r\n\r\n';
    const peers = Array.from({ length: 6 }, () => connect(open.path).on('error', () => {}));
    const answered = Promise.race(peers.map((peer) => once(peer, 'data')));
    for (const peer of peers) peer.write(head + ' '.repeat(999_990));
    const [answer] = await answered;
    assert.match(String(answer), /^HTTP\/1\.1 503 .*"busy"/s);
    for (const peer of peers) peer.destroy();
    const letter = { account: 'ann', text: 'x'.repeat(900_000) };
    // Those that were cut off give their room back once the box has noticed.
    const send = () => ask(open.path, verb('mail send'), { values: letter, flags: new Set() });
    let sent = await send();
    while (!sent.ok && sent.error.code === 'busy') sent = await send();
    for (let count = 0; count < 6; count += 1) assert.ok((await send()).ok);
  });

  test('closes at once though somebody is connected and silent', async () => {
    await using open = await openDoor();
    const silent = connect(open.path);
    await once(silent, 'connect');
    silent.on('error', () => {});
    const closed = once(silent, 'close');
    await open.door.stop();
    await closed;
  });
});

describe('asking a box that is off', () => {
  for (const path of ['/nowhere/control.sock', '/dev/null/control.sock']) {
    test(`says so: ${path}`, async () => {
      const answer = await ask(path, verb('status'), call({}));
      assert.equal(answer.ok ? '' : answer.error.code, notRunning);
    });
  }

  test('a path too long for a Unix socket is said before anything starts', () => {
    assert.match(socketPathFault(`/tmp/${'x'.repeat(90)}`) ?? '', /108 octets.*shorter path/);
    assert.equal(socketPathFault(`/tmp/${'x'.repeat(89)}`), undefined);
  });
});
