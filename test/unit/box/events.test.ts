/*
 * Events as followers hear them: first how things stand, then each arrival once and in order,
 * whatever the store's troubles are meanwhile; and nothing is watched while nobody listens.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log } from '#base/log';
import { failed, ok, trouble } from '#base/result';
import { Events } from '#box/events';
import type { WayOutReport } from '#box/way-out-report';
import type { BoxEvent, TroubleReport } from '#control/types';
import type { Arrival } from '#mail/arrivals/arrivals';
import type { AccountId, EntryId, MessageId } from '#mail/ids';
import { FakeClock } from '../../support/fake-clock.ts';

const failing = failed(trouble('failing', 'The disk does not take mail now', 'EIO'));

function makeHouse() {
  const clock = new FakeClock();
  const watchers = new Set<() => void>();
  const pressWatchers = new Set<(press: { held: number; did: string }) => void>();
  const arrived: Arrival[] = [];
  const troubles: TroubleReport[] = [];
  const house = {
    clock,
    watchers,
    troubles,
    fails: false,
    queued: 0,
    press: (did: string) => {
      for (const tell of pressWatchers) tell({ held: 200.4, did });
    },
    arrive(count: number) {
      for (let number = 0; number < count; number += 1) {
        const entry = (arrived.length + 1) as EntryId;
        arrived.push({
          ...{ entry, message: 1 as MessageId, account: 1 as AccountId, id: `g.${entry}` },
          ...{ octets: 7, arrivedAt: 7, cursor: [] },
          beginning: Buffer.from(`From: bob\r\nSubject: ${entry}\r\n\r\n`),
        });
      }
    },
    committed() {
      for (const tell of watchers) tell();
    },
    /** Lets what is under way come to its end, and the rest between two looks pass. */
    async settle(ms = 250) {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => void setImmediate(done));
      clock.advance(ms);
      for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => void setImmediate(done));
    },
    events: undefined as unknown as Events,
  };
  const wayOut = (): WayOutReport => ({
    queue: {
      ...{ messages: house.queued, recipients: 0, octets: 0, held: false, sending: 0 },
      ...{ withoutUplink: 0, flushing: false, nextAt: 1_000_000 + Math.random() },
    },
    uplinks: [],
    clock: { sane: true, say: '' },
  });
  house.events = new Events({
    arrivals: {
      last: async () => (house.fails ? failing : ok(arrived.length as EntryId)),
      since: async (entry, count) =>
        house.fails ? failing : ok(arrived.slice(entry, entry + count)),
    },
    household: { byId: () => ({ record: { name: 'ann' } }) as never },
    panel: {
      report: () => ({ driver: 'none', lamps: [{ lamp: 'mail', pattern: 'on', say: 'Mail.' }] }),
      press: async () => ok(''),
      watch: () => ({ [Symbol.dispose]: () => {} }),
      watchPresses(tell) {
        pressWatchers.add(tell);
        return { [Symbol.dispose]: () => void pressWatchers.delete(tell) };
      },
    },
    wayOut: async () => (house.fails ? failing : ok(wayOut())),
    storeHealth: () => ({ takesMail: true, serves: true, room: 1 }),
    others: () => troubles,
    watched: [
      {
        watch(tell) {
          const own = () => tell();
          watchers.add(own);
          return { [Symbol.dispose]: () => void watchers.delete(own) };
        },
      },
    ],
    clock,
    log: new Log(() => {}, clock),
  });
  return house;
}

function listen(events: Events) {
  const heard: BoxEvent[] = [];
  const following = events.follow((event) => void heard.push(event));
  const mail = () => heard.flatMap((one) => (one.event === 'mail' ? [Number(one.subject)] : []));
  const kinds = () => heard.map(({ event }) => event);
  return { heard, mail, kinds, end: () => following[Symbol.dispose]() };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('a follower hears how things stand, and then each arrival once', async () => {
  const house = makeHouse();
  house.arrive(3);
  const first = listen(house.events);
  await house.settle();
  assert.deepEqual(first.kinds(), ['queue', 'lamps']);
  house.arrive(40);
  house.committed();
  await house.settle();
  assert.deepEqual(first.mail(), numbers(4, 43));
  const second = listen(house.events);
  house.arrive(1);
  house.committed();
  house.committed();
  await house.settle();
  await house.settle();
  assert.deepEqual(first.mail(), numbers(4, 44));
  assert.deepEqual(second.mail(), [44]);
});

test('what arrives while somebody comes in or the box looks is told all the same', async () => {
  const house = makeHouse();
  const follower = listen(house.events);
  house.arrive(1); // before anything could be asked: it is there already, or it is told
  await house.settle();
  const before = follower.mail().length;
  house.arrive(1);
  house.committed();
  await Promise.resolve();
  house.arrive(1);
  house.committed();
  await house.settle();
  await house.settle();
  assert.deepEqual(follower.mail().slice(before), [2, 3]);
});

test('a store in trouble is asked again, and nothing is lost or told twice', async () => {
  const house = makeHouse();
  const follower = listen(house.events);
  await house.settle();
  house.fails = true;
  house.arrive(20);
  house.committed();
  await house.settle();
  assert.deepEqual(follower.mail(), []);
  house.fails = false;
  await house.settle(5_000);
  await house.settle(5_000);
  assert.deepEqual(follower.mail(), numbers(1, 20));
});

test('queue and troubles are told when they change, and only then', async () => {
  const house = makeHouse();
  const follower = listen(house.events);
  await house.settle();
  for (let count = 0; count < 5; count += 1) {
    house.committed();
    await house.settle();
  }
  assert.deepEqual(follower.kinds(), ['queue', 'lamps']);
  house.queued = 1;
  house.troubles.push({ about: 'source', name: 'gmail', say: 'No.' });
  house.committed();
  await house.settle();
  house.troubles.length = 0;
  house.committed();
  await house.settle();
  house.press('All was sent.');
  assert.deepEqual(follower.kinds().slice(2), ['queue', 'trouble', 'trouble-over', 'button']);
  assert.deepEqual(follower.heard.at(-1), { event: 'button', heldMs: 200, did: 'All was sent.' });
});

test('nothing is watched while nobody listens, and who left hears no more', async () => {
  const house = makeHouse();
  assert.equal(house.watchers.size, 0);
  const [one, other] = [listen(house.events), listen(house.events)];
  await house.settle();
  assert.equal(house.watchers.size, 1);
  one.end();
  await house.settle();
  house.arrive(1);
  house.committed();
  await house.settle();
  assert.deepEqual([one.mail(), other.mail()], [[], [1]]);
  other.end();
  await house.settle();
  assert.equal(house.watchers.size, 0);
  house.arrive(5);
  const late = listen(house.events);
  await house.settle();
  house.arrive(1);
  house.committed();
  await house.settle();
  assert.deepEqual(late.mail(), [7]);
  const gone = listen(house.events);
  gone.end();
  await house.settle();
  assert.deepEqual(gone.heard, []);
});
