/*
 * A provider that is not ours: Debian's Postfix, with STARTTLS and AUTH by Dovecot's SASL. What it
 * offers is what we see, every mechanism signs in, and what it delivers is what was sent.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { UplinkTarget } from '#uplink/connection';
import { UplinkTester } from '#uplink/tester';
import {
  domain,
  missingPostfix,
  ProviderPostfix,
  password,
  type Service,
  user,
} from '../support/provider-postfix.ts';
import { connected, connector, envelope, goOn, octets, target } from '../support/uplink-peer.ts';

const skip = missingPostfix() ?? false;
let postfix: ProviderPostfix;

before(async () => {
  if (skip === false) postfix = await ProviderPostfix.start();
});

after(() => postfix?.[Symbol.asyncDispose]());

function wanted(service: Service, more: Partial<UplinkTarget> = {}): Partial<UplinkTarget> {
  const security = service === 'starttls' ? 'starttls' : 'tls';
  return { security, ca: postfix.ca, user, secret: { password }, ...more };
}

const offers: Readonly<Record<Service, readonly string[]>> = {
  starttls: ['PIPELINING', 'SIZE', '8BITMIME', 'DSN', 'SMTPUTF8', 'AUTH'],
  tls: ['PIPELINING', 'SIZE', '8BITMIME', 'DSN', 'SMTPUTF8', 'AUTH'],
  login: ['AUTH'],
  'cram-md5': ['AUTH'],
  plainest: ['SIZE', 'AUTH'],
};

for (const service of Object.keys(offers) as Service[]) {
  test(`signs in: ${service}`, { skip }, async () => {
    const connection = await connected(postfix.port(service), wanted(service));
    const { extensions, largest, tls } = connection.facts;
    for (const offer of offers[service]) assert.ok(extensions.has(offer), offer);
    assert.equal(extensions.has('DSN'), service !== 'plainest');
    assert.equal(largest, 1_000_000);
    assert.match(tls ?? '', /^TLSv1\.3 TLS_/);
    await connection.close();
  });
}

test('a wrong password, and a user without a password', { skip }, async () => {
  for (const service of ['starttls', 'login', 'cram-md5'] as const) {
    const secret = { password: 'wrong' };
    const refused = await connector().connect(
      target(postfix.port(service), wanted(service, { secret })),
    );
    assert.ok(!refused.ok);
    const { stage, code, answer } = refused.error;
    assert.deepEqual(
      [stage, code, answer?.code, answer?.enhanced, answer?.to],
      ['sign-in', 'REFUSED', 535, '5.7.8', 'sign-in'],
    );
  }
});

test('a certificate that nobody vouches for', { skip }, async () => {
  const { ca: _, ...strange } = target(postfix.port('starttls'), wanted('starttls'));
  const about = { ...strange, name: 'relay', provider: '', clockIsSane: true };
  const never = () => ({ kind: 'never', say: 'no', status: '5.0.0' }) as const;
  const result = await new UplinkTester(connector(), never).test(strange, about);
  assert.equal(result.kind, 'certificate');
  assert.match(result.say, /not trusted: .*--ca FILE/);
});

test('what is sent is delivered, octet for octet', { skip }, async () => {
  const long = `${'0123456789'.repeat(7)}\r\n`.repeat(5000);
  const messages = {
    starttls: `Subject: 1\r\n\r\n.\r\n..\r\nü\r\n${long}`,
    tls: 'Subject: ä\r\n\r\n8-bit head\r\n',
    plainest: 'Subject: 3\r\n\r\n.\r\n\r\n.\r\nseven\r\n',
  };
  for (const [service, text] of Object.entries(messages) as [Service, string][]) {
    const connection = await connected(postfix.port(service), wanted(service));
    const dsn = { notify: ['failure'], reportWith: 'headers', envelopeId: 'x y' } as const;
    const sent = await connection.send(
      envelope({
        sender: user,
        recipients: [`bob@${domain}`],
        size: Buffer.byteLength(text),
        eightBit: true,
        utf8: true,
        dsn,
      }),
      octets(text),
      goOn,
    );
    assert.ok(sent.ok);
    assert.equal(
      `${sent.value.recipients[0]?.code} ${sent.value.recipients[0]?.enhanced}`,
      '250 2.0.0',
    );
    await connection.close();
  }
  const delivered = await postfix.delivered(3);
  for (const text of Object.values(messages)) {
    const kept = Buffer.from(text.replaceAll('\r\n', '\n')).toString('latin1');
    // Postfix adds fields on top, and those that are missing at the end of the header section.
    const [head = '', ...body] = kept.split('\n\n');
    const rest = body.join('\n\n');
    const found = delivered.filter((one) => one.includes(`\n${head}\n`) && one.endsWith(rest));
    assert.equal(found.length, 1, head);
  }
});

test('one connection takes a refused message, then one that is taken', { skip }, async () => {
  const connection = await connected(postfix.port('starttls'), wanted('starttls'));
  const large = await connection.send(
    envelope({ sender: user, size: 999_999_999 }),
    octets(),
    goOn,
  );
  // nodemailer knows the limit and asks nobody: obstacle.ts sees to it before.
  assert.ok(!large.ok || large.value.recipients[0]?.code === 552);
  await connection.close();
  const second = await connected(postfix.port('starttls'), wanted('starttls'));
  const mixed = await second.send(
    envelope({ sender: user, recipients: [`a@${domain}`, `nobody@${domain}`, `c@${domain}`] }),
    octets(),
    goOn,
  );
  assert.ok(mixed.ok);
  const codes = mixed.value.recipients.map(({ code, to }) => `${code} ${to}`);
  assert.deepEqual(codes, ['250 end', '550 rcpt', '250 end']);
  const refused = await second.send(
    envelope({ sender: user, recipients: [`nobody@${domain}`] }),
    octets(),
    goOn,
  );
  assert.equal(refused.ok && refused.value.recipients[0]?.code, 550);
  const again = await second.send(
    envelope({ sender: user, recipients: [`d@${domain}`] }),
    octets(),
    goOn,
  );
  assert.equal(again.ok && again.value.recipients[0]?.code, 250);
  await second.close();
});
