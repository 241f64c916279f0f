/* What a file with certificates holds, before anything in it is trusted. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { authorityReports } from '#box/authority-reports';
import { TestAuthority } from '../../support/certificates.ts';

function say(pem: string): string {
  const found = authorityReports(pem);
  assert.ok(!found.ok, 'it should be refused');
  return found.error.say;
}

test('each certificate of the file, with its name and its fingerprint', async () => {
  const authority = await TestAuthority.make();
  const { cert } = await authority.issue({ names: ['mail.example.org'] });
  const found = authorityReports(
    `${authority.pem}\nsome words\r\n${cert.replaceAll('\n', '\r\n')}`,
  );
  assert.ok(found.ok);
  const [first, second] = found.value;
  assert.equal(first?.fingerprint, new X509Certificate(authority.pem).fingerprint256);
  assert.match(first?.name ?? '', /^Authority .* of the tests$/);
  assert.equal(first?.issuer, first?.name, 'by itself');
  assert.equal(second?.fingerprint, new X509Certificate(cert).fingerprint256);
  assert.equal(second?.issuer, first?.name);
  assert.ok((second?.until ?? 0) > Date.now());
});

test('what is none is told', async () => {
  const { pem } = await TestAuthority.make();
  assert.match(say(''), /no certificate in PEM form/);
  assert.match(say('hello'), /no certificate in PEM form/);
  assert.match(say(pem.replace(/[A-Za-z0-9]{20}/, '!')), /no certificate in PEM form/);
  assert.match(say(`${pem}\n${pem.replace(/[A-Za-z0-9]{20}\n/, '\n')}`), /is broken/);
  assert.match(say(`${pem}-----BEGIN PRIVATE KEY-----\n`), /private key/);
});
