/* One account at a provider has one secret, whoever holds it; nobody else ever gets it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, trouble } from '#base/result';
import { Seal } from '#base/seal';
import type { SourceId } from '#mail/ids';
import { HouseholdSignIns } from '#mail/sign-ins/household-sign-ins';
import { type SignInKey, sourceKey, uplinkKey } from '#mail/sign-ins/sign-in-key';
import { usualSpans, type WantedSource } from '#mail/sources/wanted';
import { MemoryUplinkRecords } from '#mail/uplinks/memory/memory-uplink-records';
import { Uplinks } from '#mail/uplinks/uplinks';
import type { WantedUplink } from '#mail/uplinks/wanted';
import { noSources } from '../../../support/sources.ts';
import { good } from '../accounts/house.ts';

class FullDisk extends MemoryUplinkRecords {
  full = false;

  override async put(...row: Parameters<MemoryUplinkRecords['put']>) {
    if (this.full) return failed(trouble('full', 'The disk is full', 'SQLITE_FULL'));
    return super.put(...row);
  }
}

const uplink: WantedUplink = {
  ...{ name: 'gmail', provider: 'gmail', host: 'smtp.gmail.com', port: 465, security: 'tls' },
  ...{ user: 'ann@gmail.com', addresses: [], isDefault: false, connections: 2 },
};

const source: WantedSource = {
  ...{ name: 'gmail', account: 'ann', provider: 'gmail', protocol: 'imap' },
  ...{ host: 'imap.gmail.com', port: 993, security: 'tls', user: 'Ann@gmail.com', folders: [] },
  ...usualSpans,
};

function stage() {
  const seal = new Seal(Buffer.alloc(32, 7));
  const records = new FullDisk();
  const uplinks = new Uplinks({ records, seal });
  const sources = noSources(seal);
  const signIns = new HouseholdSignIns({ uplinks, sources });
  /** Who holds a secret of his own. */
  const held = (): SignInKey[] => [
    ...uplinks.list().flatMap(({ id }) => (uplinks.secretOf(id) === 'none' ? [] : uplinkKey(id))),
    ...sources.list().flatMap(({ id }) => (sources.secretOf(id) === 'none' ? [] : sourceKey(id))),
  ];
  return { records, uplinks, sources, signIns, held };
}

test('what is added without a password uses the one that is there, whichever came first', async () => {
  for (const order of ['uplink first', 'source first']) {
    const { signIns, held } = stage();
    const withPassword = { password: 'abcd' };
    const first = order === 'uplink first' ? withPassword : {};
    const steps = [
      async () => uplinkKey(good(await signIns.addUplink({ ...uplink, ...first })).id),
      async () =>
        sourceKey(
          good(
            await signIns.addSource(
              order === 'uplink first' ? source : { ...source, ...withPassword },
            ),
          ).id,
        ),
    ];
    if (order === 'source first') steps.reverse();
    const keys: SignInKey[] = [];
    for (const step of steps) keys.push(await step());
    for (const key of keys) {
      assert.deepEqual(signIns.secretOf(key), withPassword);
      assert.equal(signIns.holder(key), keys[0]);
      assert.equal(signIns.members(key).length, 2);
    }
    assert.deepEqual(held(), [keys[0]]);
  }
});

test('a provider that wants a password is content with the one that is there', async () => {
  const { signIns } = stage();
  good(await signIns.addSource({ ...source, password: 'abcd' }));
  good(await signIns.addUplink({ ...uplink, needs: 'password' }));
  const other = await signIns.addUplink({ ...uplink, name: 'b', user: 'bob', needs: 'password' });
  assert.equal(!other.ok && other.error.code, 'bad-password');
});

const strangers: readonly (readonly [string, Partial<WantedSource>])[] = [
  ['another user', { user: 'bob@gmail.com' }],
  ['another provider', { provider: 'google-workspace' }],
  ['a host of its own', { provider: '' }],
];
for (const [what, change] of strangers) {
  test(`not the same account: ${what}`, async () => {
    const { signIns } = stage();
    good(await signIns.addUplink({ ...uplink, password: 'abcd' }));
    const { id } = good(await signIns.addSource({ ...source, ...change }));
    assert.equal(signIns.secretOf(sourceKey(id)), 'none');
    assert.equal(signIns.holder(sourceKey(id)), sourceKey(id));
    assert.deepEqual(signIns.members(sourceKey(id)), [sourceKey(id)]);
  });
}

test('without a provider the host decides', async () => {
  const { signIns } = stage();
  const own = { provider: '', host: 'mail.isp.example' };
  good(await signIns.addUplink({ ...uplink, ...own, password: 'abcd' }));
  const same = good(await signIns.addSource({ ...source, ...own, host: 'MAIL.isp.example' }));
  assert.deepEqual(signIns.secretOf(sourceKey(same.id)), { password: 'abcd' });
  const other = good(await signIns.addSource({ ...source, name: 'b', provider: '' }));
  assert.equal(signIns.secretOf(sourceKey(other.id)), 'none');
});

test('an uplink that signs in as nobody has nothing to share, and gets nothing', async () => {
  const { signIns } = stage();
  const { user: _user, ...nobody } = { ...uplink, provider: '', host: 'mail.isp.example' };
  const relay = good(await signIns.addUplink({ ...nobody, isDefault: true }));
  good(await signIns.addSource({ ...source, provider: '', host: nobody.host, password: 'abcd' }));
  assert.equal(signIns.secretOf(uplinkKey(relay.id)), 'none');
});

test('one that talks in the clear never uses what another holds', async () => {
  const { signIns } = stage();
  const own = { provider: '', host: 'mail.isp.example' };
  const clear = good(
    await signIns.addUplink({ ...uplink, ...own, port: 25, security: 'none', name: 'clear' }),
  );
  const { id } = good(await signIns.addSource({ ...source, ...own, password: 'abcd' }));
  assert.equal(signIns.secretOf(uplinkKey(clear.id)), 'none');
  assert.deepEqual(signIns.members(sourceKey(id)), [sourceKey(id)]);
  good(await signIns.removeSource('gmail'));
  assert.equal(signIns.secretOf(uplinkKey(clear.id)), 'none');
});

test('a new password, given to either, takes the place of the one that is held', async () => {
  const { signIns, sources, held } = stage();
  const up = uplinkKey(good(await signIns.addUplink({ ...uplink, password: 'one' })).id);
  const { id } = good(await signIns.addSource({ ...source, password: 'two' }));
  const from = sourceKey(id);
  assert.deepEqual([signIns.secretOf(up), held()], [{ password: 'two' }, [up]]);
  good(await sources.stop(id, { code: 'sign-in', say: 'refused' }));
  good(await signIns.setSecret(up, { password: 'three' }));
  assert.deepEqual([signIns.secretOf(from), held()], [{ password: 'three' }, [up]]);
  assert.equal(sources.byId(id)?.stopped, undefined, 'it is tried again');
  good(await signIns.setSecret(from, { tokens: '{}' }));
  assert.deepEqual([signIns.secretOf(up), held()], [{ tokens: '{}' }, [up]]);
  assert.deepEqual(signIns.withTokens(), [up]);
});

test('who holds it hands it on before it goes; the last one takes it along', async () => {
  const { signIns, sources, uplinks, held } = stage();
  good(await signIns.addUplink({ ...uplink, password: 'abcd' }));
  const one = sourceKey(good(await signIns.addSource(source)).id);
  const other = sourceKey(good(await signIns.addSource({ ...source, name: 'archive' })).id);
  good(await signIns.removeUplink('gmail'));
  assert.deepEqual(uplinks.list(), []);
  assert.deepEqual([signIns.secretOf(one), held()], [{ password: 'abcd' }, [one]]);
  good(await signIns.removeSource('archive'));
  assert.deepEqual(
    [signIns.secretOf(one), signIns.secretOf(other)],
    [{ password: 'abcd' }, 'none'],
  );
  good(await signIns.removeSource('gmail'));
  assert.deepEqual(held(), []);
  good(await signIns.addSource(source));
  assert.equal(sources.secretOf(1 as SourceId), 'none', 'it does not come back');
  assert.equal((await signIns.removeSource('nobody')).ok, false);
  assert.equal((await signIns.removeUplink('nobody')).ok, false);
});

test('what cannot be handed on is not removed', async () => {
  const { signIns, sources, records } = stage();
  good(await signIns.addSource({ ...source, password: 'abcd' }));
  good(await signIns.addUplink(uplink));
  records.full = true;
  const removed = await signIns.removeSource('gmail');
  assert.equal(!removed.ok && removed.error.code, 'full');
  assert.equal(sources.list().length, 1);
});

test('added with a password that cannot be kept, it is not there afterwards', async () => {
  const { signIns, sources, records } = stage();
  const up = uplinkKey(good(await signIns.addUplink({ ...uplink, password: 'one' })).id);
  records.full = true;
  assert.equal((await signIns.addSource({ ...source, password: 'two' })).ok, false);
  assert.deepEqual(sources.list(), []);
  assert.deepEqual(signIns.secretOf(up), { password: 'one' });
});

test('a source that moves house takes a password along, and leaves it where it was', async () => {
  for (const holder of ['uplink', 'source']) {
    const { signIns } = stage();
    const [first, second] = holder === 'uplink' ? ['abcd', undefined] : [undefined, 'abcd'];
    const given = (password?: string) => (password === undefined ? {} : { password });
    const steps = [
      async () => void good(await signIns.addUplink({ ...uplink, ...given(first) })),
      async () => void good(await signIns.addSource({ ...source, ...given(second) })),
    ];
    for (const step of holder === 'uplink' ? steps : steps.reverse()) await step();
    const moved = good(
      await signIns.changeSource('gmail', { provider: '', host: 'imap.isp.example' }),
    );
    const from = sourceKey(moved.id);
    assert.deepEqual(signIns.members(from), [from]);
    assert.deepEqual(signIns.secretOf(from), { password: 'abcd' });
    assert.deepEqual(signIns.secretOf('uplink 1'), { password: 'abcd' });
    good(await signIns.changeSource('gmail', { password: 'new' }));
    assert.deepEqual(signIns.secretOf(from), { password: 'new' });
    assert.deepEqual(signIns.secretOf('uplink 1'), { password: 'abcd' });
  }
});

test('tokens stay at their provider when a source moves house', async () => {
  const { signIns, held } = stage();
  const from = sourceKey(good(await signIns.addSource(source)).id);
  good(await signIns.setSecret(from, { tokens: '{}' }));
  const up = uplinkKey(good(await signIns.addUplink(uplink)).id);
  good(await signIns.changeSource('gmail', { provider: '', host: 'imap.isp.example' }));
  assert.deepEqual([signIns.secretOf(from), signIns.secretOf(up)], ['none', { tokens: '{}' }]);
  assert.deepEqual(held(), [up]);
});

test('a change within the account leaves the secret where it is', async () => {
  const { signIns, held } = stage();
  const up = uplinkKey(good(await signIns.addUplink({ ...uplink, password: 'abcd' })).id);
  const { id } = good(await signIns.addSource(source));
  good(await signIns.changeSource('gmail', { every: 60_000, host: 'imap.googlemail.com' }));
  assert.deepEqual([signIns.secretOf(sourceKey(id)), held()], [{ password: 'abcd' }, [up]]);
  good(await signIns.changeSource('gmail', { password: 'new' }));
  assert.deepEqual([signIns.secretOf(up), held()], [{ password: 'new' }, [up]]);
  assert.equal((await signIns.changeSource('nobody', {})).ok, false);
});
