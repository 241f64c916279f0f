/* One more try with another token, when the server refuses one: when, and when not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok } from '#base/result';
import type { ConnectTrouble, UplinkConnection, UplinkTarget } from '#uplink/connection';
import { RenewingConnector } from '#uplink/renewing-connector';

const open: UplinkConnection = {
  facts: { extensions: new Set() },
  usable: true,
  send: async () => failed({ doubt: false, detail: 'not here' }),
  close: async () => {},
};

const target: UplinkTarget = {
  ...{ host: 'smtp.example', port: 465, security: 'tls', user: 'ann', helloName: 'box' },
  secret: { accessToken: 'old' },
};

function refusedWith(code: number): ConnectTrouble {
  const answer = { code, text: 'no', to: 'sign-in' } as const;
  return { stage: 'sign-in', code: 'REFUSED', detail: 'no', answer };
}

/** The secrets that were tried at a server that takes none but the token 'new'. */
async function tried(
  to: UplinkTarget,
  trouble: ConnectTrouble,
  renewal: string | undefined,
): Promise<string> {
  const secrets: unknown[] = [];
  const connect = async ({ secret = { password: 'none' } }: UplinkTarget) => {
    secrets.push(...Object.values(secret));
    return Object.values(secret)[0] === 'new' ? ok(open) : failed(trouble);
  };
  const connector = new RenewingConnector({ connect }, async (access) => {
    secrets.push(`for ${access}`);
    return renewal === undefined ? failed('no') : ok(renewal);
  });
  const connected = await connector.connect(to);
  return [...secrets, connected.ok ? 'in' : connected.error.detail].join(', ');
}

test('a refused token is renewed and tried once more', async () => {
  assert.equal(await tried(target, refusedWith(535), 'new'), 'old, for old, new, in');
  assert.equal(await tried(target, refusedWith(535), 'other'), 'old, for old, other, no');
  assert.equal(await tried(target, refusedWith(535), undefined), 'old, for old, no');
});

test('nothing else is tried twice', async () => {
  const away: ConnectTrouble = { stage: 'connect', code: 'ECONNREFUSED', detail: 'away' };
  const unoffered: ConnectTrouble = { stage: 'sign-in', code: 'NO-AUTH', detail: 'none' };
  assert.equal(await tried(target, away, 'new'), 'old, away');
  assert.equal(await tried(target, unoffered, 'new'), 'old, none');
  assert.equal(await tried(target, refusedWith(454), 'new'), 'old, no');
  const byPassword = { ...target, secret: { password: 'secret' } };
  assert.equal(await tried(byPassword, refusedWith(535), 'new'), 'secret, no');
  assert.equal(await tried({ ...target, secret: { accessToken: 'new' } }, away, 'x'), 'new, in');
});
