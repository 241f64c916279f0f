/*
 * Backups that make themselves, on a real store and real folders with a clock turned by hand: what
 * is kept, what is told, and what a hostile folder, a pulled disk or another device key do.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Log } from '#base/log';
import { SystemRandom } from '#base/random';
import { failed, ok, type Result, trouble } from '#base/result';
import { Seal } from '#base/seal';
import { type BackupPorts, Backups } from '#mail/backups/backups';
import type { Made } from '#mail/backups/making';
import type { BackupRun } from '#mail/backups/records';
import { rehearse, roomWanted } from '#mail/backups/rehearsal';
import { SqliteBackupRecords } from '#mail/backups/sqlite/sqlite-backup-records';
import type { Notice } from '#mail/notices';
import { backUp } from '#mail/store/sqlite/backup';
import { FakeClock } from '../../../support/fake-clock.ts';
import { type OpenStore, openStore } from '../../../support/stores.ts';

const [hour, day] = [3_600_000, 86_400_000];
const random = new SystemRandom();

interface Room extends AsyncDisposable {
  readonly folder: string;
  readonly data: string;
  readonly to: string;
  readonly open: OpenStore;
  readonly clock: FakeClock;
  readonly told: Notice[];
  readonly terms: { to: string; every: number; keep: number };
  /** What makes and tries backups; a test may put its own in place. */
  readonly hands: Pick<BackupPorts, 'make' | 'rehearse' | 'roomWanted'>;
  start(key?: Buffer): Promise<Backups>;
}

async function openRoom(): Promise<Room> {
  const folder = await mkdtemp(join(tmpdir(), 'backups-'));
  const [data, to] = [join(folder, 'data'), join(folder, 'usb')];
  await mkdir(data);
  await mkdir(to);
  const open = await openStore(data);
  await writeFile(join(data, 'secret.key'), 'a key that nobody shall see');
  const { inbox } = await open.account();
  const incoming = open.store.incoming();
  await incoming.write(Buffer.from('Subject: kept\r\n\r\n'));
  assert.ok((await incoming.commit([{ mailbox: inbox, internalDate: 0 }])).ok);
  const clock = new FakeClock();
  const told: Notice[] = [];
  const terms = { to, every: day, keep: 3 };
  const hands: Room['hands'] = {
    make: (file, passphrase) => backUp(data, file, passphrase, random),
    rehearse: (file, passphrase, scratch) => rehearse(file, passphrase, scratch, { clock, random }),
    roomWanted: async (file) => (file === undefined ? 1 : roomWanted(file)),
  };
  const running: Backups[] = [];
  const room: Room = {
    ...{ folder, data, to, open, clock, told, terms, hands },
    async start(key = Buffer.alloc(32, 1)) {
      const backups = new Backups({
        data,
        records: new SqliteBackupRecords(open.store.database),
        seal: new Seal(key),
        make: (...words) => room.hands.make(...words),
        rehearse: (...words) => room.hands.rehearse(...words),
        roomWanted: (...words) => room.hands.roomWanted(...words),
        lowWater: () => 0,
        notices: {
          async tell(_account, notice) {
            told.push(notice);
            return ok(undefined);
          },
        },
        terms: () => terms,
        clockIsSane: () => true,
        clock,
        log: new Log(() => {}, clock),
      });
      await backups.start();
      running.push(backups);
      return backups;
    },
    async [Symbol.asyncDispose]() {
      for (const one of running) one.stop();
      await open[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return room;
}

function take<T>(result: Result<T>): T {
  assert.ok(result.ok, result.ok ? '' : result.error.say);
  return result.value;
}

/** Turns the clock until so many runs are in the history. */
async function untilRuns(
  room: Room,
  backups: Backups,
  count: number,
): Promise<readonly BackupRun[]> {
  for (let turns = 0; turns < 2_000; turns += 1) {
    const runs = take(await backups.runs());
    if (runs.length >= count) return runs;
    room.clock.advance(hour / 6);
    await backups.settled();
  }
  throw new Error('no backup was made');
}

test('a schedule makes backups, tries each out, keeps the newest, and tells once a week', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  assert.deepEqual(backups.standing().step, { kind: 'needs-passphrase' });
  take(await backups.setPassphrase('tuna fish'));
  await writeFile(join(room.to, 'photo.jpg'), 'kept');
  await writeFile(join(room.to, 'restante-000000-2020-01-01-0000.backup'), "another box's");
  const runs = await untilRuns(room, backups, 5);
  assert.ok(runs.every(({ works, rehearsed }) => works && rehearsed));
  assert.match(runs[0]?.say ?? '', /^1 message and 1 account were backed up, restored for a trial/);
  const names = await readdir(room.to);
  assert.equal(names.length, 3 + 2);
  assert.ok(names.includes(runs[0]?.file ?? '?'));
  assert.ok(!(await readdir(room.data)).includes('rehearsal'));
  assert.deepEqual(
    room.told.map(({ subject }) => subject),
    ['The backups of your mail box work'],
  );
  assert.ok((runs[0]?.at ?? 0) - (runs[1]?.at ?? 0) >= day);
  // Started anew, it goes on where it was.
  backups.stop();
  const again = await room.start();
  const { step } = again.standing();
  assert.equal(step.kind, 'wait');
});

test('the trial writes no key anywhere', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  take(await backups.setPassphrase('tuna fish'));
  const { rehearse: usual } = room.hands;
  let seen: string[] = [];
  Object.assign(room.hands, {
    rehearse: async (file: string, passphrase: string, scratch: string) => {
      const watching = setInterval(async () => {
        const found = await readdir(scratch, { recursive: true }).catch(() => []);
        seen = [...seen, ...found];
      }, 1);
      const done = await usual(file, passphrase, scratch);
      clearInterval(watching);
      return done;
    },
  });
  assert.ok(take(await backups.run()).works);
  assert.ok(!seen.some((name) => name.includes('secret.key')), seen.join());
});

test('what fails is told at once, once a day, and that it works again', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  take(await backups.setPassphrase('tuna fish'));
  assert.ok(take(await backups.run()).works);
  const { make } = room.hands;
  const full = failed(trouble('full', 'There is no room for the backup', 'ENOSPC'));
  Object.assign(room.hands, { make: async (): Promise<Result<Made>> => full });
  room.clock.advance(hour);
  assert.ok(!take(await backups.run()).works);
  room.clock.advance(hour);
  assert.ok(!take(await backups.run()).works);
  assert.equal(room.told.length, 2);
  assert.match(room.told[1]?.subject ?? '', /failed/);
  assert.match(
    room.told[1]?.paragraphs.join(' ') ?? '',
    /no room.*The last good one is that of 2026-11-23/,
  );
  assert.match(backups.standing().warnings.join(), /no room for the backup/);
  assert.equal(backups.failing, true);
  Object.assign(room.hands, { make });
  room.clock.advance(hour);
  assert.ok(take(await backups.run()).works);
  assert.match(room.told[2]?.subject ?? '', /work/);
  assert.equal(
    backups.standing().warnings.some((one) => one.includes('no room')),
    false,
  );
  assert.equal(backups.failing, false);
});

test('one whose trial finds faults is suspect, takes no good one’s place, and is bounded', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  take(await backups.setPassphrase('tuna fish'));
  const good = take(await backups.run());
  Object.assign(room.hands, {
    rehearse: async () => ok({ messages: 0, accounts: 1, findings: ['Message 1 is damaged'] }),
  });
  for (let count = 0; count < 5; count += 1) {
    room.clock.advance(hour);
    const bad = take(await backups.run());
    assert.ok(!bad.works);
    assert.match(
      bad.say,
      /cannot be trusted: Message 1 is damaged\. It holds 0 messages in place of 1/,
    );
  }
  const names = (await readdir(room.to)).sort();
  assert.ok(names.includes(good.file ?? '?'));
  assert.ok(names.filter((name) => name.endsWith('.suspect')).length <= 2, names.join());
});

test('a disk that is not plugged in is waited for without a word, until one was missed', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  take(await backups.setPassphrase('tuna fish'));
  assert.ok(take(await backups.run()).works);
  await rename(room.to, `${room.to}-unplugged`);
  room.clock.advance(day + hour);
  await backups.settled();
  const missing = take(await backups.run());
  assert.match(missing.say, /is not there: is its disk plugged in\?/);
  assert.equal(room.told.length, 1);
  assert.equal(take(await backups.runs()).length, 1);
  assert.match(backups.standing().warnings.join(), /plugged in/);
  assert.equal(backups.failing, false);
  room.clock.advance(day);
  await backups.settled();
  assert.equal(backups.failing, true);
  assert.match(room.told[1]?.paragraphs[0] ?? '', /plugged in/);
  await rename(`${room.to}-unplugged`, room.to);
  assert.ok(take(await backups.run()).works);
});

test('a disk that is there again is not missed any more when somebody looks', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  await rename(room.to, `${room.to}-unplugged`);
  take(await backups.setPassphrase('tuna fish'));
  assert.match(take(await backups.run()).say, /plugged in\?$/, 'one sentence, one mark');
  assert.match((await backups.placeFault()) ?? '', /plugged in/);
  assert.match(backups.standing().warnings.join(), /plugged in/);
  await rename(`${room.to}-unplugged`, room.to);
  assert.equal(await backups.placeFault(), undefined);
  assert.doesNotMatch(backups.standing().warnings.join(), /plugged in/);
  assert.equal(backups.standing().step.kind, 'now');
  room.clock.advance(0);
  await backups.settled();
  assert.deepEqual(
    take(await backups.runs()).map(({ works }) => works),
    [true],
  );
});

test('a disk that is pulled in the middle is a failure in words, and its draft goes later', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  take(await backups.setPassphrase('tuna fish'));
  const { make } = room.hands;
  Object.assign(room.hands, {
    make: async (file: string, passphrase: string) => {
      await rename(room.to, `${room.to}-pulled`);
      return make(file, passphrase);
    },
  });
  const pulled = take(await backups.run());
  assert.ok(!pulled.works);
  assert.match(pulled.say, /could not be made|disk/);
  await rename(`${room.to}-pulled`, room.to);
  Object.assign(room.hands, { make });
  const [mark] = /[0-9a-f]{6}/.exec(take(await backups.run()).file ?? '') ?? [];
  const draft = `.restante-${mark}-2026-11-23-0900.backup.partial`;
  await writeFile(join(room.to, draft), 'cut off');
  take(await backups.run());
  assert.ok(!(await readdir(room.to)).includes(draft));
});

test('never two at once, and never into the data directory, however it is called', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  assert.equal((await backups.run()).ok, false);
  take(await backups.setPassphrase('tuna fish'));
  const [one, other] = await Promise.all([backups.run(), backups.run()]);
  assert.ok(one.ok && !other.ok && other.error.code === 'busy');
  await mkdir(join(room.data, 'inside'));
  await symlink(join(room.data, 'inside'), join(room.folder, 'link'));
  await writeFile(join(room.folder, 'file'), '');
  for (const to of [room.data, join(room.data, 'inside'), join(room.folder, 'link')]) {
    room.terms.to = to;
    assert.match(take(await backups.run()).say, /lies with the mail itself/);
  }
  room.terms.to = join(room.folder, 'file');
  assert.match(take(await backups.run()).say, /is no folder/);
  assert.deepEqual(await readdir(join(room.data, 'inside')), []);
});

test('too little room is said before anything is written; without room no trial', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  take(await backups.setPassphrase('tuna fish'));
  const { roomWanted: usual } = room.hands;
  Object.assign(room.hands, { roomWanted: async () => 2 ** 60 });
  assert.match(take(await backups.run()).say, /wants .* MB, and .* has room for/);
  assert.deepEqual(await readdir(room.to), []);
  Object.assign(room.hands, {
    roomWanted: async (file?: string) => (file === undefined ? 1 : 2 ** 60),
  });
  const run = take(await backups.run());
  assert.ok(run.works && !run.rehearsed);
  Object.assign(room.hands, { roomWanted: usual });
});

test('a passphrase of another device key is missed aloud, once', async () => {
  await using room = await openRoom();
  const before = await room.start();
  take(await before.setPassphrase('tuna fish'));
  before.stop();
  const backups = await room.start(Buffer.alloc(32, 2));
  assert.equal(backups.standing().passphrase, 'unreadable');
  assert.equal(backups.failing, true);
  const [run] = await untilRuns(room, backups, 1);
  assert.match(run?.say ?? '', /passphrase for backups cannot be read any more/);
  for (let turn = 0; turn < 30; turn += 1) {
    room.clock.advance(hour / 6);
    await backups.settled();
  }
  assert.equal(room.told.length, 1);
  take(await backups.setPassphrase('tuna fish'));
  assert.ok(take(await backups.run()).works);
});

test('a backup that was cut off is tried again in an hour, not at each start', async () => {
  await using room = await openRoom();
  const backups = await room.start();
  take(await backups.setPassphrase('tuna fish'));
  const began = Promise.withResolvers<void>();
  const { make } = room.hands;
  Object.assign(room.hands, {
    make: () => {
      began.resolve();
      return new Promise<never>(() => {}); // the power goes now
    },
  });
  void backups.run();
  await began.promise;
  backups.stop();
  Object.assign(room.hands, { make });
  room.clock.advance(60_000);
  const again = await room.start();
  assert.match(again.standing().warnings.join(), /was cut off/);
  const { step } = again.standing();
  assert.equal(step.kind === 'wait' ? step.until - room.clock.now() : step.kind, hour - 60_000);
  assert.ok(take(await again.run()).works);
  again.stop();
  assert.deepEqual(
    (await room.start()).standing().warnings.filter((one) => /cut off/.test(one)),
    [],
  );
});

test('what a power cut left of a trial is gone after the start', async () => {
  await using room = await openRoom();
  await mkdir(join(room.data, 'rehearsal', 'restore'), { recursive: true });
  await room.start();
  assert.ok(!(await readdir(room.data)).includes('rehearsal'));
});
