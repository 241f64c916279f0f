/* Who is told what became of mail: the sender's wishes, and whose inbox. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Directory } from '#mail/accounts/accounts';
import type { AccountId, MailboxId } from '#mail/ids';
import { inboxesOf } from '#mail/inboxes-of';
import { addressee, type ReportKind, wants } from '#mail/queue/who-is-told';
import { SmallHousehold } from '../../../support/small-household.ts';

type Word = 'success' | 'failure' | 'delay';

/** RFC 3461 §4.1; what the sender said, and which reports that brings. */
const wishes: readonly [said: readonly Word[] | undefined, reports: readonly ReportKind[]][] = [
  [undefined, ['failed', 'delayed']],
  [[], []],
  [['failure'], ['failed']],
  [['delay'], ['delayed']],
  [['success'], ['relayed']],
  [
    ['success', 'failure'],
    ['failed', 'relayed'],
  ],
  [
    ['success', 'failure', 'delay'],
    ['failed', 'delayed', 'relayed'],
  ],
];

for (const [said, reports] of wishes) {
  test(`NOTIFY ${said?.join() ?? 'not said'}: ${reports.join() || 'nothing'} is told`, () => {
    const told = (['failed', 'delayed', 'relayed'] as const).filter((kind) => {
      return wants(kind, said === undefined ? {} : { notify: said });
    });
    assert.deepEqual(told, reports);
  });
}

const ann = 1 as AccountId;
const bob = 2 as AccountId;
const gone = 9 as AccountId;
const household = new SmallHousehold();
household.add('ann', 'tuna', ann, 101 as MailboxId);
household.add('bob', 'tuna', bob, 102 as MailboxId);
const empty = new SmallHousehold();

const mail: readonly [
  name: string,
  kind: ReportKind,
  directory: Directory,
  account: AccountId,
  sender: string,
  who: ReturnType<typeof addressee>,
][] = [
  ['a failure', 'failed', household, bob, 'bob@x.org', { to: bob, stands: 'sender' }],
  ['a delay', 'delayed', household, bob, 'bob@x.org', { to: bob, stands: 'sender' }],
  ['a success', 'relayed', household, bob, 'bob@x.org', { to: bob, stands: 'sender' }],
  [
    'a failure of mail without sender',
    'failed',
    household,
    bob,
    '',
    { to: 'postmaster', stands: 'for nobody' },
  ],
  ['a delay of mail without sender', 'delayed', household, bob, '', undefined],
  ['a success of mail without sender', 'relayed', household, bob, '', undefined],
  [
    'a failure of who left',
    'failed',
    household,
    gone,
    'eve@x.org',
    { to: 'postmaster', stands: 'for who left' },
  ],
  ['a delay of who left', 'delayed', household, gone, 'eve@x.org', undefined],
  ['a success of who left', 'relayed', household, gone, 'eve@x.org', undefined],
  ['a failure in an empty house', 'failed', empty, gone, 'eve@x.org', undefined],
  ['a failure without sender in an empty house', 'failed', empty, gone, '', undefined],
];

for (const [name, kind, directory, account, sender, who] of mail) {
  test(`${name} is told ${who === undefined ? 'nobody' : who.stands}`, () => {
    assert.deepEqual(addressee(kind, { account, sender }, directory), who);
  });
}

test('mail of the box lies in own inboxes, whatever is forwarded', () => {
  const house = new SmallHousehold();
  house.add('ann', 'tuna', ann, 101 as MailboxId);
  house.add('bob', 'tuna', bob, 102 as MailboxId);
  house.forwards('bob', 'bob@restante.local', 'bob@example.org');
  assert.deepEqual(inboxesOf(house, bob), [102]);
  assert.deepEqual(inboxesOf(house, 'postmaster'), [101]);
  assert.deepEqual(inboxesOf(house, gone), [101]);
  assert.deepEqual(inboxesOf(empty, 'postmaster'), []);
});

test('a postmaster who has all such mail forwarded finds the notices of the box here', () => {
  const route = () => {
    const to = { local: 'admin', domain: 'example.org' };
    return { kind: 'local' as const, inboxes: [], forwards: [{ account: bob, to }] };
  };
  const inbox = (account: AccountId) => household.inbox(account);
  assert.deepEqual(inboxesOf({ route, inbox }, 'postmaster'), [102]);
});
