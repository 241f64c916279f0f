/* From what the owner says of a source to where it is, and what a person has to do first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetOf } from '#provider/finding';
import { presets } from '#provider/presets';
import { type SaidOfSource, sourceFromHost, sourceFromPreset } from '#provider/source-facts';
import { good } from '../mail/accounts/house.ts';

const wellKnown = async () => ({ Mailgun: { host: 'smtp.mailgun.org', port: 465, secure: true } });

type Place = readonly [protocol: string, host: string, port: number, security: string];

const rows: readonly (readonly [string, SaidOfSource, Place])[] = [
  ['gmail', {}, ['imap', 'imap.gmail.com', 993, 'tls']],
  ['gmail.com', {}, ['imap', 'imap.gmail.com', 993, 'tls']],
  ['gmail', { protocol: 'pop3' }, ['pop3', 'pop.gmail.com', 995, 'tls']],
  ['gmail', { port: 995 }, ['pop3', 'pop.gmail.com', 995, 'tls']],
  ['icloud', {}, ['imap', 'imap.mail.me.com', 993, 'tls']],
  ['proton', {}, ['imap', '127.0.0.1', 1143, 'starttls']],
  ['proton', { port: 2143 }, ['imap', '127.0.0.1', 2143, 'starttls']],
  ['gmail', { security: 'starttls' }, ['imap', 'imap.gmail.com', 143, 'starttls']],
  ['gmail', { host: 'localhost', port: 1143 }, ['imap', 'localhost', 1143, 'tls']],
  ['icloud', { protocol: 'pop3', host: 'pop.x.example' }, ['pop3', 'pop.x.example', 995, 'tls']],
  ['mailgun', { port: 993, host: 'imap.x.example' }, ['imap', 'imap.x.example', 993, 'tls']],
];
for (const [name, said, place] of rows) {
  test(`--provider ${name} ${JSON.stringify(said)}`, async () => {
    const { protocol, host, port, security } = good(await sourceFromPreset(name, said, wellKnown));
    assert.deepEqual([protocol, host, port, security], place);
  });
}

const hosts: readonly (readonly [SaidOfSource, Place])[] = [
  [{ protocol: 'imap' }, ['imap', 'a.example', 993, 'tls']],
  [{ protocol: 'pop3' }, ['pop3', 'a.example', 995, 'tls']],
  [{ protocol: 'imap', security: 'starttls' }, ['imap', 'a.example', 143, 'starttls']],
  [{ protocol: 'pop3', security: 'none' }, ['pop3', 'a.example', 110, 'none']],
  [{ port: 110 }, ['pop3', 'a.example', 110, 'starttls']],
  [{ port: 143 }, ['imap', 'a.example', 143, 'starttls']],
  [{ protocol: 'pop3', port: 2110 }, ['pop3', 'a.example', 2110, 'tls']],
];
for (const [said, place] of hosts) {
  test(`--host a.example ${JSON.stringify(said)}`, () => {
    const facts = good(sourceFromHost({ ...said, host: 'a.example' }));
    assert.deepEqual([facts.protocol, facts.host, facts.port, facts.security], place);
    assert.equal(facts.provider, '');
  });
}

test('what is missing or unknown is said in words', async () => {
  const said = (result: { ok: boolean; error?: { say: string } }) => result.error?.say ?? '';
  assert.match(said(sourceFromHost({ host: 'a.example' })), /--protocol imap/);
  assert.match(said(sourceFromHost({ protocol: 'imap' })), /--host HOST/);
  const pop = await sourceFromPreset('icloud', { protocol: 'pop3' }, wellKnown);
  assert.match(said(pop), /iCloud gives no mail out by POP3.*IMAP/);
  const smtpOnly = await sourceFromPreset('mailgun', {}, wellKnown);
  assert.match(said(smtpOnly), /Mailgun.*--protocol imap --host HOST/);
  assert.match(said(await sourceFromPreset('gmial', {}, wellKnown)), /gmail/);
});

test('what a person has to do first', async () => {
  const imap = good(await sourceFromPreset('gmail', {}, wellKnown));
  assert.equal(imap.needs, 'user');
  assert.match(imap.first ?? '', /2-Step.*app password.*myaccount\.google\.com/);
  assert.doesNotMatch(imap.first ?? '', /POP/);
  const pop = good(await sourceFromPreset('gmail', { protocol: 'pop3' }, wellKnown));
  assert.match(pop.first ?? '', /Turn POP on/);
  const posteo = good(await sourceFromPreset('posteo', {}, wellKnown));
  assert.deepEqual([posteo.needs, posteo.first], ['password', undefined]);
});

test('limits name their source; the clear is nowhere a preset', () => {
  for (const { name, collecting, imap, pop3 } of presets) {
    if (collecting !== undefined) assert.match(collecting.source, /^https:\/\//, name);
    for (const server of [imap, pop3]) assert.notEqual(server?.security, 'none', name);
  }
  assert.equal(presetOf('gmail')?.collecting?.imapOctetsPerDay, 2_500_000_000);
  assert.equal(presetOf(''), undefined);
});
