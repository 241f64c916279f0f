/* The owner's password: who gets in, who is slowed and locked out, and what is written down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { Seal } from '#base/seal';
import { Derivations } from '#mail/accounts/derivations';
import { failuresBeforeLock, lockTime, ownerLogin } from '#mail/accounts/failed-sign-ins';
import { deriveKeys } from '#mail/accounts/keys';
import { MemoryFailedSignIns } from '#mail/accounts/memory/memory-failed-sign-ins';
import { Tally } from '#mail/accounts/tally';
import { foldCase } from '#mail/address';
import { MemoryOwnerRecords } from '#mail/owner/memory/memory-owner-records';
import { OwnerPassword } from '#mail/owner/owner-password';
import { FakeClock } from '../../../support/fake-clock.ts';
import { SeededRandom } from '../../../support/seeded-random.ts';

const home = '192.168.1.7';

class Bench {
  readonly clock = new FakeClock();
  readonly records = new MemoryOwnerRecords();
  readonly tally = new Tally(new MemoryFailedSignIns());
  readonly lines: LogLine[] = [];
  derived = 0;

  async open(key = 1): Promise<OwnerPassword> {
    const owner = new OwnerPassword({
      records: this.records,
      tally: this.tally,
      derivations: new Derivations((password, salt) => {
        this.derived += 1;
        return deriveKeys(password, salt, 1);
      }),
      counted: () => {},
      seal: new Seal(Buffer.alloc(32, key)),
      random: new SeededRandom(),
      clock: this.clock,
      log: new Log((line) => this.lines.push(line), this.clock),
    });
    await owner.start();
    return owner;
  }

  /** Answers that are held back are let go by turning the clock. */
  async answer<T>(promised: Promise<T>): Promise<T> {
    let done = false;
    const settled = promised.finally(() => {
      done = true;
    });
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!done && this.clock.waiting > 0) this.clock.advance(8_000);
    }
    return settled;
  }
}

test('a new box has no owner, and nothing is derived for who tries', async () => {
  const bench = new Bench();
  const owner = await bench.open();
  assert.equal(owner.state, 'none');
  const tried = await owner.check('anything at all', home);
  assert.ok(!tried.ok && tried.error.code === 'no-owner');
  assert.equal(bench.derived, 0);
});

test('the password is right after a restart, and each change is told', async () => {
  const bench = new Bench();
  const owner = await bench.open();
  let changes = 0;
  using _watching = owner.watch(() => {
    changes += 1;
  });
  assert.ok((await owner.set('correct horse')).ok);
  assert.equal(changes, 1);
  const again = await bench.open();
  assert.equal(again.state, 'set');
  assert.ok((await again.check('correct horse', home)).ok);
  assert.ok(!(await again.check('correct house', home)).ok);
});

test('a short password is refused, and the one before stays', async () => {
  const bench = new Bench();
  const owner = await bench.open();
  assert.ok((await owner.set('correct horse')).ok);
  for (const bad of ['', 'short', 'seven77', 'tab\there yes']) {
    const set = await owner.set(bad);
    assert.ok(!set.ok && set.error.code === 'bad-password', bad);
  }
  assert.ok((await owner.check('correct horse', home)).ok);
});

test('ten wrong ones lock that address out, and nobody else', async () => {
  const bench = new Bench();
  const owner = await bench.open();
  await owner.set('correct horse');
  for (let tries = 0; tries < failuresBeforeLock; tries += 1) {
    const tried = await bench.answer(owner.check(`wrong ${tries}`, home));
    assert.ok(!tried.ok && tried.error.code === 'password');
  }
  const locked = await owner.check('correct horse', home);
  assert.ok(!locked.ok && locked.error.code === 'locked');
  assert.match(owner.worries().join(), /192\.168\.1\.7/);
  assert.ok((await owner.check('correct horse', '192.168.1.8')).ok);
  bench.clock.advance(lockTime);
  assert.ok((await owner.check('correct horse', home)).ok);
});

test('many tries at once are counted as one after the other', async () => {
  const bench = new Bench();
  const owner = await bench.open();
  await owner.set('correct horse');
  const tries = Array.from({ length: 30 }, (_, index) => owner.check(`wrong ${index}`, home));
  const answers = await bench.answer(Promise.all(tries));
  const locked = answers.filter((answer) => !answer.ok && answer.error.code === 'locked');
  assert.equal(locked.length, 30 - failuresBeforeLock);
});

test('under another device key only a new password helps', async () => {
  const bench = new Bench();
  await (await bench.open(1)).set('correct horse');
  const owner = await bench.open(2);
  assert.equal(owner.state, 'unusable');
  assert.match(owner.worries().join(), /set a new one/);
  assert.ok((await owner.set('battery staple')).ok);
  assert.ok((await owner.check('battery staple', home)).ok);
});

test("what is counted for the owner is nobody's login", () => {
  assert.notEqual(foldCase(ownerLogin), ownerLogin);
});

test('no password is written to the log', async () => {
  const bench = new Bench();
  const owner = await bench.open();
  await owner.set('correct horse');
  await bench.answer(owner.check('incorrect mare', home));
  assert.doesNotMatch(JSON.stringify(bench.lines), /horse|mare/);
});
