/* What leaves the house, when, and what becomes of what does not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fine, says } from '../../support/scripted-connector.ts';
import { gmail, gmx, hour, minute, WayOut } from './way-out.ts';

const away = { stage: 'connect', code: 'ECONNREFUSED', detail: 'nobody answers' } as const;
const letters = (count: number) => Array.from({ length: count }, (_, index) => `r${index}@b`);

test('what waits at the start goes out, and what is queued then at once', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'] });
  await house.start();
  assert.deepEqual(house.sent, ['bob@b']);
  house.queue.put({ to: ['cyd@c'] });
  house.dispatcher.wake();
  await house.rest();
  assert.deepEqual(house.sent, ['bob@b', 'cyd@c']);
  assert.deepEqual(house.queue.items, []);
  assert.deepEqual(house.history, [
    'sent to bob@b, gmail says 2.0.0 OK',
    'sent to cyd@c, gmail says 2.0.0 OK',
  ]);
});

test('a connection is used again, and closed when it has rested for half a minute', async () => {
  const house = new WayOut();
  house.queue.put();
  await house.start();
  house.queue.put();
  house.dispatcher.wake();
  await house.rest();
  assert.deepEqual([house.server.connects, house.server.open], [1, 1]);
  await house.pass(31_000);
  assert.equal(house.server.open, 0);
});

test('many go over several connections, within the limit, and each is marked before its end', async () => {
  const house = new WayOut();
  for (const one of letters(200)) house.queue.put({ to: [one] });
  await house.start();
  while (house.queue.items.length > 0) await house.rest();
  assert.deepEqual([...house.sent].sort(), letters(200).sort());
  assert.equal(house.server.mostOpen, 3);
  assert.equal(house.queue.calls.get('doubt'), 200);
  assert.ok((house.queue.calls.get('due') ?? 0) < 40, 'messages are claimed in batches');
});

test('what is due later waits until then', async () => {
  const house = new WayOut();
  house.queue.put({ due: 20 * minute });
  await house.start();
  await house.passSlowly(19 * minute);
  assert.deepEqual(house.sent, []);
  await house.passSlowly(2 * minute);
  assert.equal(house.sent.length, 1);
});

test('an answer that means later is tried again by the schedule', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'] });
  house.server.answer = () => says(452, '4.2.2', 'Mailbox full');
  await house.start();
  const [waiting] = house.queue.recipients;
  assert.equal(waiting?.attempts, 1);
  assert.ok(waiting.due >= 0.9 * minute && waiting.due <= 1.1 * minute);
  assert.equal(waiting.last, 'gmail answered 452 4.2.2 Mailbox full');
  assert.match(
    house.history.join(),
    /^bob@b: gmail answered 452 4.2.2 Mailbox full, next try 09:0/,
  );
  house.server.answer = () => fine;
  await house.passSlowly(2 * minute, 10_000);
  assert.equal(house.sent.length, 1);
});

test('recipients of one message have each their own end', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['yes@b', 'later@b', 'never@b'] });
  house.server.answer = (to) => {
    if (to === 'later@b') return says(450, '4.2.1', 'busy');
    return to === 'never@b' ? says(550, '5.1.1', 'no such user') : fine;
  };
  await house.start();
  assert.deepEqual(house.reports, [{ kind: 'failed', to: ['never@b'], why: ['no such user'] }]);
  assert.deepEqual(
    house.queue.recipients.map(({ address }) => address),
    ['later@b'],
  );
  assert.equal(house.server.tries, 1);
});

test('an uplink that cannot be reached is paused as a whole, and probed with one message', async () => {
  const house = new WayOut();
  for (const one of letters(50)) house.queue.put({ to: [one] });
  house.server.refusal = away;
  await house.start();
  assert.equal(house.server.connects, 1);
  assert.equal(house.dispatcher.conditions()[0]?.condition.kind, 'paused');
  await house.passSlowly(hour, 5_000);
  // After 0.5, 1, 2, 5, 10, 15 and 15 minutes.
  assert.equal(house.server.connects, 8);
  assert.ok(house.queue.recipients.every(({ attempts }) => attempts === 0));
  assert.equal(house.queue.outcomes.length, 0);
  assert.equal(house.history.length, 1);
  house.server.refusal = undefined;
  await house.passSlowly(16 * minute, 5_000);
  assert.equal(house.sent.length, 50);
  assert.equal(house.dispatcher.conditions()[0]?.condition.kind, 'well');
});

test('one message that a server hangs up on does not stand in the way of others', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['poison@b'] });
  for (const one of letters(5)) house.queue.put({ to: [one] });
  house.server.answer = (to) => (to === 'poison@b' ? says(421, '4.7.0', 'go away') : fine);
  await house.start();
  await house.passSlowly(5 * minute, 5_000);
  assert.deepEqual([...house.sent].sort(), letters(5).sort());
  assert.equal(house.queue.recipients[0]?.attempts, 0);
});

test('a connection that breaks is an attempt of its message; three in a row pause the uplink', async () => {
  const house = new WayOut();
  for (const one of letters(9)) house.queue.put({ to: [one] });
  house.server.answer = () => 'break';
  await house.start();
  assert.equal(house.dispatcher.conditions()[0]?.condition.kind, 'paused');
  const attempts = house.queue.recipients.map((one) => one.attempts);
  const tried = attempts.filter((count) => count === 1).length;
  assert.ok(tried >= 3 && tried <= 5, `${tried}`);
});

test('messages that our own disk cannot read are attempts, and no fault of the uplink', async () => {
  const house = new WayOut();
  for (const one of letters(9)) house.queue.put({ to: [one] });
  house.server.answer = (to) => (to === letters(9)[8] ? fine : 'unread');
  await house.start();
  assert.equal(house.dispatcher.conditions()[0]?.condition.kind, 'well');
  assert.deepEqual(house.sent, [letters(9)[8]]);
  assert.ok(house.queue.recipients.every(({ attempts }) => attempts === 1));
});

test('a message that a server hangs up on for days goes back at last', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['poison@b'] });
  house.server.answer = (to) => (to === 'poison@b' ? says(421, '4.7.0', 'go away') : fine);
  await house.start();
  await house.passSlowly(5 * 24 * hour + 2 * hour, 10 * minute);
  assert.equal(house.queue.recipients.length, 0);
});

test('what has not had its turn is old, but not given up while the uplink is well', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'], due: 200 * hour, born: -200 * hour });
  await house.start();
  await house.passSlowly(3 * hour, 10 * minute);
  assert.deepEqual(house.reports, []);
  assert.equal(house.queue.recipients.length, 1);
});

test('a refused sign-in is offered once an hour, and its people are told', async () => {
  const house = new WayOut();
  for (const one of letters(20)) house.queue.put({ to: [one] });
  const answer = { code: 535, enhanced: '5.7.8', text: 'Bad password', to: 'sign-in' as const };
  house.server.refusal = { stage: 'sign-in', code: 'EAUTH', detail: 'Bad password', answer };
  await house.start();
  await house.passSlowly(59 * minute);
  assert.equal(house.server.connects, 1);
  assert.equal(house.notices[0]?.subject, 'Your mail box cannot sign in at gmail');
  house.server.refusal = undefined;
  await house.dispatcher.changed(gmail);
  await house.rest();
  assert.equal(house.sent.length, 20);
});

test('a sign-in that has died is not even tried', async () => {
  const house = new WayOut();
  house.queue.put();
  house.ways.noTarget = { kind: 'sign-in', say: 'sign in anew' };
  await house.start();
  assert.equal(house.server.connects, 0);
  assert.equal(house.dispatcher.conditions()[0]?.condition.kind, 'sign-in');
});

test('a quota stops everything until its time, is kept, and bounces nothing', async () => {
  const house = new WayOut();
  for (const one of letters(10)) house.queue.put({ to: [one], born: -400 * hour });
  house.server.answer = () => says(550, '5.4.5', 'Daily limit');
  await house.start();
  const tries = house.server.tries;
  assert.ok(tries <= 3, `${tries}`);
  assert.ok(house.history.includes('Daily limit; resumes about 11:00'));
  await house.passSlowly(119 * minute);
  assert.equal(house.server.tries, tries);
  assert.deepEqual(
    house.reports.filter(({ kind }) => kind === 'failed'),
    [],
  );
  assert.equal(house.ways.quotas[0]?.until, new Date(2026, 10, 23, 11).getTime());
  house.server.answer = () => fine;
  await house.passSlowly(4 * minute, 5_000);
  assert.equal(house.sent.length, 10);
  assert.equal(house.ways.quotas.at(-1), undefined);
});

test('a quota that was kept over a restart holds', async () => {
  const house = new WayOut();
  const until = new Date(2026, 10, 23, 10).getTime();
  house.ways.list = house.ways.list.map((way) => ({ ...way, quota: { until, say: 'limit' } }));
  house.queue.put();
  await house.start();
  await house.passSlowly(59 * minute);
  assert.equal(house.server.connects, 0);
  await house.passSlowly(2 * minute);
  assert.equal(house.sent.length, 1);
});

test('held mail stays, and goes out after the release; the hold outlives the box', async () => {
  const house = new WayOut();
  await house.start();
  assert.equal((await house.dispatcher.hold()).ok, true);
  house.queue.put();
  house.dispatcher.wake();
  await house.passSlowly(hour);
  assert.deepEqual(house.sent, []);
  await house.dispatcher.stop();
  const again = new WayOut(house.queue);
  await again.start();
  assert.deepEqual(again.sent, []);
  await again.dispatcher.release();
  await again.rest();
  assert.equal(again.sent.length, 1);
});

test('outside the sending windows nothing goes; when one opens all of it does', async () => {
  const house = new WayOut();
  house.windows = [{ from: 600, to: 660 }];
  house.queue.put();
  await house.start();
  await house.passSlowly(59 * minute);
  assert.deepEqual(house.sent, []);
  await house.passSlowly(2 * minute);
  assert.equal(house.sent.length, 1);
});

test('after a crash in doubt it is sent again, and its history says so', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'] });
  const { promise: never } = Promise.withResolvers<void>();
  house.server.gateAfterEnd = never;
  await house.start();
  assert.deepEqual(house.sent, ['bob@b']);
  assert.equal(house.queue.recipients[0]?.doubt, true);
  // The box dies here. Another one takes the queue up.
  const again = new WayOut(house.queue);
  await again.start();
  assert.deepEqual(again.sent, ['bob@b']);
  assert.ok(again.history.includes('it may have arrived already; sent again to be sure'));
  assert.deepEqual(again.queue.items, []);
});

test('a connection that breaks in doubt leaves the doubt', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'] });
  house.server.answer = () => 'doubt';
  await house.start();
  assert.equal(house.queue.recipients[0]?.doubt, true);
  assert.match(house.history.join(), /may arrive twice/);
  house.server.answer = () => says(450, '4.2.1', 'busy');
  await house.passSlowly(2 * minute, 10_000);
  assert.equal(house.queue.recipients[0]?.doubt, false);
});

test('without the mark on disk the end is never sent', async () => {
  const house = new WayOut();
  house.queue.put();
  house.queue.refuses = true;
  await house.start();
  assert.deepEqual(house.sent, []);
  house.queue.refuses = false;
  await house.passSlowly(minute, 5_000);
  assert.equal(house.sent.length, 1);
  assert.equal(house.queue.outcomes.filter(({ kind }) => kind === 'again').length, 0);
});

test('what was sent and cannot be written down is not sent again', async () => {
  const house = new WayOut();
  house.queue.put();
  house.queue.put();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  house.server.gateAfterEnd = gate;
  await house.start();
  house.queue.refuses = true;
  open();
  await house.passSlowly(10 * minute, 5_000);
  assert.equal(new Set(house.server.accepted.map(({ octets }) => octets)).size, house.sent.length);
  house.queue.refuses = false;
  await house.passSlowly(2 * minute, 5_000);
  assert.equal(house.sent.length, 2);
  assert.deepEqual(house.queue.items, []);
});

test('a failure that nobody can be told of stays queued, and is told later', async () => {
  const house = new WayOut();
  house.queue.put();
  house.server.answer = () => says(550, '5.1.1', 'no such user');
  house.reportingRefuses = true;
  await house.start();
  assert.equal(house.queue.items.length, 1);
  house.reportingRefuses = false;
  await house.passSlowly(16 * minute);
  assert.equal(house.reports.length, 1);
  assert.equal(house.queue.items.length, 0);
});

test('a message that this server cannot take goes back without being tried', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'] });
  house.letter = () => ({ kind: 'cannot', why: 'It is too large.', status: '5.3.4' });
  await house.start();
  assert.deepEqual(house.reports, [{ kind: 'failed', to: ['bob@b'], why: ['It is too large.'] }]);
  assert.equal(house.server.tries, 0);
});

test('who asked for word of success hears "relayed", where the server makes no reports', async () => {
  const to = [{ address: 'bob@b', notify: ['success' as const] }];
  for (const [extensions, expected] of [
    [['DSN'], 0],
    [[], 1],
  ] as const) {
    const house = new WayOut();
    house.server.extensions = extensions;
    house.queue.put({ to });
    await house.start();
    assert.equal(house.reports.filter(({ kind }) => kind === 'relayed').length, expected);
    assert.deepEqual(house.queue.items, []);
  }
});

test('with ORCPT one recipient each; the others share', async () => {
  const house = new WayOut();
  const original = { type: 'rfc822', address: 'x@b' };
  house.queue.put({ to: [{ address: 'a@b', original }, 'c@b', 'd@b'] });
  await house.start();
  const shared = house.server.accepted.map(({ envelope }) => envelope.recipients.join(' '));
  assert.deepEqual(shared, ['a@b', 'c@b d@b']);
  assert.deepEqual(house.server.accepted[0]?.envelope.dsn, { original });
});

test('the sender is told after four hours, once, while the uplink is away', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'] });
  house.server.refusal = away;
  await house.start();
  await house.passSlowly(3 * hour, minute);
  assert.deepEqual(house.reports, []);
  await house.passSlowly(9 * hour, minute);
  assert.deepEqual(house.reports, [{ kind: 'delayed', to: ['bob@b'], why: ['nobody answers'] }]);
});

test('after five days it goes back, but a box that was off for a week tries first', async () => {
  const house = new WayOut();
  house.queue.put({ to: ['bob@b'], born: -200 * hour });
  house.queue.put({ to: ['cyd@b'], born: -200 * hour });
  house.server.answer = (to) => (to === 'bob@b' ? fine : says(450, '4.2.1', 'busy'));
  await house.start();
  assert.deepEqual(house.sent, ['bob@b']);
  assert.deepEqual(
    house.reports.map(({ kind, to }) => [kind, to[0]]),
    [['failed', 'cyd@b']],
  );
});

test('an uplink that wakes later than the box does not cost old mail', async () => {
  const house = new WayOut();
  house.queue.put({ born: -200 * hour });
  house.server.refusal = away;
  await house.start();
  await house.passSlowly(2 * minute, 5_000);
  assert.deepEqual(
    house.reports.filter(({ kind }) => kind === 'failed'),
    [],
  );
  await house.passSlowly(30 * minute);
  assert.deepEqual(house.queue.items, []);
  assert.equal(house.reports.at(-1)?.kind, 'failed');
});

test('while the clock is wrong nothing expires and nobody is told of delays', async () => {
  const house = new WayOut();
  house.sane = false;
  house.queue.put({ born: -200 * hour });
  house.server.answer = () => says(450, '4.2.1', 'busy');
  await house.start();
  await house.passSlowly(hour);
  assert.deepEqual(house.reports, []);
  assert.equal(house.queue.items.length, 1);
});

test('mail without an uplink waits, its people are told, and it goes when one comes', async () => {
  const house = new WayOut();
  const [way] = house.ways.list;
  assert.ok(way !== undefined);
  house.ways.list = [];
  house.queue.put({ uplink: 0 });
  await house.start();
  assert.equal(house.notices[0]?.subject, 'Mail of yours waits and cannot go out');
  assert.match(house.notices[0]?.paragraphs[0] ?? '', /^1 message from ann@example.org waits/);
  house.ways.list = [way];
  await house.dispatcher.changed(way.id);
  await house.rest();
  assert.equal(house.sent.length, 1);
});

test('mail of an uplink that was removed goes by the one that serves its sender now', async () => {
  const house = new WayOut();
  house.server.refusal = away;
  house.queue.put();
  await house.start();
  house.server.refusal = undefined;
  house.ways.list = [{ id: gmx, name: 'gmx', provider: 'gmx', connections: 1 }];
  await house.dispatcher.changed(gmail);
  await house.rest();
  assert.equal(house.server.accepted[0]?.host, 'smtp.gmx.example');
});

test('stopping lets a message that is being sent come to its end', async () => {
  const house = new WayOut();
  for (const one of letters(9)) house.queue.put({ to: [one] });
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  house.server.gate = gate;
  await house.start();
  const stopped = house.dispatcher.stop();
  open();
  await stopped;
  // One over each connection, and no more was begun.
  assert.equal(house.sent.length, 3);
  assert.equal(house.queue.items.length, 6);
  assert.equal(house.server.open, 0);
});

test('stopping cuts a message that does not end, before its end is sent', async () => {
  const house = new WayOut();
  house.queue.put();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  house.server.gate = gate;
  await house.start();
  const stopped = house.dispatcher.stop();
  await house.pass(6_000);
  await stopped;
  open();
  await house.rest();
  assert.deepEqual(house.sent, []);
  assert.equal(house.queue.recipients[0]?.doubt, false);
});

test('a message is let go of before it is dropped, unless it is being sent', async () => {
  const house = new WayOut();
  house.ways.list = house.ways.list.map((way) => ({ ...way, connections: 1 }));
  const first = house.queue.put();
  const second = house.queue.put();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  house.server.gate = gate;
  await house.start();
  assert.equal(house.dispatcher.withdraw(first), undefined);
  const leftAlone = house.dispatcher.withdraw(second);
  assert.ok(leftAlone !== undefined);
  open();
  house.dispatcher.wake();
  await house.rest();
  // It is still in the queue, as while its report is being written.
  assert.equal(house.sent.length, 1);
  house.queue.end(second.recipients.map(({ id }) => id));
  leftAlone[Symbol.dispose]();
  house.dispatcher.wake();
  await house.rest();
  assert.equal(house.sent.length, 1);
});

test('a message that the box stumbles over waits, and others go out', async () => {
  const house = new WayOut();
  const poison = house.queue.put({ to: ['poison@b'] });
  house.queue.put({ to: ['bob@b'] });
  const { letter } = house;
  house.letter = (item) => {
    if (item.id === poison.id) throw new Error('a defect');
    return letter(item);
  };
  await house.start();
  await house.pass(1_000);
  assert.deepEqual(house.sent, ['bob@b']);
  const [waiting] = house.queue.recipients;
  assert.deepEqual([waiting?.attempts, waiting?.doubt], [1, false]);
  assert.ok(house.log.some(({ level }) => level === 'error'));
  assert.equal(house.dispatcher.conditions()[0]?.condition.kind, 'well');
});
