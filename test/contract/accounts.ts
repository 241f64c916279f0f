/*
 * What every keeper of accounts does, whatever it keeps them in: each suite opens a fresh one, and
 * can open what was kept again, as after a restart.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '#base/result';
import type {
  AccountRecord,
  AccountRecords,
  AddressRecord,
  ForwardRecord,
  NewAccount,
} from '#mail/accounts/records';
import type { FailedSignInRecords } from '#mail/accounts/tally';
import type { AccountId } from '#mail/ids';

export interface AccountsUnderTest extends AsyncDisposable {
  readonly records: AccountRecords;
  readonly failedSignIns: FailedSignInRecords;
}

const created = Date.UTC(2026, 10, 23);

export function accountContract(name: string, open: () => Promise<AccountsUnderTest>): void {
  test(`${name}: an account comes with its inbox and its main password`, async () => {
    await using kept = await open();
    const ann = await add(kept, 'ann');
    const bob = await add(kept, 'bob');
    assert.notEqual(ann.inbox, bob.inbox);
    const { accounts, passwords } = await kept.records.load();
    assert.deepEqual(accounts, [ann, bob]);
    assert.deepEqual(passwords, [
      { account: ann.id, name: 'main', sealed: Buffer.from('sealed ann'), created },
      { account: bob.id, name: 'main', sealed: Buffer.from('sealed bob'), created },
    ]);
  });

  test(`${name}: a removed account takes its passwords and addresses with it`, async () => {
    await using kept = await open();
    const ann = await add(kept, 'ann');
    const bob = await add(kept, 'bob');
    const rows = [address(ann.id, 'info@a.example'), address(bob.id, 'info@a.example')];
    ok(await kept.records.changeAddresses({ add: rows }));
    ok(await kept.records.removeAccount(ann.id));
    const { accounts, passwords, addresses } = await kept.records.load();
    assert.deepEqual(accounts, [bob]);
    assert.deepEqual(
      passwords.map((one) => one.account),
      [bob.id],
    );
    assert.deepEqual(
      addresses.map((one) => one.account),
      [bob.id],
    );
  });

  test(`${name}: an account made again is another account`, async () => {
    await using kept = await open();
    const first = await add(kept, 'ann');
    ok(await kept.records.removeAccount(first.id));
    const second = await add(kept, 'ann');
    assert.notEqual(second.id, first.id);
    assert.notEqual(second.inbox, first.inbox);
  });

  test(`${name}: passwords are added, replaced and removed by name`, async () => {
    await using kept = await open();
    const { id: account } = await add(kept, 'ann');
    const put = (password: string, sealed: string) =>
      kept.records.putPassword({ account, name: password, sealed: Buffer.from(sealed), created });
    ok(await put("Ann's iPad", 'one'));
    ok(await put('phone', 'two'));
    ok(await put('main', 'three'));
    ok(await kept.records.removePassword(account, "Ann's iPad"));
    ok(await kept.records.removePassword(account, 'never was'));
    const { passwords } = await kept.records.load();
    const names = passwords.map(({ name, sealed }) => `${name} ${sealed}`).sort();
    assert.deepEqual(names, ['main three', 'phone two']);
  });

  test(`${name}: a recoverable password is kept with its keys, and goes with them`, async () => {
    await using kept = await open();
    const secret = Buffer.from('sealed secret');
    const { id: account } = await add(kept, 'ann', secret);
    const secrets = async () => {
      const { passwords } = await kept.records.load();
      return passwords.map(({ name, secret }) => `${name} ${secret}`).sort();
    };
    assert.deepEqual(await secrets(), ['main sealed secret']);
    const keys = { account, sealed: Buffer.from('keys'), created };
    ok(await kept.records.putPassword({ ...keys, name: 'main' }));
    ok(await kept.records.putPassword({ ...keys, name: 'camera', secret }));
    assert.deepEqual(await secrets(), ['camera sealed secret', 'main undefined']);
    ok(
      await kept.records.noteUses([{ account, name: 'camera', at: created, address: '192.0.2.1' }]),
    );
    assert.deepEqual(await secrets(), ['camera sealed secret', 'main undefined']);
    ok(await kept.records.removePassword(account, 'camera'));
    assert.deepEqual(await secrets(), ['main undefined']);
  });

  test(`${name}: last uses are noted, those of revoked passwords passed over`, async () => {
    await using kept = await open();
    const { id: account } = await add(kept, 'ann');
    ok(
      await kept.records.noteUses([
        { account, name: 'main', at: created + 1, address: '192.168.1.23' },
        { account, name: 'revoked', at: created + 2, address: '192.168.1.24' },
      ]),
    );
    const { passwords } = await kept.records.load();
    assert.deepEqual(passwords, [
      {
        account,
        name: 'main',
        sealed: Buffer.from('sealed ann'),
        created,
        lastUsed: created + 1,
        lastAddress: '192.168.1.23',
      },
    ]);
  });

  test(`${name}: addresses are added and removed for one account each`, async () => {
    await using kept = await open();
    const ann = await add(kept, 'ann');
    const bob = await add(kept, 'bob');
    const info = [address(ann.id, 'info@a.example'), address(bob.id, 'info@a.example')];
    const outside: AddressRecord = { ...address(ann.id, 'ann@b.example'), kind: 'outside' };
    ok(await kept.records.changeAddresses({ add: [...info, outside] }));
    ok(await kept.records.changeAddresses({ remove: info.slice(0, 1) }));
    const { addresses } = await kept.records.load();
    assert.deepEqual(
      addresses.sort((one, two) => (one.key < two.key ? -1 : 1)),
      [outside, address(bob.id, 'info@a.example')],
    );
  });

  test(`${name}: forwards are added, replaced and removed for one target each`, async () => {
    await using kept = await open();
    const ann = await add(kept, 'ann');
    const bob = await add(kept, 'bob');
    const work = forward(ann.id, 'info@a.example', 'ann@work.example');
    const club = forward(ann.id, 'info@a.example', 'ann@club.example');
    const other = forward(ann.id, 'help@a.example', 'ann@work.example');
    const bobs = forward(bob.id, 'info@a.example', 'ann@work.example');
    ok(await kept.records.changeAddresses({ forward: [work, club, other, bobs] }));
    const spelt = { ...work, spelling: 'Info@a.example', target: 'Ann@work.example' };
    ok(await kept.records.changeAddresses({ forward: [spelt], unforward: [club] }));
    assert.deepEqual(await forwardsOf(kept), [other, spelt, bobs]);
    ok(await kept.records.removeAccount(ann.id));
    assert.deepEqual(await forwardsOf(kept), [bobs]);
  });

  test(`${name}: an account is known by an address, by another, by none`, async () => {
    await using kept = await open();
    const ann = await add(kept, 'ann');
    const bob = await add(kept, 'bob');
    const outside: AddressRecord = { ...address(ann.id, 'ann@b.example'), kind: 'outside' };
    const known = [{ account: ann.id, key: outside.key }];
    ok(await kept.records.changeAddresses({ add: [outside], knownAs: known }));
    const both = await kept.records.load();
    assert.deepEqual(both.accounts, [{ ...ann, knownAs: 'ann@b.example' }, bob]);
    assert.deepEqual(both.addresses, [outside]);
    ok(
      await kept.records.changeAddresses({
        remove: [outside],
        knownAs: [
          { account: ann.id, key: undefined },
          { account: bob.id, key: 'bob@b.example' },
        ],
      }),
    );
    const { accounts, addresses } = await kept.records.load();
    assert.deepEqual(accounts, [ann, { ...bob, knownAs: 'bob@b.example' }]);
    assert.deepEqual(addresses, []);
  });

  test(`${name}: failed sign-ins are kept, changed and forgotten`, async () => {
    await using kept = await open();
    const ann = { login: 'ann', address: '192.0.2.1' };
    const all = { login: '', address: '192.0.2.1' };
    ok(await kept.failedSignIns.save([{ ...ann, failures: 1, last: created }], []));
    ok(
      await kept.failedSignIns.save(
        [
          { ...ann, failures: 2, last: created + 1 },
          { ...all, failures: 5, last: created + 1 },
        ],
        [],
      ),
    );
    ok(await kept.failedSignIns.save([], [ann]));
    assert.deepEqual(await kept.failedSignIns.load(), [{ ...all, failures: 5, last: created + 1 }]);
  });
}

async function add(kept: AccountsUnderTest, name: string, secret?: Buffer): Promise<AccountRecord> {
  const account: NewAccount = {
    name,
    salt: Buffer.from(`salt of ${name}`),
    rounds: 15_000,
    created,
    sealed: Buffer.from(`sealed ${name}`),
    ...(secret === undefined ? {} : { secret }),
  };
  return ok(await kept.records.addAccount(account));
}

function address(account: AccountId, text: string): AddressRecord {
  return { account, key: text, spelling: text, kind: 'local' };
}

function forward(account: AccountId, key: string, targetKey: string): ForwardRecord {
  return { account, key, spelling: key, targetKey, target: targetKey };
}

/** By address, then by account. */
async function forwardsOf({ records }: AccountsUnderTest): Promise<ForwardRecord[]> {
  const order = (row: ForwardRecord) => `${row.key} ${row.account}`;
  const { forwards } = await records.load();
  return forwards.sort((one, two) => (order(one) < order(two) ? -1 : 1));
}

function ok<T>(result: Result<T, unknown>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}
