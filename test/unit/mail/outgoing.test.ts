/* Under which address, by which uplink and for whom copies leave the house. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Address,
  addressKey,
  formatAddress,
  parseAddress,
  type ReversePath,
} from '#mail/address';
import type { AccountId, MailboxId, UplinkId } from '#mail/ids';
import type { Envelope, Recipient } from '#mail/intake';
import { outgoingCopies, outgoingSender, viaOf } from '#mail/outgoing';
import { SmallHousehold } from '../../support/small-household.ts';
import { SmallUplinks } from '../../support/small-uplinks.ts';

const ann = 1 as AccountId;
const bob = 2 as AccountId;

function house(): SmallHousehold {
  const household = new SmallHousehold();
  household.add('ann', 'tuna', ann, 1 as MailboxId);
  household.add('bob', 'tuna', bob, 2 as MailboxId);
  return household;
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

const path = (text: string): ReversePath => (text === '<>' ? 'null' : address(text));

const senders: [name: string, known: boolean, from: string, sender: string, via: string][] = [
  ['unknown elsewhere', false, 'ann@restante.local', 'ann@restante.local', 'ann@restante.local'],
  ['known elsewhere', true, 'ann@restante.local', 'ann@gmail.com', 'ann@gmail.com'],
  ['with a detail', true, 'Ann+shop@Restante.Local', 'ann@gmail.com', 'ann@gmail.com'],
  ['her alias', true, 'holidays@restante.local', 'ann@gmail.com', 'ann@gmail.com'],
  ['another outside address', true, 'Ann@Work.example', 'Ann@work.example', 'ann@work.example'],
  ['a notice, known', true, '<>', '<>', 'ann@gmail.com'],
  ['a notice, unknown', false, '<>', '<>', 'ann@restante.local'],
];

for (const [name, known, from, sender, via] of senders) {
  test(`mail of an account goes out under its outside address: ${name}`, () => {
    const household = house();
    household.forwards('ann', 'holidays@restante.local', 'x@y.example');
    if (known) household.isKnownAs('ann', 'ann@gmail.com');
    const outgoing = outgoingSender(household, ann, path(from));
    assert.equal(outgoing === 'null' ? '<>' : formatAddress(outgoing), sender);
    assert.equal(addressKey(viaOf(household, ann, path(from)) ?? address('x@y.example')), via);
  });
}

test('an account that is gone has no way', () => {
  assert.equal(viaOf(house(), 77 as AccountId, 'null'), undefined);
});

const queueTime = { box: () => 5000, ageing: () => 400 };

function copies(recipients: readonly Recipient[], more: Partial<Envelope> = {}) {
  const household = house();
  household.isKnownAs('ann', 'ann@gmail.com');
  const uplinks = new SmallUplinks();
  uplinks.add('gmail', ['ann@gmail.com']);
  const envelope = { sender: address('ann@restante.local'), recipients, ...more };
  return outgoingCopies(
    envelope,
    { name: 'a1', now: 77 },
    { directory: household, uplinks, queueTime },
  );
}

function outside(to: string, more: Partial<Recipient> = {}): Recipient {
  const departures = [{ to: address(to), account: ann, forwarded: false }];
  return { address: address(to), inboxes: [], departures, ...more };
}

function forwarding(alias: string, to: string, account: AccountId): Recipient {
  const departures = [{ to: address(to), account, forwarded: true }];
  return { address: address(alias), inboxes: [], departures };
}

test("one copy for all of a sender's outside recipients, with what was asked for", () => {
  const original = { type: 'rfc822', address: 'eve@example.org' };
  const notices = { notify: ['delay'] as const, original };
  const found = copies([outside('eve@example.org', { notices }), outside('joe@example.net')], {
    body: '8bitmime',
    utf8: true,
    reportWith: 'full',
    id: 'QQ',
  });
  assert.deepEqual(found, [
    {
      name: 'a1',
      account: ann,
      sender: 'ann@gmail.com',
      via: 'ann@gmail.com',
      rewrite: { from: ['ann@restante.local'], to: 'ann@gmail.com' },
      reportWith: 'full',
      envelopeId: 'QQ',
      uplink: 1 as UplinkId,
      body: '8bitmime',
      utf8: true,
      queuedAt: 77,
      due: 5000,
      born: 400,
      recipients: [
        { address: 'eve@example.org', notify: ['delay'], original },
        { address: 'joe@example.net' },
      ],
    },
  ]);
});

test("a forwarded copy is its forwarder's, untouched, and carries no wishes of the sender", () => {
  const notices = { notify: [] };
  const alias = { ...forwarding('family@restante.local', 'bob@work.example', bob), notices };
  const found = copies([alias], { reportWith: 'full', id: 'QQ' });
  assert.deepEqual(found, [
    {
      name: 'a1',
      account: bob,
      sender: 'bob@restante.local',
      via: 'bob@restante.local',
      queuedAt: 77,
      due: 5000,
      born: 400,
      recipients: [{ address: 'bob@work.example' }],
    },
  ]);
});

test('each outside address gets one copy, whatever the number of ways to it', () => {
  const found = copies([
    forwarding('family@restante.local', 'Eve@Example.org', bob),
    outside('eve@example.org'),
    outside('EVE@example.org', { notices: { notify: ['success'] } }),
    forwarding('family@restante.local', 'joe@example.net', bob),
    forwarding('others@restante.local', 'joe@example.net', ann),
  ]);
  assert.deepEqual(
    found.map(({ account, recipients }) => [account, recipients]),
    [
      [ann, [{ address: 'eve@example.org' }]],
      [bob, [{ address: 'joe@example.net' }]],
    ],
  );
});

test('a notice goes out without a sender', () => {
  const [copy] = copies([outside('eve@example.org')], { sender: 'null' });
  assert.equal(copy?.sender, '');
  assert.equal(copy?.via, 'ann@gmail.com');
  assert.deepEqual(copy?.rewrite, { from: ['ann@restante.local'], to: 'ann@gmail.com' });
});

test('for an account that was removed meanwhile nothing is queued', () => {
  assert.deepEqual(copies([forwarding('a@restante.local', 'b@c.example', 77 as AccountId)]), []);
});
