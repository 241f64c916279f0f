/* Whose mail goes by which uplink, what can be one, and that its secret stays one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, type Result, trouble } from '#base/result';
import { Seal } from '#base/seal';
import { addressKey } from '#mail/address';
import type { UplinkId } from '#mail/ids';
import type { StoreTrouble } from '#mail/store/store';
import { MemoryUplinkRecords } from '#mail/uplinks/memory/memory-uplink-records';
import { Uplinks } from '#mail/uplinks/uplinks';
import type { WantedUplink } from '#mail/uplinks/wanted';
import { at, good, refused } from '../accounts/house.ts';

/** Says no to every change from `full` on. */
class FullDisk extends MemoryUplinkRecords {
  full = false;

  override async add(...row: Parameters<MemoryUplinkRecords['add']>) {
    return this.full ? noRoom() : super.add(...row);
  }

  override async put(...row: Parameters<MemoryUplinkRecords['put']>) {
    return this.full ? noRoom() : super.put(...row);
  }

  override async remove(id: UplinkId) {
    return this.full ? noRoom() : super.remove(id);
  }
}

function noRoom(): Result<never, StoreTrouble> {
  return failed(trouble('full', 'The disk is full', 'SQLITE_FULL'));
}

const gmail: WantedUplink = {
  name: 'gmail',
  provider: 'gmail',
  host: 'smtp.gmail.com',
  port: 465,
  security: 'tls',
  user: 'ann@gmail.com',
  password: 'abcd efgh',
  addresses: [],
  isDefault: false,
  connections: 2,
};

const relay: WantedUplink = {
  name: 'relay',
  provider: '',
  host: 'nas.home.arpa',
  port: 25,
  security: 'none',
  addresses: [],
  isDefault: false,
  connections: 2,
};

const key = new Uint8Array(32).fill(7);

async function stage() {
  const records = new FullDisk();
  const open = async (seal = new Seal(key)) => {
    const uplinks = new Uplinks({ records, seal });
    await uplinks.start();
    return uplinks;
  };
  return { records, uplinks: await open(), open };
}

function way(uplinks: Uplinks, address: string): string | undefined {
  const id = uplinks.serving(addressKey(at(address)));
  return id && uplinks.nameOf(id);
}

test("each From goes through its own person's provider, the rest by the default", async () => {
  const { uplinks, open } = await stage();
  good(await uplinks.add(gmail));
  assert.equal(way(uplinks, 'bob@gmx.net'), undefined, "an own uplink is not everybody's");
  good(await uplinks.add({ ...gmail, name: 'gmx', user: 'bob', addresses: ['bob@gmx.net'] }));
  good(await uplinks.add({ ...relay, isDefault: true }));
  const rows = [
    ['ann@gmail.com', 'gmail'],
    ['ANN@GMAIL.COM', 'gmail'],
    ['ann+list@gmail.com', 'gmail'],
    ['"a b"@gmail.com', 'relay'],
    ['bob@gmx.net', 'gmx'],
    ['bob@sub.gmx.net', 'relay'],
    ['carol@restante.local', 'relay'],
  ] as const;
  for (const again of [uplinks, await open()]) {
    for (const [from, name] of rows) assert.equal(way(again, from), name, from);
  }
});

test('an address with a detail may have an uplink of its own', async () => {
  const { uplinks } = await stage();
  good(await uplinks.add(gmail));
  good(await uplinks.add({ ...relay, addresses: ['ann+shop@gmail.com'] }));
  assert.equal(way(uplinks, 'ann+shop@gmail.com'), 'relay');
  assert.equal(way(uplinks, 'ann+list@gmail.com'), 'gmail');
});

test('the first uplink serves everybody when it serves nobody in particular', async () => {
  const { uplinks } = await stage();
  assert.equal(good(await uplinks.add(relay)).isDefault, true);
  assert.equal(way(uplinks, 'anybody@a.example'), 'relay');
  const say = refused(await uplinks.add({ ...relay, name: 'other' }), 'serves-nobody');
  assert.match(say, /--for ADDRESS, or --default/);
  good(await uplinks.add({ ...relay, name: 'other', isDefault: true }));
  assert.equal(way(uplinks, 'anybody@a.example'), 'other', 'there is one default');
  assert.deepEqual(
    uplinks.list().map(({ name, isDefault }) => [name, isDefault]),
    [
      ['other', true],
      ['relay', false],
    ],
  );
});

test('a removed uplink serves nobody, also after a restart', async () => {
  const { uplinks, open } = await stage();
  const { id } = good(await uplinks.add(gmail));
  good(await uplinks.remove('GMAIL'));
  for (const again of [uplinks, await open()]) {
    assert.equal(way(again, 'ann@gmail.com'), undefined);
    assert.equal(again.nameOf(id), undefined);
    assert.equal(again.secretOf(id), 'none');
  }
  assert.match(refused(await uplinks.remove('gmail'), 'unknown'), /no uplink gmail/);
  const next = good(await uplinks.add(gmail));
  assert.notEqual(next.id, id);
});

type Slip = { readonly [Key in keyof WantedUplink]?: WantedUplink[Key] | undefined };

const wrong: readonly [string, Slip, string, RegExp][] = [
  ['a name with blanks', { name: 'my mail' }, 'bad-name', /letters \(a to z\)/],
  ['no name', { name: '' }, 'bad-name', /at most 32/],
  ['a name that is taken', { name: 'GMX' }, 'taken', /an uplink gmx already/],
  ['no host', { host: '' }, 'bad-host', /no name of a server/],
  ['an address as host', { host: 'ann@gmail.com' }, 'bad-host', /"ann@gmail.com"/],
  ['an IP address with a slip', { host: '192.168.1' }, 'bad-host', /192\.168\.1/],
  ['a URL as host', { host: 'smtp://smtp.gmail.com' }, 'bad-host', /no name of a server/],
  ['port 0', { port: 0 }, 'bad-port', /1 to 65535/],
  ['a port that is no number', { port: Number.NaN }, 'bad-port', /1 to 65535/],
  ['17 connections', { connections: 17 }, 'bad-limit', /from 1 to 16/],
  ['a line end in the user', { user: 'ann\r\nRSET' }, 'bad-user', /cannot be a user/],
  ['a line end in the password', { password: 'a\nb' }, 'bad-password', /has lines/],
  [
    'a needed password left out',
    { password: undefined, needs: 'password' },
    'bad-password',
    /wants/,
  ],
  ['a sender that is none', { addresses: ['ann'] }, 'bad-address', /"ann" is not a mail address/],
  ['a sender of another', { addresses: ['BOB@gmx.net'] }, 'taken', /bob@gmx.net.*uplink gmx/],
  ["its user is another's sender", { user: 'bob@gmx.net' }, 'taken', /uplink gmx already/],
  ['a key as CA', { ca: '-----BEGIN EC PRIVATE KEY-----' }, 'bad-certificate', /private key/],
  ['a text as CA', { ca: 'hello' }, 'bad-certificate', /PEM/],
  [
    'a CA that cannot be read',
    { ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    'bad-certificate',
    /PEM/,
  ],
  [
    'a password in the clear',
    { security: 'none' },
    'not-encrypted',
    /never crosses an unencrypted/,
  ],
];

for (const [what, change, code, say] of wrong) {
  test(`refused, and in words: ${what}`, async () => {
    const { uplinks } = await stage();
    good(await uplinks.add({ ...gmail, name: 'gmx', user: 'bob@gmx.net' }));
    const wanted = { ...gmail, ...change } as WantedUplink;
    assert.match(refused(await uplinks.add(wanted), code), say);
    assert.equal(uplinks.list().length, 1);
  });
}

test('a user is wanted where there is a password, or a provider that needs one', async () => {
  const { uplinks } = await stage();
  const { user: _user, password: _password, ...nobody } = gmail;
  refused(await uplinks.add({ ...nobody, password: 'tuna' }), 'bad-user');
  refused(await uplinks.add({ ...nobody, needs: 'user' }), 'bad-user');
  good(await uplinks.add({ ...nobody, user: 'ann@gmail.com', needs: 'user' }));
});

test('a password may go in the clear on this machine only', async () => {
  const rows = [
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['[::1]', true],
    ['LOCALHOST', true],
    ['192.168.1.2', false],
    ['127.0.0.1.example.org', false],
    ['localhost.example.org', false],
    ['fd00::1', false],
  ] as const;
  for (const [host, allowed] of rows) {
    const { uplinks } = await stage();
    const added = await uplinks.add({ ...gmail, security: 'none', host });
    if (allowed) good(added);
    else refused(added, 'not-encrypted');
  }
});

test('tokens, too, never go in the clear, nor to an uplink that signs in as nobody', async () => {
  const { uplinks } = await stage();
  good(await uplinks.add({ ...relay, user: 'ann', addresses: ['ann@a.example'] }));
  refused(await uplinks.setSecret('relay', { tokens: '{}' }), 'not-encrypted');
  refused(await uplinks.setSecret('relay', { password: 'tuna' }), 'not-encrypted');
  good(await uplinks.add({ ...relay, name: 'open', isDefault: true }));
  refused(await uplinks.setSecret('open', { password: 'tuna' }), 'bad-user');
  refused(await uplinks.setSecret('nowhere', { password: 'tuna' }), 'unknown');
});

test('secrets are sealed, opened on demand, and outlive a restart', async () => {
  const { uplinks, records, open } = await stage();
  const { id } = good(await uplinks.add(gmail));
  assert.ok(!JSON.stringify(uplinks.list()).includes('secret":'));
  assert.ok(!JSON.stringify(await records.load()).includes('abcd'));
  for (const again of [uplinks, await open()]) {
    assert.deepEqual(again.secretOf(id), { password: 'abcd efgh' });
  }
  good(await uplinks.setSecret('Gmail', { tokens: '{"refresh":"x"}' }));
  assert.deepEqual((await open()).secretOf(id), { tokens: '{"refresh":"x"}' });
  assert.equal(uplinks.byId(id)?.secretKind, 'oauth');
  const elsewhere = await open(new Seal(new Uint8Array(32).fill(8)));
  assert.equal(elsewhere.secretOf(id), 'unreadable');
});

test('a secret opens for its own host, port, security, user and kind alone', async () => {
  const { uplinks, records, open } = await stage();
  const { id } = good(await uplinks.add(gmail));
  const [record] = await records.load();
  assert.ok(record);
  const swaps = [
    { host: 'evil.example' },
    { port: 2525 },
    { security: 'none' },
    { user: 'mallory' },
    { name: 'other' },
    { secretKind: 'oauth' },
  ] as const;
  for (const swap of swaps) {
    await records.put({ ...record, ...swap });
    assert.equal((await open()).secretOf(id), 'unreadable', JSON.stringify(swap));
  }
  await records.put(record);
  assert.deepEqual((await open()).secretOf(id), { password: 'abcd efgh' });
});

test('a quota outlives a restart and ends when it is lifted', async () => {
  const { uplinks, open } = await stage();
  const { id } = good(await uplinks.add(gmail));
  const quota = { until: 1_800_000_000_000, say: 'Gmail takes no more today' };
  good(await uplinks.setQuota(id, quota));
  assert.deepEqual((await open()).byName('gmail')?.quota, quota);
  good(await uplinks.setQuota(id, undefined));
  assert.equal((await open()).byId(id)?.quota, undefined);
  good(await uplinks.setQuota(99 as UplinkId, quota));
});

test('what is not on disk does not show', async () => {
  const { uplinks, records } = await stage();
  const { id } = good(await uplinks.add(relay));
  records.full = true;
  refused(await uplinks.add({ ...gmail, isDefault: true }), 'full');
  refused(await uplinks.remove('relay'), 'full');
  assert.equal((await uplinks.setQuota(id, { until: 1, say: '' })).ok, false);
  assert.equal(way(uplinks, 'ann@gmail.com'), 'relay');
  assert.equal(uplinks.byId(id)?.quota, undefined);
});

test('of two that want the same address at once, one gets it', async () => {
  const { uplinks } = await stage();
  const [one, other] = await Promise.all([
    uplinks.add(gmail),
    uplinks.add({ ...gmail, name: 'second' }),
  ]);
  good(one);
  refused(other, 'taken');
});
