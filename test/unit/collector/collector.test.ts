/* The collector: when it goes where, what it does when something is wrong, and how it ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok, trouble } from '#base/result';
import { CollectingBox } from '../../support/collecting-box.ts';
import { letter } from '../../support/collecting-house.ts';
import { MemorySource, signInRefused } from '../../support/memory-upstream.ts';

const minute = 60_000;

function server(protocol: 'pop3' | 'imap', ...subjects: string[]): MemorySource {
  const source = new MemorySource(protocol);
  for (const subject of subjects) source.put(letter(subject));
  return source;
}

const connects = ({ asked }: MemorySource) => asked.filter((one) => one === 'connect').length;

/** A box that is collecting from a server which says nothing more until `go`. */
async function collectingFrom(one: MemorySource) {
  const box = new CollectingBox();
  const { promise: gate, resolve: go } = Promise.withResolvers<void>();
  one.gate = gate;
  const source = box.add(one);
  box.collector.start();
  await box.until(() => box.condition(source) === 'collecting');
  return { box, source, go };
}

test('every source is collected at the start, and again when it is due', async () => {
  const box = new CollectingBox();
  const [one, other] = [server('pop3', 'one'), server('imap', 'two', 'three')];
  box.add(one);
  box.add(other, { every: 10 * minute });
  box.collector.start();
  await box.until(() => box.house.mail.length === 3 && one.open + other.open === 0);
  one.put(letter('four'));
  box.clock.advance(5 * minute);
  await box.until(() => box.house.mail.length === 4);
  assert.equal(connects(one), 2);
  assert.equal(connects(other), 1);
  await box.collector.stop();
  assert.ok(one.asked.at(-1) === 'close' && other.asked.at(-1) === 'close');
});

test('no more connections than there may be, and one to each source', async () => {
  const box = new CollectingBox();
  box.connections = 2;
  let open = 0;
  let most = 0;
  const servers = Array.from({ length: 6 }, (_, index) => server('imap', `${index}`));
  for (const one of servers) {
    one.tells = true;
    box.add(one);
  }
  box.collector.watch(() => {
    open = servers.reduce((sum, one) => sum + one.open, 0);
    most = Math.max(most, open);
  });
  box.collector.start();
  await box.until(() => box.house.mail.length === 6);
  assert.equal(most, 2);
  assert.ok(servers.every((one) => one.most === 1));
  await box.collector.stop();
  assert.ok(servers.every((one) => one.open === 0 && !one.asked.includes('abort')));
});

test('one that tells of new mail stays, and brings it at once', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.tells = true;
  const source = box.add(one, { folders: ['INBOX', 'Archive'] });
  one.folder('Archive');
  box.collector.start();
  await box.until(() => one.asked.at(-1) === 'idle');
  assert.deepEqual(box.collector.condition(source.id)?.condition, { kind: 'well', stays: true });
  one.put(letter('two'));
  await box.until(() => box.house.mail.length === 2 && one.asked.at(-1) === 'idle');
  // Of another folder it does not tell.
  Object.assign(one.folder('Archive'), {
    next: 2,
    messages: [{ uid: '1', octets: Buffer.from(letter('elsewhere')) }],
  });
  box.clock.advance(5 * minute);
  await box.until(() => box.house.mail.length === 3 && one.asked.at(-1) === 'idle');
  const collected = box.collector.collect(source.id);
  assert.deepEqual(
    (await collected).map(({ trouble }) => trouble),
    [undefined],
  );
  assert.equal(connects(one), 1);
  await box.until(() => one.asked.at(-1) === 'idle');
  await box.collector.stop();
  assert.equal(one.asked.at(-1), 'close');
});

test('a server that hangs up on who only waits is no trouble, and is called again soon', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.tells = true;
  const source = box.add(one, { every: 60 * minute });
  const conditions = new Set<string>();
  using _watch = box.collector.watch(() => void conditions.add(box.condition(source)));
  box.collector.start();
  await box.until(() => one.asked.at(-1) === 'idle');
  box.clock.advance(29 * minute);
  one.hangUp();
  await box.until(() => box.collector.condition(source.id)?.nextIn !== undefined);
  one.put(letter('two'));
  box.clock.advance(2 * minute);
  await box.until(() => box.house.mail.length === 2 && one.asked.at(-1) === 'idle');
  // One that does so each time at once is not called each minute.
  one.hangUp();
  await box.until(() => box.collector.condition(source.id)?.nextIn !== undefined);
  assert.ok((box.collector.condition(source.id)?.nextIn ?? 0) > 50 * minute);
  assert.deepEqual([...conditions].sort(), ['collecting', 'well']);
  await box.collector.stop();
});

test('a server whose UIDNEXT never rests is looked into by the clock', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  Object.assign(one, { tells: true, uidNextGrows: true });
  const source = box.add(one);
  box.collector.start();
  await box.until(() => one.asked.at(-1) === 'close');
  assert.equal(box.condition(source), 'well');
  one.put(letter('two'));
  box.clock.advance(5 * minute);
  await box.until(() => box.house.mail.length === 2);
  await box.collector.stop();
});

test('who asks just before a source begins to stay is answered, not forgotten', {
  timeout: 60_000,
}, async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.tells = true;
  const source = box.add(one);
  let asked: Promise<unknown> | undefined;
  let isAsked = false;
  using _watch = box.collector.watch(() => {
    if (isAsked || box.collector.condition(source.id)?.collectedAt === undefined) return;
    isAsked = true;
    asked = box.collector.collect(source.id);
  });
  box.collector.start();
  await box.until(() => asked !== undefined);
  await asked;
  assert.equal(connects(one), 1);
  await box.collector.stop();
});

test('a refused password stops, is told once, and waits for a person', async () => {
  const box = new CollectingBox();
  const one = server('pop3', 'one');
  one.refusal = signInRefused('invalid user or password', 'AUTH');
  const source = box.add(one);
  box.collector.start();
  await box.until(() => box.condition(source) === 'stopped');
  for (let hours = 0; hours < 48; hours++) box.clock.advance(60 * minute);
  const [collection] = await box.collector.collect('all');
  assert.match(collection?.trouble ?? '', /refuses the user or the password/);
  assert.equal(connects(one), 1);
  const stopped = box.collector.condition(source.id)?.condition;
  assert.match(stopped?.kind === 'stopped' ? stopped.say : '', /restante source password source1/);
  assert.equal(box.house.notices.length, 1);
  const text = box.house.notices[0]?.paragraphs.join('\n') ?? '';
  assert.match(text, /invalid user or password/);
  one.refusal = undefined;
  assert.equal((await box.collector.test(source.id))?.ok, true);
  await box.until(() => box.house.mail.length === 1 && box.condition(source) === 'well');
  await box.collector.stop();
});

test('who gives another password while the refusal of the last one is told is not stopped', async () => {
  const box = new CollectingBox();
  const one = server('pop3', 'one');
  one.refusal = signInRefused('invalid user or password', 'AUTH');
  const source = box.add(one);
  box.whenTold = () => {
    one.refusal = undefined;
    box.collector.changed(source.id);
  };
  box.collector.start();
  await box.until(() => box.house.mail.length === 1 || box.condition(source) === 'stopped');
  assert.equal(box.house.mail.length, 1);
  await box.collector.stop();
});

test('a password that has worked is tried once more before it stops', async () => {
  const box = new CollectingBox();
  const one = server('pop3', 'one');
  const source = box.add(one);
  box.collector.start();
  await box.until(() => box.house.mail.length === 1 && one.open === 0);
  one.refusal = signInRefused('authentication failed');
  box.clock.advance(5 * minute);
  await box.until(() => box.condition(source) === 'waiting');
  one.refusal = undefined;
  box.clock.advance(5 * minute);
  await box.until(() => box.condition(source) === 'well');
  one.refusal = signInRefused('authentication failed');
  box.clock.advance(5 * minute);
  await box.until(() => box.condition(source) === 'waiting');
  box.clock.advance(5 * minute);
  await box.until(() => box.condition(source) === 'stopped');
  assert.equal(connects(one), 5);
  assert.equal(box.house.notices.length, 1);
  await box.collector.stop();
});

test('a server that cannot be reached is tried less and less often', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.refusal = { stage: 'connect', code: 'ECONNREFUSED', detail: 'no' };
  const source = box.add(one);
  box.collector.start();
  const waits = [];
  for (let turn = 1; turn <= 7; turn++) {
    await box.until(() => connects(one) === turn && box.condition(source) === 'waiting');
    const condition = box.collector.condition(source.id)?.condition;
    const again = condition?.kind === 'waiting' ? condition.again : 0;
    waits.push(Math.round(again / minute));
    if (turn === 7) one.refusal = undefined;
    box.clock.advance(again);
  }
  const wanted = [1, 2, 5, 15, 30, 60, 60];
  for (const [index, wait] of waits.entries()) {
    const about = wanted[index] ?? 0;
    assert.ok(Math.abs(wait - about) <= Math.ceil(about / 10), `${waits}`);
  }
  await box.until(() => box.condition(source) === 'well');
  assert.deepEqual(box.house.notices, []);
  await box.collector.stop();
});

test('a certificate that is not trusted is told of, and seldom tried', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.refusal = { stage: 'tls', code: 'CERT_HAS_EXPIRED', detail: '' };
  const source = box.add(one);
  box.collector.start();
  await box.until(() => box.condition(source) === 'waiting');
  for (let turn = 2; turn < 5; turn++) {
    box.clock.advance(6 * 60 * minute);
    await box.until(() => connects(one) === turn && box.condition(source) === 'waiting');
  }
  assert.equal(box.house.notices.length, 1);
  await box.collector.stop();
});

test('LOGIN-DELAY is kept to, whoever asks', async () => {
  const box = new CollectingBox();
  const one = server('pop3', 'one');
  one.loginDelay = 10 * minute;
  const source = box.add(one);
  box.collector.start();
  await box.until(() => box.house.mail.length === 1 && box.condition(source) === 'well');
  box.clock.advance(5 * minute);
  const [collection] = await box.collector.collect(source.id);
  assert.match(collection?.trouble ?? '', /collected in 5 min/);
  assert.equal(connects(one), 1);
  box.clock.advance(5 * minute);
  await box.until(() => connects(one) === 2);
  await box.collector.stop();
});

test('what was to be removed by a session that broke at its end is removed by the next', async () => {
  const box = new CollectingBox();
  const one = server('pop3', 'one', 'two');
  one.breaksAtClose = true;
  const source = box.add(one, { keep: { kind: 'days', days: 0 } });
  box.collector.start();
  await box.until(() => box.condition(source) === 'waiting');
  assert.equal(one.folder('').messages.length, 2);
  one.breaksAtClose = false;
  const [collection] = await box.collector.collect(source.id);
  assert.equal(collection?.counts.removed, 2);
  assert.equal(one.folder('').messages.length, 0);
  assert.equal(box.house.mail.length, 2);
  await box.collector.stop();
});

test('a provider that wants to be asked seldom is', async () => {
  const box = new CollectingBox();
  box.manners = { leastEvery: 15 * minute };
  const one = server('pop3', 'one');
  const source = box.add(one);
  box.collector.start();
  await box.until(() => box.house.mail.length === 1 && box.condition(source) === 'well');
  box.clock.advance(14 * minute);
  await box.collector.collect('all');
  assert.equal(connects(one), 2);
  await box.collector.stop();
});

test('a renewed token is tried once when the server refuses one', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  const source = box.add(one);
  one.refusal = signInRefused('Invalid credentials', 'AUTHENTICATIONFAILED');
  box.accessToken = 'old';
  box.renewed = ok('new');
  box.collector.start();
  await box.until(() => box.condition(source) === 'stopped');
  assert.deepEqual(one.secrets, ['old', 'new']);
  const condition = box.collector.condition(source.id)?.condition;
  assert.match(condition?.kind === 'stopped' ? condition.say : '', /source signin source1/);
  await box.collector.stop();
});

test('a sign-in that needs a person stops before anybody connects', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  const source = box.add(one);
  const nobody = 'Nobody has signed in at source1 yet';
  box.noTarget = { kind: 'sign-in', say: nobody, about: 'nobody' };
  box.collector.start();
  await box.until(() => box.condition(source) === 'waiting');
  assert.equal(connects(one), 0);
  assert.equal(box.house.notices.length, 0);
  box.noTarget = undefined;
  box.collector.changed(source.id);
  await box.until(() => box.house.mail.length === 1 && box.condition(source) === 'well');
  // Somebody who had signed in is told, together with whatever else goes by the sign-in.
  const over = 'The provider renews the sign-in no more';
  box.noTarget = { kind: 'sign-in', say: over, about: 'sign-in' };
  box.clock.advance(5 * minute);
  await box.until(() => box.condition(source) === 'stopped');
  assert.equal(connects(one), 1);
  assert.deepEqual([box.toldOfSignIn, box.house.notices], [[over], []]);
  await box.collector.stop();
});

test('a new source whose sign-in is not good for collecting stops, and its owner is told', async () => {
  const box = new CollectingBox();
  const source = box.add(server('imap', 'one'));
  const lack = 'The sign-in at Microsoft does not allow collecting by IMAP. Sign in anew: ...';
  box.noTarget = { kind: 'sign-in', say: lack };
  box.collector.start();
  await box.until(() => box.condition(source) === 'stopped');
  assert.equal(box.house.notices.length, 1);
  assert.match(box.house.notices[0]?.paragraphs.join(' ') ?? '', /does not allow collecting/);
  assert.deepEqual(box.toldOfSignIn, []);
  await box.collector.stop();
});

test('a token that is refused, and of no use for collecting when renewed, is told as that', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  const source = box.add(one);
  one.refusal = signInRefused('Invalid credentials', 'AUTHENTICATIONFAILED');
  box.accessToken = 'old';
  const lack = 'The sign-in at Microsoft does not allow collecting by IMAP. Sign in anew: ...';
  box.renewed = failed({ kind: 'sign-in', say: lack });
  assert.equal((await box.collector.test(source.id))?.say, lack);
  box.collector.start();
  await box.until(() => box.condition(source) === 'stopped');
  assert.match(box.house.notices[0]?.paragraphs.join(' ') ?? '', /does not allow collecting/);
  assert.equal(connects(one), 2);
  await box.collector.stop();
});

test('a token that is refused and cannot be renewed for the moment is no wrong password', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  const source = box.add(one);
  one.refusal = signInRefused('Invalid credentials', 'AUTHENTICATIONFAILED');
  box.accessToken = 'old';
  box.collector.start();
  await box.until(() => box.condition(source) === 'waiting' && connects(one) === 1);
  one.refusal = undefined;
  box.clock.advance(2 * minute);
  await box.until(() => box.house.mail.length === 1);
  assert.deepEqual([box.toldOfSignIn, box.house.notices], [[], []]);
  await box.collector.stop();
});

test('low room pauses collecting, and room resumes it', async () => {
  const box = new CollectingBox();
  const [one, other] = [server('imap', 'one'), server('pop3', 'two')];
  one.tells = true;
  const source = box.add(one);
  box.collector.start();
  await box.until(() => one.asked.at(-1) === 'idle');
  box.health = { takesMail: true, serves: true, room: 999 };
  box.add(other);
  box.collector.changed(source.id);
  await box.until(() => one.open === 0 && box.condition(source) === 'waiting');
  const [, collection] = await box.collector.collect('all');
  assert.match(collection?.trouble ?? '', /too little room/);
  box.clock.advance(minute);
  assert.equal(connects(other), 0);
  box.health = { ...box.health, room: 1_000 };
  box.clock.advance(minute);
  await box.until(() => box.house.mail.length === 2);
  await box.collector.stop();
});

test('room that gets low while mail comes ends the round', async () => {
  const box = new CollectingBox();
  const one = server('imap', ...Array.from({ length: 250 }, (_, index) => `${index}`));
  const source = box.add(one);
  let space = 1_150;
  Object.defineProperty(box, 'health', {
    get: () => ({ takesMail: true, serves: true, room: space - box.house.mail.length }),
  });
  box.collector.start();
  await box.until(() => box.condition(source) === 'waiting' && one.open === 0);
  assert.equal(box.house.mail.length, 200);
  space = 5_000;
  box.clock.advance(minute);
  await box.until(() => box.house.mail.length === 250);
  await box.collector.stop();
});

test('a store that takes nothing lets it rest, and it goes on', async () => {
  const box = new CollectingBox();
  const one = server('pop3', 'one');
  const source = box.add(one);
  box.house.writesLeft = 1;
  box.collector.start();
  await box.until(() => box.condition(source) === 'waiting');
  box.house.writesLeft = 1_000;
  box.clock.advance(minute);
  await box.until(() => box.house.mail.length === 1);
  await box.collector.stop();
  assert.deepEqual(trouble('full', '', '').code, 'full');
});

test('paused ones rest, and go on when they are resumed', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.tells = true;
  const source = box.add(one);
  box.collector.start();
  await box.until(() => one.asked.at(-1) === 'idle');
  box.change(source.id, { paused: true });
  await box.until(() => one.open === 0);
  assert.equal(box.condition(source), 'paused');
  assert.deepEqual(await box.collector.collect('all'), []);
  const [collection] = await box.collector.collect(source.id);
  assert.match(collection?.trouble ?? '', /restante source resume/);
  one.put(letter('two'));
  box.clock.advance(60 * minute);
  assert.equal(box.house.mail.length, 1);
  box.change(source.id, { paused: false });
  await box.until(() => box.house.mail.length === 2);
  await box.collector.stop();
});

test('a removed one is left in peace', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.tells = true;
  const source = box.add(one);
  box.collector.start();
  await box.until(() => one.asked.at(-1) === 'idle');
  box.sources.length = 0;
  box.collector.changed(source.id);
  await box.until(() => one.open === 0);
  assert.equal(one.asked.at(-1), 'close');
  assert.equal(box.condition(source), 'gone');
  await box.collector.stop();
});

test('who asks joins the collection under way, and sees how far it is', async () => {
  const one = server('pop3', 'one', 'two');
  const { box, source, go } = await collectingFrom(one);
  const seen: number[] = [];
  const first = box.collector.collect(source.id, ({ counts }) => seen.push(counts.delivered));
  const second = box.collector.collect('all');
  assert.ok(box.collector.collecting);
  go();
  assert.equal((await first)[0]?.counts.delivered, 2);
  assert.equal((await second)[0]?.counts.delivered, 2);
  assert.ok(!box.collector.collecting);
  assert.ok(seen.includes(1) && seen.includes(2));
  assert.equal(connects(one), 1);
  await box.collector.stop();
});

test('a defect at one source ends nothing but its visit', async () => {
  const box = new CollectingBox();
  const [one, other] = [server('imap', 'one'), server('imap', 'two')];
  const source = box.add(one);
  box.add(other);
  one.folder('INBOX').messages.push({ uid: '9', octets: undefined as unknown as Buffer });
  box.collector.start();
  await box.until(() => box.house.mail.length >= 1 && box.condition(source) === 'waiting');
  assert.ok(box.house.lines.some(({ level }) => level === 'error'));
  assert.equal(one.open, 0);
  await box.collector.stop();
});

test('switched off in the middle, it saves what came, and signs off', async () => {
  const one = server('imap', ...Array.from({ length: 80 }, (_, index) => `${index}`));
  const { box, go } = await collectingFrom(one);
  const stopped = box.collector.stop();
  go();
  await stopped;
  assert.equal(one.asked.at(-1), 'close');
  assert.ok(box.house.mail.length < 80);
});

test('a test does not wait for a collection that is under way: it shows that it works', async () => {
  const one = server('imap', 'one');
  const { box, source, go } = await collectingFrom(one);
  while (!one.asked.includes('list')) await Promise.resolve();
  const tested = await box.collector.test(source.id);
  assert.deepEqual([tested?.ok, connects(one)], [true, 1]);
  assert.match(tested?.say ?? '', /collected from there just now/);
  // What somebody has changed since is tried by itself.
  one.refusal = signInRefused('no', 'AUTH');
  box.collector.changed(source.id);
  const again = box.collector.test(source.id);
  go();
  assert.equal((await again)?.ok, false);
  await box.collector.stop();
});

test('who changes a source does not wait for a server that says nothing', async () => {
  const one = server('imap', 'one');
  const { box, source, go } = await collectingFrom(one);
  while (!one.asked.includes('list')) await Promise.resolve();
  const changed = box.collector.between(source.id, async () => 'changed');
  box.clock.advance(4_999);
  assert.ok(!one.asked.includes('abort'));
  box.clock.advance(1);
  assert.ok(one.asked.includes('abort'));
  go();
  assert.equal(await changed, 'changed');
  await box.collector.stop();
});

test('one that does not end is cut after some seconds', async () => {
  const one = server('imap', 'one');
  const { box, go } = await collectingFrom(one);
  while (!one.asked.includes('list')) await Promise.resolve();
  const stopped = box.collector.stop();
  box.clock.advance(5_000);
  go();
  await stopped;
  assert.ok(one.asked.includes('abort'));
  assert.equal(one.open, 0);
});

test('a test says what is wrong, and takes the connection of one that stays', async () => {
  const box = new CollectingBox();
  const one = server('imap', 'one');
  one.tells = true;
  const source = box.add(one, { folders: ['INBOX', 'Junk'] });
  box.collector.start();
  await box.until(() => one.asked.at(-1) === 'idle');
  const tested = await box.collector.test(source.id);
  assert.deepEqual(tested?.folders, [{ name: 'INBOX', messages: 1 }, { name: 'Junk' }]);
  assert.match(`${tested?.say}. ${tested?.advice}`, /no folder "Junk"\. There are INBOX/);
  assert.equal(one.most, 1);
  one.folder('Junk');
  const works = await box.collector.test(source.id);
  assert.match(works?.say ?? '', /^It works: \S+ let ann in, without encryption$/);
  one.refusal = signInRefused('no', 'AUTH');
  const refused = await box.collector.test(source.id);
  assert.match(refused?.advice ?? '', /restante source password source1/);
  await box.collector.stop();
});
