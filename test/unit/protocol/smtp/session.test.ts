/* What transcripts cannot show: waiting, back-pressure, and what gets into the log. */
import assert from 'node:assert/strict';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { Log, type LogLine } from '#base/log';
import { ok } from '#base/result';
import type { Delivery, Intake, Receipt } from '#mail/intake';
import { Smtp } from '#protocol/smtp/smtp';
import type { SmtpTerms } from '#protocol/smtp/terms';
import { House } from '../../../support/house.ts';
import { RecordedWire } from '../../../support/recorded-wire.ts';

const terms: SmtpTerms = {
  role: 'relay',
  hostName: 'restante.local',
  domains: ['restante.local'],
  largestMessage: 1_000_000,
  mostRecipients: 100,
  idle: 300_000,
  plaintext: 'always',
  bareNewline: 'auto',
  sharedSecrets: false,
  certificate: true,
};

function stage(delivery: Delivery, changes: Partial<SmtpTerms> = {}) {
  const house = new House();
  const lines: LogLine[] = [];
  const intake: Intake = {
    device: () => undefined,
    sender: (from) => ok(from),
    recipient: (address) => ok({ address, inboxes: [] }),
    open: () => ok(delivery),
    unfinished() {},
  };
  const smtp = new Smtp('smtp', {
    intake,
    signIn: house.accounts,
    random: house.random,
    log: new Log(
      (line) => lines.push(line),
      house.clock,
      () => 'trace',
    ),
    flush: async () => ok({}),
    terms: () => ({ ...terms, ...changes }),
  });
  const wire = new RecordedWire();
  const session = smtp.open(wire, house.peer);
  const say = (text: string) => session.receive(Buffer.from(text));
  const heard = () => wire.takeSent().toString();
  return { house, session, say, heard, lines, smtp };
}

const envelope = 'HELO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\n';

test('250 is said when the commit is done, not before; and commands behind it wait', async () => {
  const commit = Promise.withResolvers<void>();
  const { session, say, heard } = stage({
    write() {},
    async commit() {
      await commit.promise;
      return ok<Receipt>({ id: 'x1' });
    },
    async abandon() {},
  });
  await session.greet(undefined);
  await say(`${envelope}DATA\r\n`);
  heard();
  const taken = say('Hello\r\n.\r\nQUIT\r\n');
  assert.ok(taken instanceof Promise);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(heard(), '');
  commit.resolve();
  await taken;
  assert.match(heard(), /^250 2\.0\.0 Safely stored as x1\r\n221 /);
});

test('while the house is slow the session takes no more, and loses nothing', async () => {
  let busy = false;
  let got = '';
  const { session, say, heard } = stage({
    async write(octets) {
      assert.equal(busy, false, 'written to while it was busy');
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      got += Buffer.from(octets).toString();
      busy = false;
    },
    async commit() {
      return ok<Receipt>({ id: 'x2' });
    },
    async abandon() {},
  });
  await session.greet(undefined);
  await say(`${envelope}DATA\r\n`);
  await say('one\r\n');
  await say('two\r\n..three\r\n.');
  await say('\r\nNOOP\r\n');
  assert.equal(got, 'one\r\ntwo\r\n.three\r\n');
  assert.match(heard(), /250 2\.0\.0 Safely stored as x2\r\n250 2\.0\.0 OK\r\n$/);
});

test('the house forgets a message once: on RSET between pieces, and when the line ends', async () => {
  let forgotten = 0;
  const delivery: Delivery = {
    write() {},
    async commit() {
      return ok<Receipt>({ id: 'x3' });
    },
    async abandon() {
      forgotten++;
    },
  };
  const pieces = stage(delivery);
  await pieces.session.greet(undefined);
  await pieces.say(`${envelope}BDAT 2\r\nabRSET\r\n`);
  assert.equal(forgotten, 1);
  await pieces.session.ended();
  assert.equal(forgotten, 1);

  const data = stage(delivery);
  await data.session.greet(undefined);
  await data.say(`${envelope}DATA\r\nHello\n.\n`);
  await data.session.ended();
  assert.equal(forgotten, 2);
  // The owner of a device that never ends its messages finds out from the log.
  assert.equal(data.lines.filter((line) => line.level === 'warn').length, 1);
});

test('a line that breaks behind a bare LF long past blames no device', async () => {
  const { session, say, lines } = stage({
    write() {},
    commit: async () => ok<Receipt>({ id: 'x5' }),
    async abandon() {},
  });
  await session.greet(undefined);
  await say(`${envelope}DATA\r\none\ntwo\r\nthr`);
  await session.ended();
  assert.deepEqual(
    lines.filter(({ say }) => /message/.test(say)).map(({ level, say }) => [level, say]),
    [['info', 'The connection ended in the middle of a message.']],
  );
});

test('a message may come in any number of pieces, but not of no octets for ever', async () => {
  let octets = 0;
  const { session, say, heard } = stage({
    write(piece) {
      octets += piece.length;
    },
    commit: async () => ok<Receipt>({ id: 'x4' }),
    async abandon() {},
  });
  await session.greet(undefined);
  await say(envelope);
  for (let i = 0; i < 1000; i++) await say('BDAT 3\r\nabc');
  await say('BDAT 0 LAST\r\n');
  assert.equal(octets, 3000);
  assert.match(heard(), /250 2\.0\.0 Safely stored as x4\r\n$/);
  await say(envelope.slice(8));
  for (let i = 0; i < 250; i++) await say('BDAT 0\r\n');
  assert.match(heard(), /421 4\.7\.0 .*\r\n$/);
});

test('more octets than anybody means are not waited for', async () => {
  const { session, say, heard } = stage({
    write() {},
    commit: () => assert.fail(),
    async abandon() {},
  });
  await session.greet(undefined);
  await say('EHLO a\r\nBDAT 99999999999\r\n');
  assert.match(heard(), /552 5\.3\.4 .*\r\n$/);
});

test('SCRAM-SHA-256 (RFC 7677): both sides prove that they know the password', async () => {
  const { house, session, say, heard } = stage(
    { write() {}, commit: () => assert.fail(), async abandon() {} },
    { role: 'submission', plaintext: 'never' },
  );
  await house.given('account ann', undefined);
  await session.greet(undefined);
  await say('EHLO a\r\n');
  heard();
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const answer = () => Buffer.from(heard().slice(4).trimEnd(), 'base64').toString();

  await say(`AUTH SCRAM-SHA-256 ${base64('n,,n=ann,r=nonce')}\r\n`);
  const challenge = answer();
  const [, nonce = '', salt = '', rounds = ''] = /^r=(.*),s=(.*),i=(.*)$/.exec(challenge) ?? [];
  assert.ok(nonce.startsWith('nonce') && nonce.length > 'nonce'.length);
  const salted = pbkdf2Sync('tuna', Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
  const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const clientKey = mac(salted, 'Client Key');
  const storedKey = createHash('sha256').update(clientKey).digest();
  const exchange = `n=ann,r=nonce,${challenge},c=biws,r=${nonce}`;
  const signature = mac(storedKey, exchange);
  const proof = clientKey.map((octet, i) => octet ^ (signature[i] ?? 0));
  const proven = `c=biws,r=${nonce},p=${Buffer.from(proof).toString('base64')}`;
  await say(`${base64(proven)}\r\n`);
  const server = mac(mac(salted, 'Server Key'), exchange).toString('base64');
  assert.equal(answer(), `v=${server}`);
  await say('\r\n');
  assert.match(heard(), /^235 2\.7\.0 Welcome, ann/);
});

test('ETRN (RFC 1985): more than anybody counts has begun to go', async () => {
  const { session, say, heard } = stage({
    write() {},
    commit: () => assert.fail(),
    async abandon() {},
  });
  await session.greet(undefined);
  await say('EHLO a\r\nETRN example.org\r\n');
  assert.match(heard(), /252 2\.0\.0 OK, pending messages for node example\.org started\r\n$/);
});

test('no password gets into the log', async () => {
  const { house, session, say, lines } = stage(
    { write() {}, commit: () => assert.fail(), async abandon() {} },
    { role: 'submission' },
  );
  await house.given('account ann with password swordfish', undefined);
  const plain = Buffer.from('\0ann\0swordfish').toString('base64');
  const [name, password] = ['ann', 'swordfish'].map((t) => Buffer.from(t).toString('base64'));
  await session.greet(undefined);
  // A program that goes on although it was refused, and then one that does it right.
  await say(`EHLO a\r\nAUTH PLAIN ${plain}x\r\nAUTH NTLM\r\n${name}\r\n${password}\r\n`);
  await say(`auth  login ${name}\r\n${password}\r\n`);
  const all = JSON.stringify(lines);
  assert.match(all, /235 2\.7\.0 Welcome, ann/);
  for (const secret of ['swordfish', plain, password ?? '']) {
    assert.ok(!all.includes(secret), `${secret} is in the log`);
  }
});

test('a message that never ends and is far too large ends the line', async () => {
  const { session, say, heard } = stage(
    { write() {}, commit: () => assert.fail(), async abandon() {} },
    { largestMessage: 1000 },
  );
  await session.greet(undefined);
  await say(`${envelope}DATA\r\n`);
  const piece = Buffer.alloc(1_048_576, 'x');
  for (let i = 0; i < 260; i++) await session.receive(piece);
  assert.match(heard(), /552 5\.3\.4 This message is much too large; closing\.\r\n$/);
});

test('a line that never ends, likewise', async () => {
  const { session, heard } = stage({
    write() {},
    commit: () => assert.fail(),
    async abandon() {},
  });
  await session.greet(undefined);
  for (let i = 0; i < 20; i++) await session.receive(Buffer.alloc(65_536, 'x'));
  assert.match(heard(), /421 4\.7\.0 That line does not end; closing\.\r\n$/);
});
