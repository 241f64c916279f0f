/* Everything now: what a flush tries, what it leaves, and what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fine, says } from '../../support/scripted-connector.ts';
import { brief, gmx, hour, minute, WayOut } from './way-out.ts';

const away = { stage: 'connect', code: 'ECONNREFUSED', detail: 'nobody answers' } as const;

test('a flush tries once what is not due, and says what came of it', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['yes@b', 'never@b'], due: 9 * hour });
  house.queue.put({ to: ['later@b'], due: 9 * hour });
  house.server.answer = (to) => {
    if (to === 'later@b') return says(450, '4.2.1', 'busy');
    return to === 'never@b' ? says(550, '5.1.1', 'no such user') : fine;
  };
  await house.start();
  assert.equal(house.server.tries, 0);
  const progress: string[] = [];
  const report = await house.dispatcher.flush({}, ({ messages, done }) => {
    progress.push(`${done}/${messages}`);
  });
  assert.deepEqual(brief(report), { messages: 2, sent: 1, gaveUp: 1, later: 1 });
  const say = '1 sent, 1 to be tried again later, 1 given up';
  assert.deepEqual(report.uplinks, [{ name: 'gmail', say }]);
  assert.deepEqual(progress, ['1/2', '2/2']);
  assert.equal(house.server.tries, 2);
});

test('a flush of an empty queue has nothing to say', async () => {
  const house = new WayOut();
  await house.start();
  assert.deepEqual(brief(await house.dispatcher.flush({})), {});
});

test('a flush goes through hundreds, each once, and through a closed window', async () => {
  const house = new WayOut();
  house.windows = [{ from: 0, to: 60 }];
  for (let index = 0; index < 300; index++) house.queue.put({ to: [`r${index}@b`] });
  await house.start();
  const report = await house.dispatcher.flush({});
  assert.deepEqual(brief(report), { messages: 300, sent: 300 });
  assert.equal(new Set(house.sent).size, 300);
  assert.equal(house.server.tries, 300);
});

test('during hold it sends once what is queued now, and the hold stays', async () => {
  const house = new WayOut();
  await house.start();
  await house.dispatcher.hold();
  house.queue.put({ to: ['before@b'] });
  house.queue.put({ to: ['later@b'] });
  house.server.answer = (to) => {
    if (to !== 'before@b') return says(450, '4.2.1', 'busy');
    house.queue.put({ to: ['after@b'] });
    house.dispatcher.wake();
    return fine;
  };
  assert.deepEqual(brief(await house.dispatcher.flush({})), { messages: 2, sent: 1, later: 1 });
  await house.passSlowly(hour);
  assert.equal(house.server.tries, 2);
  assert.equal(house.times.held, true);
});

test('a paused uplink is probed once; when it is still away the rest stays untried', async () => {
  const house = new WayOut();
  for (let index = 0; index < 20; index++) house.queue.put();
  house.server.refusal = away;
  await house.start();
  const before = house.server.connects;
  const report = await house.dispatcher.flush({});
  assert.equal(house.server.connects, before + 1);
  assert.deepEqual(brief(report), { messages: 20, untried: 20 });
  assert.deepEqual(report.uplinks, [
    { name: 'gmail', say: '20 recipients not tried: nobody answers' },
  ]);
  house.server.refusal = undefined;
  assert.deepEqual(brief(await house.dispatcher.flush({})), { messages: 20, sent: 20 });
});

test('a quota stands against a flush, unless it is forced', async () => {
  const house = new WayOut();
  house.queue.put();
  house.queue.put();
  house.server.answer = () => says(550, '5.4.5', 'Daily limit');
  await house.start();
  const tries = house.server.tries;
  const report = await house.dispatcher.flush({});
  assert.deepEqual(brief(report), { messages: 2, untried: 2 });
  assert.equal(house.server.tries, tries);
  const forced = await house.dispatcher.flush({ force: true });
  assert.deepEqual(brief(forced), { messages: 2, untried: 2 });
  assert.equal(house.server.tries, tries + 1);
  house.server.answer = () => fine;
  assert.deepEqual(brief(await house.dispatcher.flush({ force: true })), { messages: 2, sent: 2 });
});

test('a second flush joins the first; one that wants more follows it', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['a@b'], due: hour });
  house.queue.put({ to: ['c@d'], due: hour });
  await house.start();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  house.server.gate = gate;
  const first = house.dispatcher.flush({ domain: 'b' });
  const same = house.dispatcher.flush({ domain: 'b' });
  const more = house.dispatcher.flush({});
  const joined = house.dispatcher.flush({ domain: 'd' });
  await house.rest();
  assert.equal(house.dispatcher.flushing, true);
  assert.equal(house.server.tries, 1);
  open();
  assert.deepEqual(brief(await first), { messages: 1, sent: 1 });
  assert.deepEqual(brief(await same), { joined: true, messages: 1, sent: 1 });
  assert.deepEqual(brief(await more), { messages: 1, sent: 1 });
  assert.deepEqual(brief(await joined), { joined: true, messages: 1, sent: 1 });
  assert.equal(house.server.tries, 2);
  assert.equal(house.dispatcher.flushing, false);
});

test('what is being sent when a flush begins is not sent twice, and is counted', async () => {
  const house = new WayOut();
  house.queue.put();
  house.queue.put({ due: hour });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  house.server.gate = gate;
  await house.start();
  assert.equal(house.server.tries, 1);
  const flushed = house.dispatcher.flush({});
  await house.rest();
  open();
  assert.deepEqual(brief(await flushed), { messages: 2, sent: 2 });
  assert.equal(house.server.tries, 2);
});

test('mail that arrives during a flush goes after it, by itself', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['a@b'], due: hour });
  await house.start();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  house.server.gate = gate;
  const flushed = house.dispatcher.flush({});
  await house.rest();
  house.queue.put({ to: ['late@b'] });
  house.dispatcher.wake();
  open();
  assert.deepEqual(brief(await flushed), { messages: 1, sent: 1 });
  await house.rest();
  assert.deepEqual(house.sent, ['a@b', 'late@b']);
});

test('one message is tried now, and no other', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['a@b'], due: hour });
  const second = house.queue.put({ to: ['c@d'], due: hour });
  await house.start();
  assert.deepEqual(brief(await house.dispatcher.retryNow(second.id)), { messages: 1, sent: 1 });
  assert.deepEqual(house.sent, ['c@d']);
});

test('each uplink has its own sentence, and so has mail without one', async () => {
  const house = new WayOut();
  const other = { id: gmx, name: 'gmx', provider: 'gmx', connections: 1 };
  house.ways.list = [...house.ways.list, other];
  house.ways.serves = (via) =>
    via === 'nobody@x' ? undefined : via === 'bo@gmx' ? gmx : undefined;
  await house.start();
  house.queue.put({ due: hour });
  house.queue.put({ due: hour, uplink: gmx, via: 'bo@gmx' });
  house.queue.put({ uplink: 0, via: 'nobody@x' });
  const report = await house.dispatcher.flush({});
  assert.deepEqual(brief(report), { messages: 3, sent: 2, untried: 1 });
  assert.deepEqual(report.uplinks, [
    { name: 'gmail', say: '1 sent' },
    { name: 'gmx', say: '1 sent' },
    { name: 'no uplink', say: '1 recipient not tried: no uplink serves the sender' },
  ]);
});

test('a hold ends a flush that runs, and stopping does', async () => {
  for (const how of ['hold', 'stop'] as const) {
    const house = new WayOut();
    for (let index = 0; index < 10; index++) house.queue.put({ due: hour });
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    house.server.gate = gate;
    await house.start();
    const flushed = house.dispatcher.flush({});
    await house.rest();
    const ended = house.dispatcher[how]();
    await house.rest();
    open();
    await ended;
    const report = await flushed;
    assert.equal(report.sent + report.untried, 10, how);
    assert.ok(house.sent.length < 10, how);
    await house.pass(minute);
  }
});
