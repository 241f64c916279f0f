/* What can be a source, that it can be changed and remembered, and that its secret stays one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, type Result, trouble } from '#base/result';
import { Seal } from '#base/seal';
import type { AccountId, SourceId } from '#mail/ids';
import { MemorySourceRecords } from '#mail/sources/memory/memory-source-records';
import { Sources } from '#mail/sources/sources';
import { formatKeep, formatSince, parseEvery, parseKeep, parseSince } from '#mail/sources/spans';
import { usualSpans, type WantedSource } from '#mail/sources/wanted';
import type { StoreTrouble } from '#mail/store/store';
import { FakeClock } from '../../../support/fake-clock.ts';
import { good, refused } from '../accounts/house.ts';

/** Says no to every change from `full` on. */
class FullDisk extends MemorySourceRecords {
  full = false;

  override async add(...row: Parameters<MemorySourceRecords['add']>) {
    return this.full ? noRoom() : super.add(...row);
  }

  override async put(...row: Parameters<MemorySourceRecords['put']>) {
    return this.full ? noRoom() : super.put(...row);
  }
}

function noRoom(): Result<never, StoreTrouble> {
  return failed(trouble('full', 'The disk is full', 'SQLITE_FULL'));
}

const gmail: WantedSource = {
  name: 'gmail',
  account: 'ann',
  provider: 'gmail',
  protocol: 'imap',
  host: 'imap.gmail.com',
  port: 993,
  security: 'tls',
  user: 'ann@gmail.com',
  password: 'abcd efgh',
  folders: [],
  ...usualSpans,
};

const pop: WantedSource = {
  ...gmail,
  ...{ name: 'pop', provider: '', protocol: 'pop3', host: 'pop.a.example', port: 995 },
};

const key = new Uint8Array(32).fill(7);

async function stage() {
  const clock = new FakeClock();
  const records = new FullDisk();
  const logins = new Map([
    ['ann', 1 as AccountId],
    ['bob', 2 as AccountId],
  ]);
  const accounts = {
    idOf: (login: string) => logins.get(login),
    isThere: (id: AccountId) => [...logins.values()].includes(id),
  };
  const open = async (seal = new Seal(key)) => {
    const sources = new Sources({ records, seal, clock, accounts });
    await sources.start();
    return sources;
  };
  return { clock, records, logins, sources: await open(), open };
}

test('a source is kept as it was wanted, and shown without its secret', async () => {
  const { sources, clock, open } = await stage();
  const added = good(await sources.add({ ...gmail, name: 'Gmail' }));
  const { password: _password, account: _account, ...same } = gmail;
  assert.deepEqual(added, {
    ...{ ...same, id: added.id, account: 1, folders: ['INBOX'], secretKind: 'password' },
    ...{ addedAt: clock.now(), paused: false },
  });
  good(await sources.add(pop));
  assert.deepEqual(sources.byName('POP')?.folders, []);
  for (const kept of [sources, await open()]) {
    assert.deepEqual(
      kept.list().map(({ name }) => name),
      ['gmail', 'pop'],
    );
    assert.deepEqual(kept.byId(added.id), added);
    assert.deepEqual(kept.secretOf(added.id), { password: 'abcd efgh' });
  }
});

const wrongs: readonly (readonly [string, Partial<WantedSource>, string])[] = [
  ['a name with blanks', { name: 'my mail' }, 'bad-name'],
  ['a name that is taken', { name: 'THERE' }, 'taken'],
  ['an account that is not there', { account: 'eve' }, 'unknown'],
  ['no host', { host: '' }, 'bad-host'],
  ['port 0', { port: 0 }, 'bad-port'],
  ['no user', { user: ' ' }, 'bad-user'],
  ['a line end in the user', { user: 'ann\n' }, 'bad-user'],
  ['a line end in the password', { password: 'a\nb' }, 'bad-password'],
  [
    'in the clear, even without a password yet',
    { security: 'none', password: undefined as never },
    'not-encrypted',
  ],
  ['a key as CA', { ca: '-----BEGIN PRIVATE KEY-----' }, 'bad-certificate'],
  ['every second', { every: 1_000 }, 'bad-span'],
  ['every NaN', { every: Number.NaN }, 'bad-span'],
  ['once a week', { every: 7 * 86_400_000 }, 'bad-span'],
  ['folders of POP3', { protocol: 'pop3', folders: ['INBOX'] }, 'bad-folders'],
  ['a folder without a name', { folders: ['INBOX', ''] }, 'bad-folders'],
  ['a folder with a line end', { folders: ['a\r\nb LOGOUT'] }, 'bad-folders'],
  ['a long folder', { folders: ['x'.repeat(256)] }, 'bad-folders'],
  ['21 folders', { folders: Array.from({ length: 21 }, (_, n) => `f${n}`) }, 'bad-folders'],
];
for (const [what, change, code] of wrongs) {
  test(`refused, and in words: ${what}`, async () => {
    const { sources } = await stage();
    good(await sources.add({ ...pop, name: 'there' }));
    const { password, ...rest } = { ...gmail, ...change };
    const wanted = password === undefined ? rest : { ...rest, password };
    refused(await sources.add(wanted), code);
    assert.equal(sources.list().length, 1);
  });
}

test('in the clear from this machine only; INBOX is one folder, however it is written', async () => {
  const { sources } = await stage();
  const clear = { ...gmail, host: '127.0.0.1', port: 143, security: 'none' } as const;
  const added = good(await sources.add({ ...clear, folders: ['inbox', 'INBOX', 'Sent'] }));
  assert.deepEqual(added.folders, ['INBOX', 'Sent']);
});

test('there are at most 64', async () => {
  const { sources } = await stage();
  for (let n = 0; n < 64; n += 1) good(await sources.add({ ...pop, name: `s${n}` }));
  refused(await sources.add(gmail), 'too-many');
  good(await sources.change('s0', { every: 60_000 }));
  good(await sources.remove('s1'));
  good(await sources.add(gmail));
});

test('one that is removed is forgotten but for its name and account, and comes back', async () => {
  const { sources, open, clock } = await stage();
  const { id } = good(await sources.add(gmail));
  good(await sources.stop(id, { code: 'sign-in', say: 'no' }));
  good(await sources.remove('Gmail'));
  for (const kept of [sources, await open()]) {
    assert.deepEqual(kept.list(), []);
    assert.equal(kept.byId(id), undefined);
    assert.equal(kept.secretOf(id), 'none');
    refused(await kept.pause('gmail'), 'unknown');
  }
  clock.advance(1_000);
  const again = good(await sources.add({ ...pop, name: 'gmail' }));
  assert.deepEqual([again.id, again.host, again.addedAt], [id, 'pop.a.example', clock.now()]);
  assert.equal(again.stopped, undefined);
  good(await sources.remove('gmail'));
  const other = good(await sources.add({ ...gmail, account: 'bob' }));
  assert.notEqual(other.id, id, "another's source is another one");
  good(await sources.remove('gmail'));
  const third = good(await sources.add(gmail));
  assert.notEqual(third.id, id);
  assert.notEqual(third.id, other.id);
});

test('all but the account can be changed, and the secret goes along', async () => {
  const { sources, open } = await stage();
  const { id } = good(await sources.add(gmail));
  good(await sources.stop(id, { code: 'settings', say: 'moved' }));
  const moved = good(
    await sources.change('gmail', {
      ...{ name: 'isp', provider: '', host: 'imap.isp.example', port: 143, security: 'starttls' },
      ...{ folders: ['INBOX', 'Archive'], since: { kind: 'all' }, every: 60_000 },
    }),
  );
  assert.deepEqual([moved.id, moved.account, moved.folders.length], [id, 1, 2]);
  assert.equal(moved.stopped, undefined, 'a person has done something');
  assert.deepEqual((await open()).secretOf(id), { password: 'abcd efgh' });
  good(await sources.change('isp', { protocol: 'pop3', port: 995, security: 'tls' }));
  assert.deepEqual(sources.byId(id)?.folders, []);
  good(await sources.change('isp', { password: 'new' }));
  assert.deepEqual(sources.secretOf(id), { password: 'new' });
  refused(await sources.change('isp', { security: 'none' }), 'not-encrypted');
  good(await sources.add(gmail));
  refused(await sources.change('isp', { name: 'gmail' }), 'taken');
  refused(await sources.change('nobody', {}), 'unknown');
});

test('a removed one is in nobody’s way when another takes its name', async () => {
  const { sources } = await stage();
  good(await sources.add(gmail));
  good(await sources.remove('gmail'));
  good(await sources.add(pop));
  good(await sources.change('pop', { name: 'gmail' }));
  assert.deepEqual(
    sources.list().map(({ name }) => name),
    ['gmail'],
  );
});

test('one that is forgotten is a new one when it comes back, removed before or not', async () => {
  const { sources, open } = await stage();
  const { id } = good(await sources.add(gmail));
  good(await sources.forget('Gmail'));
  const second = good(await sources.add(gmail));
  assert.notEqual(second.id, id);
  good(await sources.remove('gmail'));
  assert.ok(sources.remembers('Gmail'));
  good(await sources.forget('gmail'));
  for (const kept of [sources, await open()]) {
    assert.deepEqual([kept.list(), kept.remembers('gmail')], [[], false]);
    refused(await kept.forget('gmail'), 'unknown');
  }
});

test('a removed one is not kept when its name goes to another', async () => {
  const { sources, open } = await stage();
  for (const account of ['ann', 'bob', 'ann']) {
    good(await sources.add({ ...gmail, account }));
    good(await sources.remove('gmail'));
  }
  const again = good(await (await open()).add(gmail));
  good(await sources.forget('gmail'));
  assert.deepEqual([sources.remembers('gmail'), again.id], [false, 3]);
});

test('paused, stopped and going outlive a restart; a new secret sets it going', async () => {
  const { sources, open } = await stage();
  const { id } = good(await sources.add(gmail));
  good(await sources.pause('gmail'));
  good(await sources.stop(id, { code: 'sign-in', say: 'it refuses the password' }));
  const kept = (await open()).byId(id);
  assert.equal(kept?.paused, true);
  assert.deepEqual(kept?.stopped, { code: 'sign-in', say: 'it refuses the password' });
  good(await sources.setSecret('gmail', { password: 'other' }));
  assert.equal(sources.byId(id)?.stopped, undefined);
  assert.equal(sources.byId(id)?.paused, true, 'a person said: not now');
  good(await sources.stop(id, { code: 'certificate', say: 'wrong' }));
  good(await sources.resume('gmail'));
  assert.deepEqual([sources.byId(id)?.paused, sources.byId(id)?.stopped], [false, undefined]);
  good(await sources.stop(id, { code: 'certificate', say: 'wrong' }));
  good(await sources.clearStop(id));
  assert.equal(sources.byId(id)?.stopped, undefined);
  good(await sources.stop(99 as SourceId, { code: 'certificate', say: 'nobody' }));
});

test('a stop that is overtaken by another password is none', async () => {
  const { sources } = await stage();
  const { id } = good(await sources.add(gmail));
  let isStillSo = true;
  using _watch = sources.watch(() => {
    isStillSo = false;
  });
  const given = sources.setSecret('gmail', { password: 'other' });
  const refused = { code: 'sign-in', say: 'it refuses the password' } as const;
  const stopped = sources.stop(id, refused, () => isStillSo);
  good(await given);
  good(await stopped);
  assert.equal(sources.byId(id)?.stopped, undefined);
});

test('the sources of an account that is gone are gone with it', async () => {
  const { sources, logins } = await stage();
  const { id } = good(await sources.add(gmail));
  logins.delete('ann');
  assert.deepEqual(sources.list(), []);
  assert.equal(sources.byId(id), undefined);
  assert.equal(sources.secretOf(id), 'none');
});

test('a secret opens for its own place alone, and never goes in the clear', async () => {
  const { sources, records, open } = await stage();
  const { id } = good(await sources.add(gmail));
  const [record] = await records.load();
  assert.ok(record);
  assert.ok(!record.secret?.includes('efgh'));
  assert.equal((await open(new Seal(new Uint8Array(32).fill(8)))).secretOf(id), 'unreadable');
  const others = [
    { host: 'imap.evil.example' },
    { port: 143 },
    { security: 'none' },
    { user: 'eve' },
    { secretKind: 'oauth' },
  ] as const;
  for (const other of others) {
    await records.put({ ...record, ...other });
    assert.equal((await open()).secretOf(id), 'unreadable');
  }
});

test('renewed tokens take the place of those they were made of, and of no others', async () => {
  const { sources } = await stage();
  const { id } = good(await sources.add(gmail));
  assert.equal(good(await sources.renewTokens(id, 'a', 'b')), false);
  good(await sources.setSecret('gmail', { tokens: 'a' }));
  const told: SourceId[] = [];
  using _watch = sources.watch((source) => void told.push(source));
  assert.equal(good(await sources.renewTokens(id, 'a', 'b')), true);
  assert.equal(good(await sources.renewTokens(id, 'a', 'c')), false);
  assert.deepEqual(sources.secretOf(id), { tokens: 'b' });
  assert.deepEqual(told, [], 'nobody needs to know');
});

test('who watches hears of each change, once it is on disk', async () => {
  const { sources, records } = await stage();
  const told: SourceId[] = [];
  const watch = sources.watch((source) => void told.push(source));
  const { id } = good(await sources.add(gmail));
  good(await sources.pause('gmail'));
  records.full = true;
  assert.equal((await sources.resume('gmail')).ok, false);
  assert.equal((await sources.add(pop)).ok, false);
  assert.equal(sources.byId(id)?.paused, true, 'what is not on disk does not show');
  assert.deepEqual(told, [id, id]);
  watch[Symbol.dispose]();
  records.full = false;
  good(await sources.remove('gmail'));
  assert.equal(told.length, 2);
});

test('spans are read as they are written', () => {
  for (const text of ['30d', 'all', 'now', '3660d']) {
    const since = parseSince(text);
    assert.equal(since && formatSince(since), text);
  }
  for (const text of ['forever', '7d', 'delete']) {
    const keep = parseKeep(text);
    assert.equal(keep && formatKeep(keep), text);
  }
  for (const text of ['', '0d', '-1d', '30', '1.5d', '3661d', 'All', '30d ', '9999999d']) {
    assert.equal(parseSince(text), undefined);
    assert.equal(parseKeep(text), undefined);
    assert.equal(parseEvery(text === '30d' ? '' : text.replace('d', 'x')), undefined);
  }
  const spans = ['90s', '5m', '2h', '1d'].map(parseEvery);
  assert.deepEqual(spans, [90_000, 300_000, 7_200_000, 86_400_000]);
});
