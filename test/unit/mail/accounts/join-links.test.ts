/* Join links: each account's own, not to be guessed, and another one when it is renewed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JoinLinks } from '#mail/accounts/join-links';
import { SqliteJoinRecords } from '#mail/accounts/sqlite/sqlite-join-records';
import type { AccountId } from '#mail/ids';
import { openStore } from '../../../support/stores.ts';

test('a link leads to its account, through restarts, until it is renewed', async () => {
  await using open = await openStore();
  const [ann, bob] = [(await open.account()).account, (await open.account()).account];
  const accounts = [
    { id: ann, name: 'ann', created: 1 },
    { id: bob, name: 'bob', created: 2 },
  ];
  const start = async (key = Buffer.alloc(32, 1)) => {
    const records = new SqliteJoinRecords(open.store.database);
    const byLogin = (login: string) => accounts.find(({ name }) => name === login.toLowerCase());
    const links = new JoinLinks({ records, accounts: () => accounts, byLogin, key });
    await links.start();
    return links;
  };
  const token = (links: JoinLinks, name: string) => {
    const found = links.tokenOf(name);
    assert.ok(found.ok);
    return found.value;
  };
  const links = await start();
  const first = token(links, 'ann');
  assert.match(first, /^[\w-]{22}$/);
  assert.notEqual(first, token(links, 'bob'));
  assert.equal(token(links, 'Ann'), first);
  assert.equal(links.accountOf(first), 'ann');
  const renewed = await links.renew('ann');
  assert.ok(renewed.ok && renewed.value !== first);
  for (const now of [links, await start()]) {
    assert.equal(now.accountOf(first), undefined);
    assert.equal(now.accountOf(renewed.value), 'ann');
    assert.equal(now.accountOf(token(now, 'bob')), 'bob');
  }
  // Another box's, or another account's that got the same id.
  assert.equal((await start(Buffer.alloc(32, 2))).accountOf(renewed.value), undefined);
  accounts[1] = { id: bob as AccountId, name: 'bob', created: 3 };
  const before = token(links, 'bob');
  accounts[1] = { id: bob as AccountId, name: 'rob', created: 3 };
  assert.equal(links.accountOf(before), undefined);
  for (const bad of ['', 'x', `${first}x`, '../../etc/passwd', `${first.slice(0, 21)}é`]) {
    assert.equal(links.accountOf(bad), undefined);
  }
  assert.ok(!links.tokenOf('zoe').ok);
  assert.ok(!(await links.renew('zoe')).ok);
});
