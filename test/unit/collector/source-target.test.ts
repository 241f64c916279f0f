/* What it takes to connect to a source, whoever holds the secret. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok } from '#base/result';
import { sourceKey } from '#mail/sign-ins/sign-in-key';
import { usualSpans } from '#mail/sources/wanted';
import { lackOf } from '#provider/oauth/scopes';
import { sourceTargetOf } from '../../../firmware/collector/source-target.ts';
import { noSources, signInsOf } from '../../support/sources.ts';
import { good } from '../mail/accounts/house.ts';

const place = {
  protocol: 'imap',
  host: 'imap.gmail.com',
  port: 993,
  security: 'tls',
  user: 'ann@gmail.com',
} as const;

async function house(password?: string) {
  const signIns = signInsOf(noSources());
  const source = good(
    await signIns.addSource({
      ...{ ...place, name: 'gmail', account: 'ann', provider: 'gmail', folders: [] },
      ...usualSpans,
      ...(password === undefined ? {} : { password }),
    }),
  );
  return { signIns, source };
}

const accessTokenFor = async () => ok('access');

test('with a password, its own or that of the uplink of the account', async () => {
  const own = await house('abcd');
  const target = good(await sourceTargetOf(own.source, { ...own, accessTokenFor }));
  assert.deepEqual(target, { ...place, secret: { password: 'abcd' } });
  const shared = await house();
  good(
    await shared.signIns.addUplink({
      ...{ name: 'gmail', provider: 'gmail', host: 'smtp.gmail.com', port: 465, security: 'tls' },
      ...{ user: 'ann@gmail.com', password: 'efgh', addresses: [], isDefault: false },
      connections: 2,
    }),
  );
  const other = good(await sourceTargetOf(shared.source, { ...shared, accessTokenFor }));
  assert.deepEqual(other.secret, { password: 'efgh' });
});

test('with OAuth, an access token; without network it is tried later', async () => {
  const { signIns, source } = await house();
  good(await signIns.setSecret(sourceKey(source.id), { tokens: '{}' }));
  const target = good(await sourceTargetOf(source, { signIns, accessTokenFor }));
  assert.deepEqual(target.secret, { accessToken: 'access' });
  const away = { kind: 'unreachable', code: 'ENETUNREACH', say: 'no network.' } as const;
  const later = await sourceTargetOf(source, { signIns, accessTokenFor: async () => failed(away) });
  assert.deepEqual(!later.ok && later.error, { kind: 'unreachable', say: 'no network' });
  const revoked = 'it was revoked there. Sign in anew.';
  const over = { kind: 'sign-in', code: 'invalid_grant', say: revoked } as const;
  const never = await sourceTargetOf(source, { signIns, accessTokenFor: async () => failed(over) });
  assert.deepEqual(!never.ok && never.error, {
    kind: 'sign-in',
    say: 'it was revoked there. Sign in anew: restante source signin gmail',
    about: 'sign-in',
  });
});

test('a sign-in that is good for sending only is said to be so, and is no news to the uplink', async () => {
  const { signIns, source } = await house();
  good(await signIns.setSecret(sourceKey(source.id), { tokens: '{}' }));
  const tokens = { provider: 'microsoft', scope: 'https://outlook.office.com/SMTP.Send' } as const;
  const target = await sourceTargetOf(source, {
    signIns,
    accessTokenFor: async (_key, protocol) => failed(lackOf(tokens, protocol) ?? assert.fail()),
  });
  assert.deepEqual(!target.ok && target.error, {
    kind: 'sign-in',
    say:
      'The sign-in at Microsoft does not allow collecting by IMAP. Sign in anew: ' +
      'restante source signin gmail',
  });
});

test('without a secret a person is needed', async () => {
  const { signIns, source } = await house();
  const target = await sourceTargetOf(source, { signIns, accessTokenFor });
  assert.ok(!target.ok && target.error.kind === 'sign-in');
  assert.equal(target.error.about, 'nobody');
  assert.match(target.error.say, /restante source password gmail.*restante source signin gmail/);
});
