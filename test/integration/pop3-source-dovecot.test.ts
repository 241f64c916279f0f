/*
 * Debian's Dovecot as a source: signing in in each way, and the octets that come, message by
 * message, against what its Maildir holds.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SourceTarget } from '#collector/upstream';
import {
  connected,
  connector,
  fetchedFrom,
  listingOf,
  maildropOf,
  target,
} from '../support/pop3-peer.ts';
import { missingDovecot, ProviderDovecot, providerPassword } from '../support/provider-dovecot.ts';

const skip = missingDovecot();

/** Canonical, so that Dovecot gives back what was put in. */
const letters = [
  'Subject: plain\r\n\r\nbody\r\n',
  'Subject: dots\r\n\r\n.\r\n..\r\n.dot\r\n...\r\nend.\r\n.\r\n',
  '\r\n',
  'Subject: no body\r\n\r\n',
  'Subject: header only\r\n',
  `Subject: 5 MB\r\n\r\n${'0123456789abcdef'.repeat(4).concat('\r\n').repeat(80_000)}`,
  'Subject: 8 bit\r\n\r\n\x80\x81\xfe\xff caf\xc3\xa9\r\n',
  `Subject: a line of 2 MB\r\n\r\n${'.x'.repeat(1_000_000)}\r\n`,
  `Subject: dots and dots\r\n\r\n${'.\r\n'.repeat(100_000)}`,
  'Subject: +OK\r\n\r\n+OK\r\n-ERR\r\nRETR 1\r\n.\r\n\r\n.\r\n',
].map((letter) => Buffer.from(letter, 'latin1'));

const user = 'ann';
const secret = { password: providerPassword };

let dovecot: ProviderDovecot;

before(async () => {
  if (skip !== undefined) return;
  dovecot = await ProviderDovecot.open();
  await dovecot.fill(user, letters);
});

after(async () => {
  if (skip === undefined) await dovecot[Symbol.asyncDispose]();
});

const ways: readonly (readonly [string, 'none' | 'starttls' | 'tls'])[] = [
  ['SCRAM-SHA-256 in the clear', 'none'],
  ['STLS', 'starttls'],
  ['TLS', 'tls'],
];

function aim(security: 'none' | 'starttls' | 'tls'): [number, Partial<SourceTarget>] {
  const port = dovecot.port(security === 'tls' ? 'pop3s' : 'pop3');
  return [port, { security, user, secret, ca: dovecot.ca }];
}

for (const [name, security] of ways) {
  test(`Dovecot gives what it holds: ${name}`, { skip }, async () => {
    const upstream = await connected(...aim(security));
    const folder = await maildropOf(upstream);
    const listing = await listingOf(folder);
    assert.ok(typeof listing !== 'string');
    assert.deepEqual(
      listing.map(({ octets, ambiguous }) => [octets, ambiguous]),
      letters.map(({ length }) => [length, undefined]),
    );
    const got = await fetchedFrom(folder, listing);
    for (const [index, letter] of letters.entries()) {
      assert.equal(got[index]?.outcome, 'whole');
      assert.ok(got[index]?.octets.equals(letter), `message ${index + 1} differs`);
    }
    const [first] = listing;
    assert.ok(first !== undefined);
    const header = await folder.header(first);
    assert.equal(header.ok && header.value?.toString(), 'Subject: plain\r\n\r\n');
    assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
    assert.equal((await dovecot.letters(user)).length, letters.length);
  });
}

test('Dovecot refuses a wrong password, and is asked once', { skip }, async () => {
  for (const security of ['none', 'tls'] as const) {
    const [port, more] = aim(security);
    const wrong = { ...more, secret: { password: 'wrong' } };
    const result = await connector().connect(target(port, wrong));
    assert.ok(!result.ok);
    assert.equal(result.error.code, 'REFUSED');
    assert.equal(result.error.answer?.code, 'AUTH');
  }
});

test('APOP, and removal, which the rest of the mailbox survives', { skip }, async () => {
  await using other = await ProviderDovecot.open({ mechanisms: 'plain apop' });
  await other.fill(user, letters);
  const upstream = await connected(other.port('pop3'), { user, secret });
  const folder = await maildropOf(upstream);
  const listing = await listingOf(folder);
  assert.ok(typeof listing !== 'string');
  assert.ok((await folder.remove(listing.slice(1))).ok);
  assert.equal((await other.letters(user)).length, letters.length);
  assert.deepEqual(await upstream.close(), { ok: true, value: undefined });
  assert.deepEqual(await other.letters(user), letters.slice(0, 1));
});
