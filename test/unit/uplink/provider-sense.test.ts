/* A failed connection, in the dispatcher's words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UplinkId } from '#mail/ids';
import type { Uplink } from '#mail/uplinks/uplinks';
import type { Meaning } from '#provider/meaning';
import type { ConnectTrouble } from '#uplink/connection';
import { ProviderSense } from '#uplink/provider-sense';

const id = 1 as UplinkId;
const uplink: Uplink = {
  id,
  name: 'relay',
  provider: '',
  host: 'relay.example',
  port: 465,
  security: 'tls',
  connections: 1,
  isDefault: true,
  addresses: [],
};
const way = { id, name: 'relay', provider: '', connections: 1 };
const refused: Meaning = { kind: 'sign-in', say: 'the password is wrong', advice: 'Give another' };

function sense(there: boolean) {
  return new ProviderSense({
    uplinks: { byId: () => (there ? uplink : undefined) },
    signIns: { secretOf: () => 'none' },
    meaningOf: () => refused,
    clockIsSane: () => true,
  });
}

test('what cannot be reached is not the sign-in, and says what to do', () => {
  const trouble: ConnectTrouble = { stage: 'connect', code: 'ECONNREFUSED', detail: 'refused' };
  const explained = sense(true).explain(trouble, way);
  assert.equal(explained.kind, 'unreachable');
  assert.match(explained.say, /relay\.example.*465.*\. .+/);
});

test('a refused password is the sign-in', () => {
  const answer = { code: 535, text: 'no', to: 'sign-in' as const };
  const trouble: ConnectTrouble = { stage: 'sign-in', code: 'REFUSED', detail: 'no', answer };
  assert.equal(sense(true).explain(trouble, way).kind, 'sign-in');
});

test('an uplink that was removed meanwhile needs no explanation', () => {
  const trouble: ConnectTrouble = { stage: 'name', code: 'ENOTFOUND', detail: '' };
  assert.equal(sense(false).explain(trouble, way).say, 'relay was removed');
});
