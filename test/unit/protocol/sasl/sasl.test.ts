/* SASL: the RFCs' own examples, the exchange's lines, and what must be refused. */
import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { failed, ok, type Result, refusal } from '#base/result';
import type { Identity, ScramRecord, SignIn } from '#mail/accounts/accounts';
import type { AccountId } from '#mail/ids';
import { decodeBase64 } from '../../../../firmware/protocol/sasl/base64.ts';
import {
  Exchange,
  type ExchangeStep,
  longestResponse,
} from '../../../../firmware/protocol/sasl/exchange.ts';
import {
  type MechanismName,
  mechanismNames,
  offeredMechanisms,
} from '../../../../firmware/protocol/sasl/mechanism.ts';
import { SeededRandom } from '../../../support/seeded-random.ts';

const hostName = 'restante.local';
const context = { session: 's1', address: '192.0.2.1', protocol: 'smtp' };

/** One user as in RFC 7677 §3, with a second password. */
class OneUser implements SignIn {
  readonly #salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
  readonly #passwords: readonly (readonly [string, string])[];
  readonly login: string;

  constructor(login = 'user', password = 'pencil') {
    this.login = login;
    this.#passwords = [
      ['main', password],
      ['phone', 'abcd-efgh'],
    ];
  }

  async withPassword(login: string, password: string): Promise<Result<Identity>> {
    const found = this.#passwords.find((each) => each[1] === password);
    return this.#answer(login, found?.[0]);
  }

  async withSecret(login: string, proves: (secret: string) => boolean): Promise<Result<Identity>> {
    const found = this.#passwords.find((each) => proves(each[1]));
    return this.#answer(login, found?.[0]);
  }

  scramRecord(login: string): ScramRecord {
    const keys = login === this.login ? this.#passwords.map(this.#keys, this) : [];
    return { salt: this.#salt, rounds: 4096, keys };
  }

  async scramDone(login: string, password: string | undefined): Promise<Result<Identity>> {
    return this.#answer(login, password);
  }

  #answer(login: string, password: string | undefined): Result<Identity> {
    if (login !== this.login || password === undefined) {
      return failed(refusal('password', 'The name or the password is wrong'));
    }
    return ok({ account: 1 as AccountId, login, password });
  }

  #keys([name, password]: readonly [string, string]) {
    const salted = pbkdf2Sync(password, this.#salt, 4096, 32, 'sha256');
    const clientKey = createHmac('sha256', salted).update('Client Key').digest();
    const storedKey = createHash('sha256').update(clientKey).digest();
    const serverKey = createHmac('sha256', salted).update('Server Key').digest();
    return { password: name, storedKey, serverKey };
  }
}

/** Gives RFC 7677's server nonce, which is not base64 of anything. */
const nonceOfTheRfc = {
  octets: (count: number) =>
    Object.assign(Buffer.alloc(count), { toString: () => '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0' }),
};

function exchange(offered: readonly MechanismName[] = mechanismNames, login?: string): Exchange {
  const ports = { signIn: new OneUser(login), random: new SeededRandom(), hostName };
  return new Exchange(ports, context, offered);
}

const b64 = (text: string) => Buffer.from(text).toString('base64');
const plain = (step: ExchangeStep) =>
  step.kind === 'challenge' ? Buffer.from(step.text, 'base64').toString() : step.kind;
const code = (step: ExchangeStep) => (step.kind === 'failed' ? step.failure.code : step.kind);

test('the example of RFC 7677, word for word', async () => {
  const ports = { signIn: new OneUser(), random: nonceOfTheRfc, hostName };
  const talk = new Exchange(ports, context, mechanismNames);
  const first = await talk.start('SCRAM-SHA-256', b64('n,,n=user,r=rOprNGfwEbeRWgbNEkqO'));
  assert.equal(
    plain(first),
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  );
  const last = await talk.line(
    b64(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
        'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    ),
  );
  assert.equal(plain(last), 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
  assert.deepEqual(await talk.line(''), {
    kind: 'done',
    identity: { account: 1, login: 'user', password: 'main' },
  });
});

/** A SCRAM client, with places to go wrong in. */
async function scram(
  password: string,
  { header = 'n,,', user = 'n=user', wrong = (final: string) => final, login = 'user' } = {},
): Promise<ExchangeStep> {
  const talk = exchange(mechanismNames, login);
  assert.equal(plain(await talk.start('scram-sha-256')), '');
  const bare = `${user},r=clientnonce`;
  const first = await talk.line(b64(`${header}${bare}`));
  if (first.kind !== 'challenge') return first;
  const server = plain(first);
  const [nonce = '', salt = '', rounds = ''] = server.split(',').map((field) => field.slice(2));
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest();
  const without = wrong(`c=${b64(header)},r=${nonce}`);
  const signature = createHmac('sha256', storedKey).update(`${bare},${server},${without}`).digest();
  const proof = clientKey.map((octet, i) => octet ^ (signature[i] ?? 0));
  const last = await talk.line(b64(`${without},p=${Buffer.from(proof).toString('base64')}`));
  return last.kind === 'challenge' ? talk.line('') : last;
}

test('SCRAM finds out which of the passwords it was', async () => {
  for (const [password, name] of [
    ['pencil', 'main'],
    ['abcd-efgh', 'phone'],
  ] as const) {
    const step = await scram(password);
    assert.equal(step.kind === 'done' && step.identity.password, name);
  }
  assert.equal(code(await scram('wrong')), 'password');
  assert.equal(code(await scram('pencil', { user: 'n=bob' })), 'password');
});

test('SCRAM headers: what is taken and what is refused', async () => {
  const rows: [Parameters<typeof scram>[1], string][] = [
    [{ header: 'y,,' }, 'done'],
    [{ header: 'n,a=user,' }, 'done'],
    [{ header: 'n,a=USER,' }, 'done'],
    [{ header: 'n,a=bob,' }, 'authzid'],
    [{ header: 'n,a=,' }, 'done'],
    [{ header: 'n,a==,' }, 'malformed'],
    [{ header: 'n,a=' }, 'malformed'],
    [{ header: 'p=tls-unique,,' }, 'malformed'],
    [{ header: 'x,,' }, 'malformed'],
    [{ header: 'n,' }, 'malformed'],
    [{ user: 'm=ext,n=user' }, 'malformed'],
    [{ user: 'user' }, 'malformed'],
    [{ user: 'n=' }, 'malformed'],
    [{ user: 'n=us=er' }, 'malformed'],
    [{ user: 'n=us=2cer' }, 'malformed'],
    [{ user: 'n=a=2Cb=3Dc', login: 'a,b=c' }, 'done'],
    [{ user: 'n=jürgen', login: 'jürgen' }, 'done'],
    [{ wrong: (final) => `${final},x=extension` }, 'done'],
    [{ wrong: (final) => final.replace('c=biws', 'c=eSws') }, 'malformed'],
    [{ wrong: (final) => `${final}x` }, 'malformed'],
    [{ wrong: (final) => final.replace('r=', 'r=x') }, 'malformed'],
    [{ wrong: (final) => final.split(',').reverse().join(',') }, 'malformed'],
    [{ wrong: () => '' }, 'malformed'],
  ];
  for (const [how, wanted] of rows) {
    assert.equal(code(await scram('pencil', how)), wanted, JSON.stringify(how));
  }
});

test('SCRAM lines out of turn', async () => {
  const talk = exchange();
  await talk.start('SCRAM-SHA-256', b64('n,,n=user,r=abc'));
  assert.equal(code(await talk.line(b64('n,,n=user,r=abc'))), 'malformed');
  assert.equal(code(await talk.line(b64('n,,n=user,r=abc'))), 'malformed');
  assert.equal(code(await exchange().start('SCRAM-SHA-256', '=')), 'malformed');
  assert.equal(code(await exchange().start('SCRAM-SHA-256', b64('n,,n=user,r='))), 'malformed');
  assert.equal(code(await exchange().start('SCRAM-SHA-256', '/w==')), 'malformed');
});

test('PLAIN', async () => {
  const rows: [string, string][] = [
    ['\0user\0pencil', 'done'],
    ['user\0user\0pencil', 'done'],
    ['User\0user\0pencil', 'done'],
    ['bob\0user\0pencil', 'authzid'],
    ['\0user\0wrong', 'password'],
    ['\0user\0', 'malformed'],
    ['\0\0pencil', 'malformed'],
    ['user\0pencil', 'malformed'],
    ['\0user\0pen\0cil', 'malformed'],
    ['', 'malformed'],
  ];
  for (const [message, wanted] of rows) {
    const initial = message === '' ? '=' : b64(message);
    assert.equal(code(await exchange().start('PLAIN', initial)), wanted, JSON.stringify(message));
    const talk = exchange();
    assert.equal(plain(await talk.start('plain')), '');
    assert.equal(code(await talk.line(b64(message))), wanted, JSON.stringify(message));
  }
  const notUtf8 = Buffer.from('\0user\0pencil\xff', 'latin1').toString('base64');
  assert.equal(code(await exchange().start('PLAIN', notUtf8)), 'malformed');
});

test('LOGIN, with the name in the first line or behind the command', async () => {
  const talk = exchange();
  assert.equal(plain(await talk.start('LOGIN')), 'Username:');
  assert.equal(plain(await talk.line(b64('user'))), 'Password:');
  assert.equal(code(await talk.line(b64('pencil'))), 'done');
  const short = exchange();
  assert.equal(plain(await short.start('LOGIN', b64('user'))), 'Password:');
  assert.equal(code(await short.line(b64('wrong'))), 'password');
  assert.equal(code(await exchange().start('LOGIN', '=')), 'malformed');
});

/** A CRAM-MD5 client; `answer` makes its response of the name and the digest. */
async function cram(
  secret: string,
  answer = (digest: string) => Buffer.from(`user ${digest}`),
  login = 'user',
): Promise<ExchangeStep> {
  const talk = exchange(mechanismNames, login);
  const said = plain(await talk.start('CRAM-MD5'));
  assert.match(said, /^<[0-9a-f]{32}@restante\.local>$/);
  const digest = createHmac('md5', secret).update(said).digest('hex');
  return talk.line(answer(digest).toString('base64'));
}

test('the example of RFC 2195, word for word', async () => {
  const signIn = new OneUser('tim', 'tanstaaftanstaaf');
  const octets = () => Object.assign(Buffer.alloc(0), { toString: () => '1896.697170952' });
  const ports = { signIn, random: { octets }, hostName: 'postoffice.reston.mci.net' };
  const talk = new Exchange(ports, context, mechanismNames);
  const first = await talk.start('CRAM-MD5');
  assert.equal(plain(first), '<1896.697170952@postoffice.reston.mci.net>');
  const last = await talk.line('dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw');
  assert.deepEqual(last, {
    kind: 'done',
    identity: { account: 1, login: 'tim', password: 'main' },
  });
});

test('CRAM-MD5: whose answer is right, and what is no answer', async () => {
  const other = await cram('abcd-efgh');
  assert.equal(other.kind === 'done' && other.identity.password, 'phone');
  const rows: [string, (digest: string) => Buffer | string, string][] = [
    ['pencil', (digest) => `user ${digest}`, 'done'],
    ['wrong', (digest) => `user ${digest}`, 'password'],
    ['pencil', (digest) => `bob ${digest}`, 'password'],
    ['pencil', (digest) => `the user ${digest}`, 'password'],
    ['pencil', (digest) => `user ${digest.toUpperCase()}`, 'malformed'],
    ['pencil', (digest) => `user ${digest}0`, 'malformed'],
    ['pencil', (digest) => `user  ${digest.slice(1)}`, 'malformed'],
    ['pencil', (digest) => ` ${digest}`, 'malformed'],
    ['pencil', (digest) => digest, 'malformed'],
    ['pencil', (digest) => Buffer.from(`\xff ${digest}`, 'latin1'), 'malformed'],
    ['pencil', () => '', 'malformed'],
  ];
  for (const [secret, answer, wanted] of rows) {
    const step = await cram(secret, (digest) => Buffer.from(answer(digest)));
    assert.equal(code(step), wanted, String(answer));
  }
  const named = (digest: string) => Buffer.from(`Jürgen Groß ${digest}`);
  assert.equal(code(await cram('pencil', named, 'Jürgen Groß')), 'done');
});

test('CRAM-MD5: the server speaks first, and a challenge is good once', async () => {
  assert.equal(code(await exchange().start('CRAM-MD5', '=')), 'malformed');
  assert.equal(code(await exchange().start('CRAM-MD5', b64('user 00'))), 'malformed');
  const talk = exchange();
  const said = plain(await talk.start('CRAM-MD5'));
  const right = b64(`user ${createHmac('md5', 'pencil').update(said).digest('hex')}`);
  assert.equal(code(await talk.line(b64('user x'))), 'malformed');
  assert.equal(code(await talk.line(right)), 'malformed');
});

test('a star cancels, wherever a line is awaited', async () => {
  for (const name of mechanismNames) {
    const talk = exchange();
    assert.equal((await talk.start(name)).kind, 'challenge');
    assert.deepEqual(await talk.line('*'), { kind: 'cancelled' });
    assert.equal(code(await exchange().start(name, '*')), 'malformed');
  }
});

test('what is offered is accepted, and what is not is refused', async () => {
  const offers: [boolean, boolean, string][] = [
    [true, false, 'SCRAM-SHA-256 PLAIN LOGIN'],
    [false, false, 'SCRAM-SHA-256'],
    // Where passwords may be sent as they are, CRAM-MD5 would keep out those who cannot use it.
    [true, true, 'SCRAM-SHA-256 PLAIN LOGIN'],
    [false, true, 'SCRAM-SHA-256 CRAM-MD5'],
  ];
  for (const [plaintext, sharedSecrets, wanted] of offers) {
    assert.equal(offeredMechanisms({ plaintext, sharedSecrets }).join(' '), wanted);
  }
  const bare = offeredMechanisms({ plaintext: false, sharedSecrets: false });
  assert.equal(code(await exchange(bare).start('CRAM-MD5')), 'mechanism');
  assert.equal(code(await exchange(bare).start('SCRAM-SHA-256')), 'challenge');
  assert.equal(
    code(await exchange(bare).start('PLAIN', b64('\0user\0pencil'))),
    'encryption-needed',
  );
  assert.equal(code(await exchange(bare).start('LOGIN')), 'encryption-needed');
  assert.equal(code(await exchange().start('GSSAPI')), 'mechanism');
  assert.equal(code(await exchange().start('SCRAM-SHA-256-PLUS')), 'mechanism');
});

test('base64 is exactly base64', async () => {
  for (const [text, octets] of [
    ['', ''],
    ['Zg==', 'f'],
    ['Zm8=', 'fo'],
    ['Zm9v', 'foo'],
    ['Zm9vYg==', 'foob'],
  ] as const) {
    assert.equal(decodeBase64(text)?.toString(), octets);
  }
  for (const text of [
    'Zg',
    'Zg=',
    'Zg===',
    'Zm9v=',
    '=',
    'Zm 9v',
    'Zm9v ',
    'Zm9v\r',
    'Zm-_',
    'Zh==',
    'Z=g=',
  ]) {
    assert.equal(decodeBase64(text), undefined, JSON.stringify(text));
  }
  const long = exchange();
  await long.start('PLAIN');
  assert.equal(code(await long.line('A'.repeat(longestResponse + 4))), 'malformed');
});

test('no line makes an exchange throw', async () => {
  const random = new SeededRandom('fuzz');
  for (let round = 0; round < 3000; round++) {
    const talk = exchange();
    let step = await talk.start(random.pick(mechanismNames));
    for (let lines = 0; step.kind === 'challenge' && lines < 5; lines++) {
      const octets = random.octets(random.below(30));
      const piece = random.pick([
        'n,,n=user,r=',
        'c=biws,r=',
        ',p=',
        '\0user\0',
        'n,a=',
        '=2C',
        '',
      ]);
      step = await talk.line(b64(piece + octets.toString('latin1')));
    }
    assert.notEqual(step.kind, 'done');
  }
});
