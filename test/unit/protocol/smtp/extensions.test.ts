/* Advertised equals accepted: each word of EHLO's answer works, each other is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TlsFacts } from '#protocol/session';
import { House } from '../../../support/house.ts';
import { RecordedWire } from '../../../support/recorded-wire.ts';
import { protocol } from '../../../transcripts/smtp/protocol.ts';

type Ask = (line: string) => Promise<string>;

interface Case {
  readonly role: 'relay' | 'submission';
  readonly place: 'loopback' | 'local' | 'far';
  readonly tls: boolean;
  readonly certificate: boolean;
  readonly signedIn: boolean;
  readonly recoverable: boolean;
}

async function open(facts: Case): Promise<{ ask: Ask; words: Map<string, string> }> {
  const house = new House();
  await house.given('account ann', undefined);
  if (facts.recoverable) await house.given("ann's password is recoverable", undefined);
  house.settings.set('smtp.role', facts.role);
  house.certificate = facts.certificate;
  const wire = new RecordedWire();
  const session = protocol(house).open(wire, { ...house.peer, place: facts.place });
  const tls: TlsFacts | undefined = facts.tls ? House.tls : undefined;
  await session.greet(tls);
  const ask: Ask = async (line) => {
    wire.takeSent();
    await session.receive(Buffer.from(`${line}\r\n`));
    return wire.takeSent().toString();
  };
  await ask('EHLO a.example');
  if (facts.signedIn) assert.match(await ask(`AUTH PLAIN ${plain}`), /^235 /);
  const answer = (await ask('EHLO a.example')).trimEnd().split('\r\n').slice(1);
  const words = new Map(
    answer.map((line) => {
      const [word = '', ...rest] = line.slice(4).split(' ');
      return [word, rest.join(' ')];
    }),
  );
  return { ask, words };
}

const plain = Buffer.from('\0ann\0tuna').toString('base64');

const cases: Case[] = [];
for (const role of ['relay', 'submission'] as const) {
  for (const place of ['loopback', 'local', 'far'] as const) {
    for (const tls of [false, true]) {
      for (const certificate of [false, true]) {
        for (const recoverable of [false, true]) {
          const base = { role, place, tls, certificate, recoverable };
          cases.push({ ...base, signedIn: false });
          const canSignIn = role === 'submission' && (tls || place === 'loopback');
          if (canSignIn) cases.push({ ...base, signedIn: true });
        }
      }
    }
  }
}

/** Begins a transaction that may say anything about senders; 250 or 530 mean the words were good. */
const understood = /^(250|530) /;

for (const facts of cases) {
  test(`EHLO tells the truth: ${JSON.stringify(facts)}`, async () => {
    const { ask, words } = await open(facts);
    const told = new Set(words.keys());

    assert.ok(told.delete('STARTTLS') === (facts.certificate && !facts.tls), 'STARTTLS');
    const mechanisms = new Set(words.get('AUTH')?.split(' ') ?? []);
    told.delete('AUTH');
    for (const name of ['PLAIN', 'LOGIN', 'SCRAM-SHA-256', 'CRAM-MD5', 'NTLM', 'XOAUTH2']) {
      const answer = await ask(`AUTH ${name}`);
      assert.equal(/^334 /.test(answer), mechanisms.has(name), `AUTH ${name}: ${answer}`);
      if (mechanisms.has(name)) await ask('*');
    }

    const sender = 'MAIL FROM:<ann@restante.local>';
    for (const [word, line] of [
      ['SIZE', `${sender} SIZE=1`],
      ['8BITMIME', `${sender} BODY=8BITMIME`],
      ['SMTPUTF8', `${sender} SMTPUTF8`],
      ['DSN', `${sender} RET=FULL ENVID=a`],
      ['BINARYMIME', `${sender} BODY=BINARYMIME`],
      ['DELIVERBY', `${sender} BY=60;R`],
      ['FUTURERELEASE', `${sender} HOLDFOR=60`],
      ['MT-PRIORITY', `${sender} MT-PRIORITY=1`],
      ['REQUIRETLS', `${sender} REQUIRETLS`],
    ] as const) {
      const answer = await ask(line);
      assert.equal(understood.test(answer), told.delete(word), `${line}: ${answer}`);
      await ask('RSET');
    }
    for (const [word, line, works] of [
      ['HELP', 'HELP', /^214/],
      ['ENHANCEDSTATUSCODES', 'NOOP', /^250 2\.\d\.\d /],
      ['PIPELINING', 'NOOP\r\nNOOP', /^250 .*\r\n250 .*\r\n$/],
      // Its octets are taken off the line, whatever the answer: the NOOP behind them is one.
      ['CHUNKING', 'BDAT 6\r\nFROB\r\nNOOP', /^503 .*\r\n250 .*\r\n$/],
      ['EXPN', 'EXPN family', /^2/],
      ['ETRN', 'ETRN example.org', /^2/],
      ['BURL', 'BURL imap://a LAST', /^2/],
      ['XCLIENT', 'XCLIENT ADDR=1.2.3.4', /^2/],
    ] as const) {
      const answer = await ask(line);
      assert.equal(works.test(answer), told.delete(word), `${word}: ${answer}`);
    }
    assert.deepEqual([...told], [], 'advertised, and not tried above');
  });
}
