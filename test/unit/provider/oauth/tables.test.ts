/* The pure parts of OAuth sign-ins, as tables: answers, pasted texts, polling, ages, words. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  addressToOpen,
  challengeOf,
  newSecrets,
  readPasted,
} from '#provider/oauth/authorization-code';
import { nextPoll, readDeviceAnswer } from '#provider/oauth/device-code';
import { type OAuthProvider, type OAuthProviderKey, providerFrom } from '#provider/oauth/endpoints';
import { clientSecretIn, SetProviders } from '#provider/oauth/providers';
import { lackOf } from '#provider/oauth/scopes';
import { missingScope, readTokenAnswer } from '#provider/oauth/token-answer';
import {
  ageOf,
  dayMs,
  formatTokens,
  isFresh,
  parseTokens,
  renewed,
  type Tokens,
  tokensFrom,
} from '#provider/oauth/tokens';
import { deniedWords, unreachableWords } from '#provider/oauth/words';
import { SeededRandom } from '../../../support/seeded-random.ts';

const minute = 60_000;

function provider(key: OAuthProviderKey): OAuthProvider {
  const settings = {
    client: 'id',
    token: 'https://t.example/',
    authorize: 'https://a.example/?x=1',
  };
  const found = providerFrom(key, settings);
  assert.ok(found.ok);
  return found.value;
}

test('whoever forgot the password of their own server is told so first', () => {
  const unset = { client: '', token: '', device: '', authorize: '' };
  const own = providerFrom('own', unset);
  assert.match(own.ok ? '' : own.error.say, /^Give the password\. .* oauth\.own\.token ADDRESS$/);
  const half = providerFrom('own', { ...unset, token: 'https://id.example/token' });
  assert.match(half.ok ? '' : half.error.say, /signs people in\. .* oauth\.own\.device ADDRESS$/);
});

test('PKCE: the example of RFC 7636 appendix B', () => {
  const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
  assert.equal(challengeOf(verifier), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  const random = new SeededRandom();
  const [one, other] = [newSecrets(random), newSecrets(random)];
  assert.match(one.verifier, /^[\w-]{43}$/);
  assert.match(one.state, /^[\w-]{22}$/);
  assert.notEqual(one.verifier, other.verifier);
  assert.notEqual(one.state, other.state);
});

test('the address to open has all that is asked, and what was in it', () => {
  const secrets = { state: 'st', verifier: 'v'.repeat(43) };
  const { searchParams } = new URL(addressToOpen(provider('google'), secrets, 'ann@gmail.com'));
  assert.deepEqual(Object.fromEntries(searchParams), {
    x: '1',
    response_type: 'code',
    client_id: 'id',
    redirect_uri: 'http://127.0.0.1:53117/',
    scope: 'https://mail.google.com/',
    state: 'st',
    code_challenge: challengeOf(secrets.verifier),
    code_challenge_method: 'S256',
    login_hint: 'ann@gmail.com',
    access_type: 'offline',
    prompt: 'consent',
  });
  assert.ok(!addressToOpen(provider('google'), secrets, undefined).includes('login_hint'));
});

const pastes: readonly (readonly [pasted: string, code: string | RegExp])[] = [
  ['http://127.0.0.1:53117/?code=4%2F0Ab&state=st&scope=x', '4/0Ab'],
  ['http://127.0.0.1:53117/?state=st&code=4%2F0Ab#', '4/0Ab'],
  ['  "http://127.0.0.1:53117/?state=st&\n   code=4%2F0Ab"\n', '4/0Ab'],
  ['<127.0.0.1:53117/?state=st&code=4/0Ab>', '4/0Ab'],
  ['https://own.example/done#code=abcd&state=st', 'abcd'],
  ['code=abcd&state=st', 'abcd'],
  ['4/0Abcd-_', '4/0Abcd-_'],
  ['4%2F0Abcd-_', '4/0Abcd-_'],
  ['100%sure', '100%sure'],
  ['http://127.0.0.1:53117/?error=access_denied&state=st', /^denied access_denied$/],
  ['http://127.0.0.1:53117/?code=abcd&state=other', /another sign-in/],
  ['http://127.0.0.1:53117/?code=abcd', /another sign-in/],
  ['code=abcd', /another sign-in/],
  ['https://a.example/?client_id=id&state=st&code_challenge=c', /no answer in what was pasted/],
  ['http://127.0.0.1:53117/?state=st&code=', /no answer in what was pasted/],
  ['https://www.example.com/', /no answer in what was pasted/],
  [' \n', /Nothing was pasted/],
  ['abc', /not the answer/],
  ['códe', /not the answer/],
  ['a'.repeat(9000), /not the answer/],
];

for (const [pasted, expected] of pastes) {
  test(`pasted: ${JSON.stringify(pasted.slice(0, 70))}`, () => {
    const read = readPasted(pasted, 'st');
    const error = read.ok ? undefined : read.error;
    const heard = error?.kind === 'denied' ? `denied ${error.error}` : error?.say;
    if (typeof expected === 'string') assert.equal(read.ok ? read.value : heard, expected);
    else assert.match(heard ?? 'taken', expected);
  });
}

const token = { access_token: 'at', token_type: 'Bearer', expires_in: 3600, refresh_token: 'rt' };

const answers: readonly (readonly [name: string, status: number, body: unknown, what: unknown])[] =
  [
    ['all there', 200, token, { access: 'at', lifetime: 3_600_000, refresh: 'rt' }],
    ['a type in small letters', 200, { ...token, token_type: 'bearer' }, { access: 'at' }],
    ['a number as a text', 200, { ...token, expires_in: '60' }, { lifetime: 60_000 }],
    ['no lifetime', 200, { ...token, expires_in: undefined }, { lifetime: 30 * minute }],
    ['nonsense as lifetime', 200, { ...token, expires_in: -5 }, { lifetime: 30 * minute }],
    ['an end told', 200, { ...token, refresh_token_expires_in: 60 }, { refreshLifetime: 60_000 }],
    ['never, told as 0', 200, { ...token, refresh_token_expires_in: 0 }, { access: 'at' }],
    ['no new refresh token', 200, { ...token, refresh_token: undefined }, { access: 'at' }],
    ['an empty refresh token', 200, { ...token, refresh_token: '' }, { access: 'at' }],
    ['a refusal', 400, { error: 'invalid_grant', error_description: 'a\r\nb' }, 'invalid_grant a'],
    ['a refusal with 200', 200, { error: 'invalid_grant' }, 'invalid_grant'],
    ['a refusal with 401', 401, { error: 'invalid_client' }, 'invalid_client'],
    ['a refusal that is no code', 400, { error: { message: 'x' } }, /answered 400, without/],
    ['another type', 200, { ...token, token_type: 'mac' }, /type mac, not bearer/],
    ['no type', 200, { access_token: 'at' }, /type nothing, not bearer/],
    ['a token with a control character', 200, { ...token, access_token: 'a\u0001b' }, /not with a/],
    ['a token without end', 200, { ...token, access_token: 'a'.repeat(20_000) }, /not with a/],
    ['busy', 503, { error: 'temporarily_unavailable' }, /answered 503 temporarily_unavailable/],
    ['busy with 400', 400, { error: 'server_error' }, /server_error/],
    ['too often', 429, { error: 'slow_down' }, /answered 429/],
    ['a list', 200, [], /not with a token/],
    ['nothing', 200, null, /not with a token/],
  ];

for (const [name, status, body, what] of answers) {
  test(`token endpoint: ${name}`, () => {
    const answer = readTokenAnswer({ status, body: JSON.stringify(body) ?? '' });
    if (answer.kind === 'granted') {
      assert.deepEqual({ ...answer.granted, ...(what as object) }, answer.granted);
      assert.equal('refresh' in answer.granted, (body as typeof token).refresh_token === 'rt');
    } else if (answer.kind === 'denied') {
      assert.equal(`${answer.error} ${answer.text}`.trim(), what);
    } else assert.match(answer.detail, what as RegExp);
  });
}

test('one sign-in asks for what sending and collecting need', () => {
  const microsoft = provider('microsoft').scope.split(' ');
  for (const scope of ['SMTP.Send', 'IMAP.AccessAsUser.All', 'POP.AccessAsUser.All']) {
    assert.ok(microsoft.includes(`https://outlook.office.com/${scope}`), scope);
  }
  assert.ok(microsoft.includes('offline_access'));
  assert.equal(provider('google').scope, 'https://mail.google.com/');
});

test('scopes: what is missing, however it is spelt', () => {
  const microsoft = 'https://outlook.office.com/SMTP.Send offline_access';
  const rows = [
    [microsoft, 'https://outlook.office.com/SMTP.Send', undefined],
    [microsoft, 'smtp.send openid', undefined],
    [microsoft, 'https://outlook.office.com/IMAP.AccessAsUser.All', /SMTP\.Send/],
    ['https://mail.google.com/', 'email https://mail.google.com/', undefined],
    ['https://mail.google.com/', 'openid email', /mail\.google/],
    ['a b', undefined, undefined],
    ['a b', ' ', undefined],
    ['a b', 'b', /^a$/],
    ['', 'b', undefined],
  ] as const;
  for (const [wanted, granted, missing] of rows) {
    const found = missingScope(wanted, granted);
    if (missing === undefined) assert.equal(found, undefined, `${wanted}: ${granted}`);
    else assert.match(found ?? '', missing);
  }
});

test('device answers', () => {
  const right = {
    ...{ device_code: 'd', user_code: 'ABC', expires_in: 900, interval: 7 },
    verification_uri: 'https://microsoft.com/devicelogin',
  };
  const read = (changes: object, status = 200) => {
    const answer = readDeviceAnswer({ status, body: JSON.stringify({ ...right, ...changes }) });
    return answer.ok ? answer.value : answer.error;
  };
  const plain = {
    ...{ deviceCode: 'd', userCode: 'ABC', lifetime: 900_000, interval: 7000 },
    address: 'https://microsoft.com/devicelogin',
  };
  assert.deepEqual(read({}), plain);
  const old = { verification_uri: undefined, verification_url: right.verification_uri };
  assert.deepEqual(read(old), plain);
  assert.deepEqual(read({ interval: undefined }), { ...plain, interval: 5000 });
  assert.deepEqual(read({ interval: 0 }), { ...plain, interval: 1000 });
  assert.deepEqual(read({ interval: 86_400 }), { ...plain, interval: 60_000 });
  const unfits = [
    { verification_uri: 'http://microsoft.com/' },
    { verification_uri: 'javascript:alert(1)' },
    { user_code: '\u001b[2J' },
    { device_code: 5 },
    { expires_in: 'soon' },
  ];
  for (const changes of unfits) assert.deepEqual(Object(read(changes)).kind, 'unfit');
  assert.equal(Object(read({}, 302)).kind, 'unfit');
  assert.equal(Object(read({ error: 'invalid_client' }, 400)).error, 'invalid_client');
});

test('when to ask again', () => {
  const denied = (error: string) => ({ kind: 'denied', error, text: '' }) as const;
  const rows = [
    [denied('authorization_pending'), 5000, 5000],
    [denied('slow_down'), 5000, 10_000],
    [denied('slow_down'), 58_000, 60_000],
    ['silence', 5000, 10_000],
    ['silence', 50_000, 60_000],
    [denied('access_denied'), 5000, undefined],
    [denied('expired_token'), 5000, undefined],
    [denied('what is this'), 5000, undefined],
  ] as const;
  for (const [heard, interval, next] of rows) {
    const found = nextPoll(heard, interval);
    assert.equal(found.kind === 'again' ? found.interval : undefined, next);
  }
});

const granted = { access: 'a', lifetime: 60 * minute, refresh: 'r' };
const start = 1_000_000_000_000;

function some(key: OAuthProviderKey, refreshDays?: number): Tokens {
  const more = refreshDays === undefined ? {} : { refreshLifetime: refreshDays * dayMs };
  return tokensFrom(key, 'id', { ...granted, ...more }, start);
}

test('an access token is good until 5 minutes before its end, or half of a short life', () => {
  const short = { ...some('own'), accessEndsAt: start + 4 * minute };
  const rows = [
    [some('own'), 0, true],
    [some('own'), 55 * minute - 1, true],
    [some('own'), 55 * minute, false],
    [some('own'), -1, false],
    [short, 2 * minute - 1, true],
    [short, 2 * minute, false],
  ] as const;
  for (const [tokens, after, fresh] of rows) assert.equal(isFresh(tokens, start + after), fresh);
});

test('a renewal keeps what was not replaced', () => {
  const now = start + 10 * dayMs;
  const next = { access: 'b', lifetime: minute };
  const kept = renewed(some('own', 30), next, now);
  assert.deepEqual(kept, {
    ...some('own', 30),
    ...{ access: 'b', gotAt: now, accessEndsAt: now + minute },
  });
  const replaced = renewed(some('own', 30), { ...next, refresh: 's' }, now);
  assert.equal(replaced.refreshEndsAt, undefined, 'an end is that of one refresh token');
  assert.equal(replaced.refreshGotAt, now);
  const told = renewed(some('own', 30), { ...next, refreshLifetime: dayMs }, now);
  assert.equal(told.refreshEndsAt, now + dayMs);
});

test('how old a sign-in is', () => {
  const rows = [
    // Tokens, after so many days: dying, worth using.
    [some('own'), 10_000, 'no', false],
    [some('microsoft'), 44, 'no', false],
    [some('microsoft'), 46, 'no', true],
    [some('microsoft'), 82.9, 'no', true],
    [some('microsoft'), 83, 'soon', true],
    [some('microsoft'), 89, 'now', true],
    [some('microsoft'), 95, 'now', true],
    [some('google', 7), 4.6, 'no', true],
    [some('google', 7), 4.7, 'soon', true],
    [some('google', 7), 6.1, 'now', true],
    [some('google'), 172, 'no', true],
  ] as const;
  for (const [tokens, days, dying, shouldRenew] of rows) {
    const age = ageOf(tokens, start + days * dayMs);
    assert.deepEqual([age.dying, age.shouldRenew], [dying, shouldRenew], `${days} days`);
  }
});

test('tokens are read as they were written, and nothing else is', () => {
  const withServer = { ...some('own'), server: 'https://sign-in.example/token' };
  assert.deepEqual(parseTokens(formatTokens(withServer)), withServer);
  for (const tokens of [some('google'), some('own', 3)]) {
    assert.deepEqual(parseTokens(formatTokens(tokens)), tokens);
    for (const name of Object.keys(some('own'))) {
      assert.equal(parseTokens(JSON.stringify({ ...tokens, [name]: undefined })), undefined, name);
    }
  }
  for (const text of ['', 'null', '[]', '5', '{']) assert.equal(parseTokens(text), undefined);
  assert.equal(
    parseTokens(formatTokens({ ...some('own'), provider: 'toString' as 'own' })),
    undefined,
  );
});

test('a secret, alone or in the JSON that Google gives', () => {
  assert.equal(clientSecretIn(' s3cret\n'), 's3cret');
  assert.equal(clientSecretIn('{"installed":{"client_secret":"GOCSPX-x"}}'), 'GOCSPX-x');
  assert.equal(clientSecretIn('{"web":{}}'), '{"web":{}}');
  assert.equal(clientSecretIn('null'), 'null');
});

test('no file of another kind is told to a token endpoint as a secret', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'client-secret-'));
  const secretFile = join(folder, 'secret');
  const https = 'https://sign-in.example/';
  const own = { client: 'c', token: https, device: https, scope: 'mail', secretFile };
  const none = { client: '', token: '' };
  const providers = new SetProviders(() => ({ microsoft: none, google: none, own }));
  const deviceKey = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 89 + 40) % 256));
  for (const bad of [deviceKey, 'two\nlines', '', '\u00fcber']) {
    await writeFile(secretFile, bad);
    const answer = await providers.provider('own');
    assert.equal(answer.ok ? '' : answer.error.code, 'bad-file', JSON.stringify(bad));
    if (!answer.ok)
      assert.match(answer.error.say, /secret \(setting oauth\.own\.secret\) holds no/);
  }
  await writeFile(secretFile, 'right one\n');
  const answer = await providers.provider('own');
  assert.equal(answer.ok && answer.value.secret, 'right one');
  await rm(folder, { recursive: true });
});

const denials: readonly (readonly [
  OAuthProviderKey,
  'sign-in' | 'renewal',
  string,
  string,
  RegExp,
])[] = [
  ['microsoft', 'sign-in', 'authorization_declined', '', /declined at Microsoft/],
  ['google', 'sign-in', 'access_denied', '', /declined at Google/],
  ['own', 'sign-in', 'expired_token', '', /ran out/],
  ['microsoft', 'renewal', 'invalid_client', 'AADSTS7000218: The request', /public client flows/],
  ['microsoft', 'sign-in', 'unauthorized_client', 'AADSTS700016: no', /oauth\.microsoft\.client/],
  ['google', 'sign-in', 'invalid_request', 'client_secret is missing.', /oauth\.google\.secret/],
  ['google', 'sign-in', 'invalid_client', 'The OAuth client was not found.', /google\.client/],
  ['own', 'sign-in', 'invalid_scope', '', /does not let this OAuth client send/],
  ['google', 'sign-in', 'invalid_grant', 'Bad Request', /Begin the sign-in anew/],
  ['google', 'renewal', 'invalid_grant', 'Token has been expired or revoked.', /7 days/],
  ['microsoft', 'renewal', 'invalid_grant', 'AADSTS50173: x', /has ended the sign-in/],
  ['microsoft', 'renewal', 'interaction_required', '', /Sign in anew/],
  ['own', 'sign-in', 'unsupported_grant_type', '', /oauth\.own\.\*/],
  ['own', 'renewal', 'odd_thing', 'Moon is full', /\(odd_thing\)\. It said: Moon is full/],
  ['own', 'sign-in', 'odd_thing', '', /refused the sign-in \(odd_thing\)\.$/],
];

for (const [key, attempt, error, text, words] of denials) {
  test(`in words: ${key} ${attempt} ${error} ${text}`, () => {
    const trouble = deniedWords(provider(key), attempt, { error, text });
    assert.match(trouble.say, words);
    assert.equal(trouble.kind, 'sign-in');
  });
}

test('unreachable, in words', () => {
  const rows = [
    ['ENOTFOUND', true, /The name a\.example:99 was not found\. Is the box online\?/],
    ['EHOSTUNREACH', true, /no way to a\.example/],
    ['ETIMEDOUT', true, /did not answer in time/],
    ['CERT_HAS_EXPIRED', true, /out of date/],
    ['CERT_HAS_EXPIRED', false, /The box's clock is wrong/],
    ['CERT_NOT_YET_VALID', false, /The box's clock is wrong/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', true, /nobody the box trusts/],
    ['EWHATEVER', true, /could not be spoken with \(EWHATEVER\)/],
  ] as const;
  for (const [code, sane, words] of rows) {
    const trouble = unreachableWords(
      { name: 'Google' },
      'https://a.example:99/x',
      { code, detail: '' },
      sane,
    );
    assert.match(trouble.say, words);
    assert.equal(trouble.kind, 'unreachable');
  }
});

const outlook = (...scopes: string[]) =>
  scopes.map((scope) => `https://outlook.office.com/${scope}`).join(' ');

const lacks: readonly (readonly [provider: OAuthProviderKey, scope: string | undefined, string])[] =
  [
    ['microsoft', outlook('SMTP.Send'), 'imap pop3'],
    ['microsoft', outlook('smtp.send', 'IMAP.AccessAsUser.All'), 'pop3'],
    ['microsoft', outlook('SMTP.Send', 'IMAP.AccessAsUser.All', 'POP.AccessAsUser.All'), ''],
    ['microsoft', undefined, ''],
    ['google', 'https://mail.google.com/', ''],
    ['google', 'https://www.googleapis.com/auth/gmail.send', 'smtp imap pop3'],
    ['own', 'anything', ''],
  ];

for (const [key, scope, lacking] of lacks) {
  test(`${key} granted ${scope}: no use for ${lacking || 'nothing'}`, () => {
    const uses = (['smtp', 'imap', 'pop3'] as const).filter((use) =>
      lackOf({ provider: key, ...(scope === undefined ? {} : { scope }) }, use),
    );
    assert.equal(uses.join(' '), lacking);
  });
}

test('what was granted is kept with the tokens, and a renewal tells of it anew', () => {
  const first = { access: 'at', lifetime: 60_000, refresh: 'rt' };
  const old = tokensFrom('microsoft', 'id', first, 0);
  assert.equal(old.scope, undefined);
  const told = renewed(old, { ...first, scope: outlook('SMTP.Send') }, 1);
  assert.deepEqual(parseTokens(formatTokens(told)), told);
  assert.match(
    lackOf(told, 'imap')?.say ?? '',
    /does not allow collecting by IMAP\. Sign in anew\.$/,
  );
  assert.equal(renewed(told, first, 2).scope, outlook('SMTP.Send'));
});
