/* What the house does with a message: the octets that came, below the fields it adds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Identity } from '#mail/accounts/accounts';
import type { AccountId } from '#mail/ids';
import type { Envelope, Origin, Recipient } from '#mail/intake';
import { LocalIntake } from '#mail/local-intake';
import { House } from '../../support/house.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const ann: Identity = { account: 1 as AccountId, login: 'ann', password: 'main' };
const relay: Origin = {
  session: 's1',
  address: '192.0.2.7',
  place: 'far',
  claimed: 'client.example',
  protocol: 'ESMTP',
  submission: false,
};
const submission: Origin = { ...relay, submission: true, identity: ann };

const eve: Recipient = {
  address: { local: 'eve', domain: 'example.org' },
  inboxes: [],
  departures: [
    { to: { local: 'eve', domain: 'example.org' }, account: ann.account, forwarded: false },
  ],
};
const family: Recipient = {
  address: { local: 'family', domain: 'restante.local' },
  inboxes: [],
  departures: [
    { to: { local: 'ann', domain: 'work.example' }, account: ann.account, forwarded: true },
  ],
};

async function stage() {
  const house = new House();
  await house.given('account ann', undefined);
  await house.given('account bob', undefined);
  const intake = new LocalIntake(house.intakeParts);
  const inbox = (login: string) => house.accounts.member(login).inbox;
  const to = { local: 'ann', domain: 'restante.local' };
  const envelope: Envelope = {
    sender: { local: 'bob', domain: 'example.org' },
    recipients: [{ address: to, inboxes: [inbox('ann')] }],
  };
  return { house, intake, envelope, inbox };
}

async function deliver(message: string, origin: Origin, size: number): Promise<string> {
  const { house, intake, envelope } = await stage();
  const opened = intake.open(envelope, origin);
  assert.ok(opened.ok);
  const octets = Buffer.from(message, 'latin1');
  for (let at = 0; at < octets.length; at += size) {
    const piece = Buffer.from(octets.subarray(at, at + size));
    await opened.value.write(piece);
    piece.fill(0x58);
  }
  const receipt = await opened.value.commit();
  assert.ok(receipt.ok);
  const [kept] = house.messages('ann');
  return kept?.octets.toString('latin1') ?? '';
}

/** The five lines of Return-Path and Received. */
const trace = /^Return-Path: <bob@example\.org>\r\nReceived: (?:.*\r\n\t){3}.*\r\n/;
const date = 'Date: Mon, 23 Nov 2026 09:00:00 \\+0000\\r\\n';
const messageId = 'Message-ID: <[0-9a-f]{32}@restante\\.local>\\r\\n';

test('a message from another host is kept octet for octet, whatever it is', async () => {
  const random = new SeededRandom('delivery');
  const pieces = ['Subject: x', '\r\n', '\r\n', '\n', '\r', '\0', '\xff', ':', ' ', 'Date: y', '.'];
  for (let round = 0; round < 300; round++) {
    let message = '';
    for (let i = random.below(12); i > 0; i--) message += random.pick(pieces);
    const kept = await deliver(message, relay, 1 + random.below(20));
    assert.match(kept, trace);
    assert.equal(kept.replace(trace, ''), message);
  }
});

const rows: [name: string, sent: string, kept: string][] = [
  ['both are there', 'Date: x\r\nMessage-ID: y\r\n\r\nb', 'Date: x\r\nMessage-ID: y\r\n\r\nb'],
  ['Date is missing', 'Message-ID: y\r\n\r\nb', `Message-ID: y\r\n${date}\r\nb`],
  ['Message-ID is missing', 'Date: x\r\n\r\nb', `Date: x\r\n${messageId}\r\nb`],
  ['both are missing', 'Subject: x\r\n\r\nb', `Subject: x\r\n${date}${messageId}\r\nb`],
  ['no body', 'Subject: x\r\n', `Subject: x\r\n${date}${messageId}`],
  ['no last line end', 'Subject: x', `Subject: x\r\n${date}${messageId}`],
  ['no header section', '\r\nb', `${date}${messageId}\r\nb`],
  ['only a body', 'Hello, all.\r\nBye', `${date}${messageId}\r\nHello, all.\r\nBye`],
  ['only a word', 'Hello', `${date}${messageId}\r\nHello`],
  ['nothing', '', `${date}${messageId}`],
];

for (const [name, sent, kept] of rows) {
  test(`submission: ${name}`, async () => {
    for (const size of [1, 2, 3, 7, 1000]) {
      const found = (await deliver(sent, submission, size)).replace(trace, '');
      assert.match(found, new RegExp(`^${kept}$`), `in pieces of ${size}`);
    }
  });
}

test('one message for all recipients, once in each inbox', async () => {
  const { house, intake, envelope, inbox } = await stage();
  const address = { local: 'everybody', domain: 'restante.local' };
  const everybody = { address, inboxes: [inbox('ann'), inbox('bob')] };
  const recipients = [...envelope.recipients, everybody, everybody];
  const opened = intake.open({ ...envelope, recipients }, relay);
  assert.ok(opened.ok);
  await opened.value.write(Buffer.from('Subject: x\r\n\r\n'));
  assert.ok((await opened.value.commit()).ok);
  assert.equal(house.messages('ann').length, 1);
  assert.equal(house.messages('bob').length, 1);
  assert.doesNotMatch(house.messages('bob')[0]?.octets.toString() ?? '', / for </);
});

test('a message larger than the room there is is refused before it comes', async () => {
  const { house, intake, envelope } = await stage();
  house.storeIs('the store is full');
  const opened = intake.open({ ...envelope, size: 1 }, relay);
  assert.ok(!opened.ok);
  assert.equal(opened.error.code, 'full');
});

for (const [claimed, written] of [
  ['client.example', 'client.example'],
  ['[192.0.2.7]', '[192.0.2.7]'],
  ['[IPv6:2001:db8::1]', '[IPv6:2001:db8::1]'],
  ['bücher.example', 'bücher.example'],
  ['SCANNER_2', 'SCANNER_2'],
  ['a b', 'unknown'],
  ['a(comment)', 'unknown'],
  ['x)\r\nBcc: y', 'unknown'],
  ['a;b', 'unknown'],
  ['<a>', 'unknown'],
  ['', 'unknown'],
] as const) {
  test(`a peer that calls itself ${JSON.stringify(claimed)} is written ${written}`, async () => {
    const kept = Buffer.from(await deliver('\r\n', { ...relay, claimed }, 9), 'latin1').toString();
    assert.match(kept, trace);
    assert.ok(kept.includes(`Received: from ${written} ([192.0.2.7])\r\n\tby restante.local`));
  });
}

test("a device's last message of the hour is one, however many connections began it", async () => {
  const { house, intake, envelope } = await stage();
  await house.given('device camera of ann at 192.168.1.50 with 1 an hour', undefined);
  const device = intake.device('192.168.1.50');
  assert.ok(device);
  const origin: Origin = { ...relay, place: 'local', submission: true, device };
  assert.deepEqual(intake.sender('null', origin), { ok: true, value: device.sender });
  assert.ok(intake.sender('null', origin).ok, 'another connection, at the same time');
  const one = intake.open(envelope, origin);
  const other = intake.open(envelope, origin);
  assert.deepEqual([one.ok, other.ok], [true, false]);
  assert.equal(other.ok ? '' : other.error.code, 'too-many');
});

test('who signed in before the account was removed sends nothing more, not even as nobody', async () => {
  const { intake } = await stage();
  const from = { local: 'ann', domain: 'restante.local' };
  assert.ok(intake.sender(from, submission).ok);
  assert.ok(intake.sender('null', submission).ok);
  const gone = { ...submission, identity: { ...ann, account: 77 as AccountId } };
  for (const sender of [from, 'null'] as const) {
    const refused = intake.sender(sender, gone);
    assert.ok(!refused.ok);
    assert.equal(refused.error.code, 'sign-in-first');
  }
});

test('what the sender asked to be told stays with the message (RFC 3461)', async () => {
  const { house, intake, envelope } = await stage();
  const [recipient] = envelope.recipients;
  assert.ok(recipient);
  const original = { type: 'rfc822', address: 'Ann@elsewhere.example' };
  const asked: Envelope = {
    ...envelope,
    id: 'QQ314159',
    reportWith: 'headers',
    recipients: [{ ...recipient, notices: { notify: ['failure', 'delay'], original } }],
  };
  for (const one of [asked, envelope]) {
    const opened = intake.open(one, relay);
    assert.ok(opened.ok);
    await opened.value.write(Buffer.from('Subject: x\r\n\r\n'));
    assert.ok((await opened.value.commit()).ok);
  }
  const kept = house.memory.lastRequests(2);
  assert.deepEqual(kept, [
    {
      sender: 'bob@example.org',
      envelopeId: 'QQ314159',
      reportWith: 'headers',
      recipients: [{ address: 'ann@restante.local', notify: ['failure', 'delay'], original }],
    },
    undefined,
  ]);
});

async function send(intake: LocalIntake, envelope: Envelope, message = 'Subject: x\r\n\r\n') {
  const opened = intake.open(envelope, submission);
  assert.ok(opened.ok);
  await opened.value.write(Buffer.from(message));
  return opened.value.commit();
}

test('the queue is woken after a commit that queued something, and by no other', async () => {
  const { house, intake, envelope } = await stage();
  assert.ok((await send(intake, envelope)).ok);
  assert.deepEqual([house.wakes, house.queue], [0, []]);
  house.storeIs('the store is full');
  const both = { ...envelope, recipients: [...envelope.recipients, eve] };
  house.store.health = () => house.memory.health();
  assert.ok(!(await send(intake, both)).ok);
  assert.deepEqual([house.wakes, house.queue], [0, []]);
  house.storeIs('the store works');
  const receipt = await send(intake, both);
  assert.ok(receipt.ok);
  assert.equal(house.wakes, 1);
  assert.deepEqual(
    house.noted.queued.map(({ name, sender }) => [name, sender]),
    [[receipt.value.id, 'bob@example.org']],
  );
  assert.equal(house.messages('ann').length, 2);
});

test('only what is to be forwarded has an id that the box knows again', async () => {
  const { house, intake, envelope } = await stage();
  const plain = await send(intake, { ...envelope, recipients: [eve] });
  const forwarded = await send(intake, { ...envelope, recipients: [family] });
  assert.ok(plain.ok && forwarded.ok);
  assert.ok(!house.forwardMark.isOurs(plain.value.id));
  assert.ok(house.forwardMark.isOurs(forwarded.value.id));
});

test('a message that came back is kept, whatever else its recipients are', async () => {
  const { house, intake, envelope, inbox } = await stage();
  const back = `Received: by x id ${house.forwardMark.make()}; Mon\r\n\r\n`;
  const everybody: Recipient = { ...family, inboxes: [inbox('bob')] };
  assert.ok((await send(intake, { ...envelope, recipients: [everybody, eve] }, back)).ok);
  assert.equal(house.messages('ann').length, 1);
  assert.equal(house.messages('bob').length, 1);
  // The sender wrote to her, so she is no forwarded copy.
  assert.deepEqual(house.queue, ['<bob@example.org> to eve@example.org by nothing yet']);
});

test('a message that nobody is left for is not taken', async () => {
  const { house, intake, envelope } = await stage();
  const gone = { to: { local: 'a', domain: 'b.example' }, account: 77 as AccountId };
  const alias = { ...family, departures: [{ ...gone, forwarded: true }] };
  for (const message of ['\r\n', `Received: by x id ${house.forwardMark.make()}; Mon\r\n\r\n`]) {
    const receipt = await send(intake, { ...envelope, recipients: [alias] }, message);
    assert.ok(!receipt.ok);
    assert.equal(receipt.error.kind === 'trouble' && receipt.error.temporary, true);
  }
});

test('a report of success names those who are here, and waits for nobody else', async () => {
  const { house, intake, envelope } = await stage();
  const sender = { local: 'bob', domain: 'restante.local' };
  const notices = { notify: ['success'] as const };
  const asking = [...envelope.recipients, eve].map((one) => ({ ...one, notices }));
  assert.ok((await send(intake, { ...envelope, sender, recipients: asking })).ok);
  const [report] = house.messages('bob');
  const said = report?.octets.toString() ?? '';
  assert.match(said, /Final-Recipient: rfc822; ?ann@restante\.local\r\n/);
  assert.doesNotMatch(said, /eve@/);
  assert.ok((await send(intake, { ...envelope, sender, recipients: asking.slice(1) })).ok);
  assert.equal(house.messages('bob').length, 1);
});

test('what senders asked is kept with a message for those who are here', async () => {
  const { house, intake, envelope } = await stage();
  const notices = { notify: [] };
  const asking = [...envelope.recipients, eve].map((one) => ({ ...one, notices }));
  assert.ok((await send(intake, { ...envelope, recipients: asking })).ok);
  assert.ok((await send(intake, { ...envelope, recipients: asking.slice(1) })).ok);
  const kept = house.memory.lastRequests(2);
  assert.deepEqual(
    kept.map((requests) => requests?.recipients.map(({ address }) => address)),
    [['ann@restante.local'], undefined],
  );
});
