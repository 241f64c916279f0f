/* Who has the maildrop, who waits, who takes over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#mail/ids';
import type { MaildropHolder } from '#mail/maildrop';
import { abandonedAfter, type Lock, MaildropLocks } from '#mail/maildrop/locks';
import { FakeClock } from '../../../support/fake-clock.ts';

const ann = 1 as AccountId;
const bo = 2 as AccountId;

interface Guest extends MaildropHolder {
  lost: boolean;
}

function guest(account: AccountId = ann, address = '192.168.1.5', password = 'main'): Guest {
  const identity = { account, login: 'x', password };
  return {
    session: 's',
    address,
    identity,
    protocol: 'POP3',
    lost: false,
    dispossessed() {
      this.lost = true;
    },
  };
}

function house() {
  const clock = new FakeClock();
  return { clock, locks: new MaildropLocks(clock, () => 5000) };
}

async function taken(promise: Promise<Lock | undefined>): Promise<Lock> {
  const lock = await promise;
  assert.ok(lock !== undefined, 'the lock was refused');
  return lock;
}

test('accounts do not wait for each other', async () => {
  const { locks } = house();
  await taken(locks.take(guest(ann)));
  await taken(locks.take(guest(bo)));
});

test('waiters are served first come, first served, as soon as the lock is back', async () => {
  const { clock, locks } = house();
  const first = await taken(locks.take(guest()));
  const order: string[] = [];
  const second = locks.take(guest()).then((lock) => {
    order.push('second');
    return lock;
  });
  const third = locks.take(guest()).then((lock) => {
    order.push('third');
    return lock;
  });
  first.release();
  (await taken(second)).release();
  (await taken(third)).release();
  assert.deepEqual(order, ['second', 'third']);
  assert.equal(clock.waiting, 0, 'no alarm stays behind');
  assert.equal(locks.holder(ann), undefined);
});

test('who waited for long enough is refused, and does not get the lock later', async () => {
  const { clock, locks } = house();
  const holder = guest();
  const first = await taken(locks.take(holder));
  const second = locks.take(guest());
  clock.advance(5000);
  assert.equal(await second, undefined);
  assert.equal(locks.holder(ann), holder);
  first.release();
  assert.equal(locks.holder(ann), undefined);
});

test('a lock is released once: a late second release takes it from nobody', async () => {
  const { locks } = house();
  const first = await taken(locks.take(guest()));
  first.release();
  const second = await taken(locks.take(guest()));
  first.release();
  assert.ok(second.held);
});

interface Case {
  readonly name: string;
  readonly silence: number;
  readonly working?: boolean;
  readonly again: Guest;
  readonly takesOver: boolean;
}

const cases: Case[] = [
  {
    name: 'the same client, long silent',
    silence: abandonedAfter,
    again: guest(),
    takesOver: true,
  },
  { name: 'silent too short', silence: abandonedAfter - 5001, again: guest(), takesOver: false },
  {
    name: 'silent for long enough while the other waited',
    silence: abandonedAfter - 5000,
    again: guest(),
    takesOver: true,
  },
  {
    name: 'a command still runs',
    silence: 10 * abandonedAfter,
    working: true,
    again: guest(),
    takesOver: false,
  },
  {
    name: 'another address',
    silence: 10 * abandonedAfter,
    again: guest(ann, '192.168.1.6'),
    takesOver: false,
  },
  {
    name: 'another password of the account',
    silence: 10 * abandonedAfter,
    again: guest(ann, '192.168.1.5', 'phone'),
    takesOver: false,
  },
];

for (const { name, silence, working, again, takesOver } of cases) {
  test(`a lock is ${takesOver ? '' : 'not '}taken over: ${name}`, async () => {
    const { clock, locks } = house();
    const before = guest();
    const lock = await taken(locks.take(before));
    lock.resting();
    if (working === true) lock.working();
    clock.advance(silence);
    const asked = locks.take(again);
    clock.advance(5000);
    assert.equal((await asked) !== undefined, takesOver);
    assert.equal(lock.held, !takesOver);
    assert.equal(before.lost, takesOver);
  });
}

test('who lost the lock releases nothing of its successor', async () => {
  const { clock, locks } = house();
  const lost = await taken(locks.take(guest()));
  lost.resting();
  clock.advance(abandonedAfter);
  const winner = await taken(locks.take(guest()));
  lost.release();
  assert.ok(winner.held);
});
