/* From what the owner says of a new uplink to where it connects. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oauthOf } from '#provider/signing-in';
import { fromHost, fromPreset, type Said } from '#provider/uplink-facts';

const list = async () => ({ Somewhere: { host: 'smtp.somewhere.example', port: 2525 } });

const presetRows: readonly [string, Said, string][] = [
  ['gmail', {}, 'gmail smtp.gmail.com:465 tls 2 user'],
  ['outlook', {}, 'outlook smtp-mail.outlook.com:587 starttls 2 user'],
  ['office 365', {}, 'microsoft365 smtp.office365.com:587 starttls 3 user'],
  ['icloud', {}, 'icloud smtp.mail.me.com:587 starttls 2 password'],
  ['gmx', { connections: 5 }, 'gmx mail.gmx.net:465 tls 5 password'],
  ['gmx', { port: 587 }, 'gmx mail.gmx.net:587 starttls 2 password'],
  ['gmx', { security: 'starttls' }, 'gmx mail.gmx.net:587 starttls 2 password'],
  ['icloud', { port: 465 }, 'icloud smtp.mail.me.com:465 tls 2 password'],
  ['outlook', { host: '127.0.0.1', port: 4999 }, 'outlook 127.0.0.1:4999 starttls 2 user'],
  ['outlook', { port: 4999, security: 'tls' }, 'outlook smtp-mail.outlook.com:4999 tls 2 user'],
  ['Somewhere', {}, 'somewhere smtp.somewhere.example:2525 starttls 2 password'],
];

for (const [name, said, wanted] of presetRows) {
  test(`--provider ${name} ${JSON.stringify(said)}`, async () => {
    const facts = await fromPreset(name, said, list);
    assert.ok(facts.ok);
    const { provider, host, port, security, connections, needs } = facts.value;
    assert.equal(`${provider} ${host}:${port} ${security} ${connections} ${needs}`, wanted);
  });
}

const hostRows: readonly [Said, string][] = [
  [{}, 'a.example:465 tls'],
  [{ port: 465 }, 'a.example:465 tls'],
  [{ port: 587 }, 'a.example:587 starttls'],
  [{ port: 25 }, 'a.example:25 starttls'],
  [{ port: 10_025 }, 'a.example:10025 tls'],
  [{ security: 'starttls' }, 'a.example:587 starttls'],
  [{ security: 'none' }, 'a.example:25 none'],
  [{ security: 'tls', port: 587 }, 'a.example:587 tls'],
];

for (const [said, wanted] of hostRows) {
  test(`--host a.example ${JSON.stringify(said)}`, () => {
    const facts = fromHost({ host: 'a.example', ...said });
    assert.ok(facts.ok);
    const { provider, host, port, security, needs } = facts.value;
    assert.equal(`${host}:${port} ${security}`, wanted);
    assert.equal(provider, '');
    assert.equal(needs, undefined);
  });
}

test('neither provider nor host: told what to say', () => {
  const facts = fromHost({ port: 25 });
  assert.ok(!facts.ok);
  assert.match(facts.error.say, /--provider NAME, or --host HOST/);
});

test('what to do first is said', async () => {
  const first = async (name: string) => {
    const facts = await fromPreset(name, {}, list);
    return facts.ok ? facts.value.first : undefined;
  };
  assert.match((await first('gmail')) ?? '', /2-Step.*myaccount\.google\.com\/apppasswords/);
  assert.match((await first('gmx')) ?? '', /Allow mail programs/);
  assert.equal(await first('posteo'), undefined);
});

test('who signs in where', () => {
  assert.equal(oauthOf('outlook'), 'microsoft');
  assert.equal(oauthOf('gmail'), 'google');
  assert.equal(oauthOf('gmx'), undefined);
  assert.equal(oauthOf(''), 'own');
});
