/* The presets: what they hold, how they are found, and nodemailer's list behind them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPreset, presetNames, presetOf } from '#provider/finding';
import { isProviderKey } from '#provider/oauth/endpoints';
import { nameKey } from '#provider/preset';
import { presets } from '#provider/presets';
import { wellKnownPresets } from '#provider/well-known';
import { loadWellKnown } from '#uplink/well-known';

function unasked(): never {
  throw new Error("nodemailer's list was read for a name of our own table");
}

async function found(name: string, load = loadWellKnown) {
  const result = await findPreset(name, load);
  assert.ok(result.ok, name);
  return result.value;
}

test('no name, alias or domain stands for two providers', () => {
  const names = presets.flatMap(({ name, aliases = [] }) => [
    ...new Set([name, ...aliases].map(nameKey)),
  ]);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
  const domains = presets.flatMap((preset) => preset.domains);
  assert.deepEqual(
    domains.filter((one, index) => domains.indexOf(one) !== index),
    [],
  );
});

test('each preset is whole', () => {
  for (const preset of presets) {
    const { name, smtp, imap, pop3, signIn, source } = preset;
    assert.match(name, /^[a-z0-9][a-z0-9.-]*$/, name);
    assert.match(source, /^https:\/\//, name);
    for (const server of [smtp, imap, pop3]) {
      if (server === undefined) continue;
      assert.match(server.host, /^[a-z0-9.-]+\.[a-z0-9]+$/, name);
      assert.notEqual(server.security, 'none', name);
    }
    assert.equal(signIn.includes('oauth'), preset.oauth !== undefined, name);
    if (preset.oauth !== undefined) assert.ok(isProviderKey(preset.oauth), name);
    assert.equal(signIn.includes('app-password'), preset.appPasswords !== undefined, name);
    for (const domain of preset.domains) assert.equal(domain, domain.toLowerCase());
  }
});

test('a provider is found by name, alias and domain, however it is spelt', async () => {
  const rows = [
    ['gmail', 'gmail'],
    ['GMail', 'gmail'],
    ['googlemail.com', 'gmail'],
    ['Outlook', 'outlook'],
    ['hotmail.com', 'outlook'],
    ['Office 365', 'microsoft365'],
    ['Microsoft365', 'microsoft365'],
    ['iCloud', 'icloud'],
    ['gmx', 'gmx'],
    ['gmx.net', 'gmx'],
    ['gmx.com', 'gmx.com'],
    ['webde', 'web.de'],
    ['WEB.DE', 'web.de'],
    ['t-online', 't-online'],
    ['TOnline', 't-online'],
    ['comcast', 'xfinity'],
    ['1&1', '1und1'],
    ['mailbox.org', 'mailbox.org'],
  ];
  for (const [asked = '', name] of rows) {
    assert.equal((await found(asked, async () => unasked())).name, name, asked);
  }
});

test("what our table lacks comes from nodemailer's list, with TLS required", async () => {
  const rows = [
    ['SendGrid', 'smtp.sendgrid.net', 587, 'starttls'],
    ['yandex', 'smtp.yandex.ru', 465, 'tls'],
    ['Brevo', 'smtp-relay.brevo.com', 587, 'starttls'],
    ['email.cz', 'smtp.seznam.cz', 465, 'tls'],
    // No port, a port as text, and 465 that does not say that it is TLS.
    ['hot.ee', 'mail.hot.ee', 587, 'starttls'],
    ['qiye.aliyun', 'smtp.mxhichina.com', 465, 'tls'],
    ['Loopia', 'mailcluster.loopia.se', 465, 'tls'],
  ] as const;
  for (const [asked, host, port, security] of rows) {
    const { smtp, signIn } = await found(asked);
    assert.deepEqual(smtp, { host, port, security }, asked);
    assert.deepEqual(signIn, ['password']);
  }
  const names = wellKnownPresets(await loadWellKnown()).map(({ name }) => name);
  assert.ok(names.length > 80, String(names.length));
  assert.ok(!names.includes('maildev'), 'a test server in the clear is no provider');
});

test('an unknown name gets near ones, and what else to write', async () => {
  const rows = [
    ['gmial', /Did you mean gmail/],
    ['fastmial', /Did you mean fastmail/],
    ['send', /sendgrid/],
    ['my-own-server', /It knows gmail, google-workspace, outlook/],
    ['', /does not know a provider ""/],
  ] as const;
  for (const [asked, say] of rows) {
    const result = await findPreset(asked, loadWellKnown);
    assert.ok(!result.ok);
    assert.equal(result.error.code, 'unknown-provider');
    assert.match(result.error.say, say);
    assert.match(result.error.say, /--host HOST/);
  }
});

test('a preset has one name', () => {
  assert.equal(presetOf('gmail')?.title, 'Gmail');
  assert.equal(presetOf(''), undefined);
  assert.ok(presetNames.includes('fastmail'));
});
