/* The first line of a history: in words that its people understand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAddress } from '#mail/address';
import { beginning } from '#mail/beginning';
import type { AccountId } from '#mail/ids';
import type { Envelope, Origin } from '#mail/intake';

const peer: Origin = {
  session: 's1',
  address: '192.168.1.20',
  place: 'local',
  claimed: 'mail.example.org',
  protocol: 'ESMTP',
  submission: false,
};
const account = 1 as AccountId;
const signedIn = (password: string): Origin => ({
  ...peer,
  submission: true,
  identity: { account, login: 'ann', password },
});

function address(text: string) {
  const parsed = parseAddress(text);
  assert.ok(parsed, text);
  return parsed;
}

function envelope(sender: string, ...to: string[]): Envelope {
  const recipients = to.map((text) => ({ address: address(text), inboxes: [] }));
  return { sender: sender === '' ? 'null' : address(sender), recipients };
}

const bringers: [origin: Origin, words: string][] = [
  [signedIn("Ann's iPad"), "Ann's iPad (192.168.1.20)"],
  [signedIn('main'), 'ann (192.168.1.20)'],
  [
    { ...peer, device: { name: 'scanner', account, sender: address('ann@restante.local') } },
    'scanner (192.168.1.20)',
  ],
  [peer, 'mail.example.org (192.168.1.20)'],
  [{ ...peer, claimed: '[192.168.1.20]' }, '192.168.1.20'],
  [{ ...peer, claimed: 'x) for nobody' }, '192.168.1.20'],
];

for (const [origin, words] of bringers) {
  test(`taken in from ${words}`, () => {
    const facts = { name: 'a1', now: 9, origin, copies: [], returned: false };
    const to = envelope('eve@example.org', 'bob@example.org', 'a@b.example', 'c@d.example');
    assert.deepEqual(beginning({ ...facts, envelope: to }), {
      name: 'a1',
      at: 9,
      say: `taken in from ${words} for bob@example.org and 2 more`,
      addresses: ['eve@example.org', 'bob@example.org', 'a@b.example', 'c@d.example'],
    });
  });
}

test('a history is found under at most 50 addresses, and none with a blank in it', () => {
  const many = Array.from({ length: 80 }, (_, i) => `a${i}@b.example`);
  const facts = { name: 'a1', now: 9, origin: peer, copies: [], returned: false };
  const found = beginning({ ...facts, envelope: envelope('', '"x y"@b.example', ...many) });
  assert.equal(found.addresses.length, 49);
  assert.ok(found.addresses.every((key) => !key.includes(' ')));
});

test('a message that came back says so', () => {
  const facts = { name: 'a1', now: 9, origin: peer, copies: [], returned: true };
  const { say } = beginning({ ...facts, envelope: envelope('', 'ann@restante.local') });
  assert.match(say, / for ann@restante\.local; it came back after it was forwarded, /);
});
