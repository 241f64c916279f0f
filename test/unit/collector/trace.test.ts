/* The one field on top of a collected message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CollectedTrace, receivedField } from '#collector/trace';

const trace: CollectedTrace = {
  facts: { with: 'IMAPS', address: '192.0.2.1', tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384' },
  host: 'imap.example.org',
  source: 'gmail',
  hostName: 'restante.local',
  id: 'a1b2c3',
  to: { local: 'ann', domain: 'restante.local' },
  now: Date.UTC(2026, 10, 23, 9),
};

test('it says from where, by whom, how, for whom and when', () => {
  assert.equal(
    receivedField(trace),
    'Received: from imap.example.org ([192.0.2.1])\r\n' +
      '\tby restante.local with IMAPS (TLSv1.3 TLS_AES_256_GCM_SHA384) (source gmail)\r\n' +
      '\tid a1b2c3 for <ann@restante.local>;\r\n' +
      '\tMon, 23 Nov 2026 09:00:00 +0000\r\n',
  );
});

test('nothing that was said by others gets into it but as a name', () => {
  const odd = receivedField({
    ...trace,
    facts: { with: 'POP3', address: '2001:db8::1' },
    host: 'evil\r\nX: y',
    source: 'a) (b',
    to: { local: 'grüße', domain: 'restante.local' },
  });
  assert.equal(
    odd,
    'Received: from unknown ([IPv6:2001:db8::1])\r\n' +
      '\tby restante.local with POP3\r\n' +
      '\tid a1b2c3;\r\n' +
      '\tMon, 23 Nov 2026 09:00:00 +0000\r\n',
  );
});
