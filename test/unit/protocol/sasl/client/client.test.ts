/* SASL's client side: the RFC's own example, our own server, and servers that lie. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Random } from '#base/random';
import { deriveKeys } from '#mail/accounts/keys';
import type { AccountId, MailboxId } from '#mail/ids';
import { ClientExchange } from '#protocol/sasl/client/exchange';
import type { ClientMechanism, ClientStep } from '#protocol/sasl/client/mechanism';
import { ClientPlain } from '#protocol/sasl/client/plain';
import { ClientScram } from '#protocol/sasl/client/scram';
import { ClientXoauth2 } from '#protocol/sasl/client/xoauth2';
import { Exchange } from '#protocol/sasl/exchange';
import { mechanismNames } from '#protocol/sasl/mechanism';
import { SeededRandom } from '../../../../support/seeded-random.ts';
import { SmallHousehold } from '../../../../support/small-household.ts';

/** Gives the nonce of RFC 7677 §3. */
const nonceOfTheRfc: Random = {
  octets: (count) => Object.assign(Buffer.alloc(count), { toString: () => 'rOprNGfwEbeRWgbNEkqO' }),
};

const said = (step: ClientStep) =>
  step.kind === 'response' ? step.data.toString() : `stop: ${step.why}`;

const serverNonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const serverFirst = `r=${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

test('the example of RFC 7677, word for word', async () => {
  const scram = new ClientScram('user', 'pencil', nonceOfTheRfc);
  assert.equal(scram.first().toString(), 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
  assert.equal(
    said(await scram.step(Buffer.from(serverFirst))),
    `c=biws,r=${serverNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`,
  );
  assert.equal(scram.satisfied, false);
  assert.equal(said(await scram.step(Buffer.from(serverFinal))), '');
  assert.equal(scram.satisfied, true);
});

const firsts: readonly (readonly [string, RegExp])[] = [
  ['', /first server message/],
  [`m=x,${serverFirst}`, /first server message/],
  [`r=${serverNonce},s=,i=4096`, /first server message/],
  [`r=${serverNonce},s=*,i=4096`, /first server message/],
  [`r=${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==`, /first server message/],
  [`${serverFirst}x`, /first server message/],
  [serverFirst.replace('r=rOpr', 'r=Ropr'), /nonce/],
  [serverFirst.replace(serverNonce, 'rOprNGfwEbeRWgbNEkqO'), /nonce/],
  [serverFirst.replace('4096', '4095'), /4095 rounds/],
  [serverFirst.replace('4096', '1000001'), /1000001 rounds/],
  [serverFirst.replace('4096', '99999999999'), /first server message/],
  ['\xff', /UTF-8/],
];

for (const [first, why] of firsts) {
  test(`a server that begins with ${JSON.stringify(first)} is not answered`, async () => {
    const scram = new ClientScram('user', 'pencil', nonceOfTheRfc);
    scram.first();
    const step = await scram.step(Buffer.from(first, 'latin1'));
    assert.match(said(step), why);
    assert.equal(step.kind, 'stop');
  });
}

test('a server that does not know the password is found out', async () => {
  const finals = [
    'v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    'v=',
    'v=x',
    '',
    `x${serverFinal}`,
    'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95A==',
  ];
  for (const final of finals) {
    const scram = new ClientScram('user', 'pencil', nonceOfTheRfc);
    scram.first();
    await scram.step(Buffer.from(serverFirst));
    assert.match(said(await scram.step(Buffer.from(final))), /^stop: .*did not prove/, final);
    assert.equal(scram.satisfied, false);
  }
});

test("a server's error is let come as the protocol's own answer", async () => {
  const scram = new ClientScram('user', 'pencil', nonceOfTheRfc);
  scram.first();
  await scram.step(Buffer.from(serverFirst));
  assert.equal(said(await scram.step(Buffer.from('e=invalid-proof'))), '');
  assert.equal(scram.satisfied, false);
  assert.match(said(await scram.step(Buffer.from('v=x'))), /goes on after the end/);
});

test('XOAUTH2: the words, and an empty line to a challenge', () => {
  const xoauth2 = new ClientXoauth2('ann@example.org', 'ya29.x');
  assert.equal(xoauth2.first().toString(), 'user=ann@example.org\x01auth=Bearer ya29.x\x01\x01');
  assert.equal(said(xoauth2.step()), '');
});

test('an exchange: base64, a first word that waits for its challenge, nonsense', async () => {
  const plain = () => new ClientExchange(new ClientPlain('ann', 'tuna'));
  assert.equal(plain().initial(100), 'AGFubgB0dW5h');
  const late = plain();
  assert.equal(late.initial(5), undefined);
  assert.deepEqual(await late.answer('VXNlcm5hbWU6'), { kind: 'send', text: 'AGFubgB0dW5h' });
  assert.equal((await late.answer('')).kind, 'cancel');
  const scram = new ClientExchange(new ClientScram('ann', 'tuna', new SeededRandom()));
  scram.initial(100);
  assert.deepEqual(await scram.answer('not base64'), {
    kind: 'cancel',
    why: 'its challenge is not base64',
  });
});

/** A household with rounds enough for a client that is careful. */
async function household(login: string, password: string): Promise<SmallHousehold> {
  const people = new SmallHousehold();
  people.add(login, password, 1 as AccountId, 1 as MailboxId);
  const salt = Buffer.from('salt for all tests');
  const keys = { password: 'main', ...(await deriveKeys(password, salt, 4096)) };
  people.scramRecord = () => ({ salt, rounds: 4096, keys: [keys] });
  return people;
}

/** How our own server ends what this mechanism begins. */
async function talk(
  people: SmallHousehold,
  mechanism: ClientMechanism,
  room: number,
): Promise<string> {
  const context = { session: 's1', address: '127.0.0.1', protocol: 'pop3' };
  const ports = { signIn: people, random: new SeededRandom(), hostName: 'restante.local' };
  const server = new Exchange(ports, context, mechanismNames);
  const client = new ClientExchange(mechanism);
  let step = await server.start(client.name, client.initial(room));
  while (step.kind === 'challenge') {
    const answer = await client.answer(step.text);
    if (answer.kind === 'cancel') return `cancelled: ${answer.why}`;
    step = await server.line(answer.text);
  }
  return `${step.kind}${client.satisfied ? '' : ', not satisfied'}`;
}

for (const [login, password] of [
  ['ann', 'tuna'],
  ['a,b=c', 'with spaces, = and ,'],
  ['jürgen', 'pässwörd'],
] as const) {
  test(`our own server takes it from ${login}`, async () => {
    const people = await household(login, password);
    for (const room of [0, 255]) {
      const plain = (secret: string) => new ClientPlain(login, secret);
      const scram = (secret: string) => new ClientScram(login, secret, new SeededRandom('client'));
      assert.equal(await talk(people, plain(password), room), 'done');
      assert.equal(await talk(people, plain('wrong'), room), 'failed');
      assert.equal(await talk(people, scram(password), room), 'done');
      assert.equal(await talk(people, scram('wrong'), room), 'failed, not satisfied');
    }
  });
}
