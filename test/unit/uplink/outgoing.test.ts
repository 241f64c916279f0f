/*
 * A kept message as it goes out: octets, size, and what it asks of the server; whatever its length,
 * its line ends and the places where chunks are cut.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok, trouble } from '#base/result';
import type { AccountId, MessageId, QueuedId, QueuedRecipientId } from '#mail/ids';
import type { QueueItem } from '#mail/queue/queue';
import { type ChunkReference, chunkOctets, type Store } from '#mail/store/store';
import { OutgoingLetters } from '#uplink/outgoing';
import type { Letter } from '#uplink/ways';

/** A store with one message, that counts what is read and may fail from some chunk on. */
class OneMessage implements Pick<Store, 'read'> {
  readonly octets: Buffer;
  readonly asked: number[] = [];
  failsFrom = Number.POSITIVE_INFINITY;
  /** Octets that are missing at the end. */
  short = 0;

  constructor(octets: Buffer) {
    this.octets = octets;
  }

  async read(chunks: readonly ChunkReference[]) {
    this.asked.push(...chunks.map(({ chunk }) => chunk));
    if (chunks.some(({ chunk }) => chunk >= this.failsFrom)) {
      return failed(trouble('failing' as const, 'The disk reports errors.', 'EIO'));
    }
    const kept = this.octets.subarray(0, this.octets.length - this.short);
    return ok(
      chunks.map(({ chunk }) => kept.subarray(chunk * chunkOctets, (chunk + 1) * chunkOctets)),
    );
  }
}

const recipient = {
  id: 1 as QueuedRecipientId,
  address: 'bob@example.net',
  ...{ due: 0, attempts: 0, doubt: false, delayTold: false, last: '' },
};
const transaction = { recipients: [recipient] };

function itemOf(octets: Buffer, more: Partial<QueueItem> = {}): QueueItem {
  return {
    id: 1 as QueuedId,
    message: 1 as MessageId,
    name: 'abc',
    sender: 'ann@example.org',
    account: 1 as AccountId,
    via: 'ann@example.org',
    ...{ queuedAt: 0, born: 0, octets: octets.length, canonical: true },
    recipients: [recipient],
    ...more,
  };
}

const everything = new Set(['8BITMIME', 'SMTPUTF8', 'SIZE']);

async function letterOf(
  store: OneMessage,
  more: Partial<QueueItem> = {},
  extensions: ReadonlySet<string> = everything,
): Promise<Letter> {
  const letter = await new OutgoingLetters(store).letter(itemOf(store.octets, more), transaction, {
    extensions,
  });
  assert.ok(letter.ok);
  return letter.value;
}

async function sent(letter: Letter): Promise<string> {
  assert.equal(letter.kind, 'ready');
  if (letter.kind !== 'ready') return '';
  const pieces: Buffer[] = [];
  for await (const piece of letter.octets()) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
}

const head =
  'Return-Path: <ann@restante.local>\r\nFrom: Ann <ann@restante.local>\r\nSubject: x\r\n';
const rewrite = { from: ['ann@restante.local'], to: 'ann.with.a.long.name@example.org' };
const line = `${'y'.repeat(77)}\r\n`;

const bodies: Record<string, string> = {
  none: '',
  'a line': '\r\nHello\r\n',
  'one chunk to the octet': filled(chunkOctets),
  'an octet more than a chunk': filled(chunkOctets + 1),
  'two chunks': filled(2 * chunkOctets),
  'seven chunks and a bit': filled(7 * chunkOctets + 4711),
};

function filled(octets: number): string {
  const room = octets - head.length - 4;
  return `\r\n${line.repeat(Math.ceil(room / line.length)).slice(-room, -2)}\r\n\r\n`;
}

for (const [name, body] of Object.entries(bodies)) {
  for (const known of [undefined, rewrite]) {
    test(`goes out whole: ${name}${known ? ', From rewritten' : ''}`, async () => {
      const store = new OneMessage(Buffer.from(head + body));
      const letter = await letterOf(store, known ? { rewrite: known } : {});
      const from = known ? known.to : 'ann@restante.local';
      const expected = `From: Ann <${from}>\r\nSubject: x\r\n${body}`;
      assert.equal(await sent(letter), expected);
      assert.equal(letter.kind === 'ready' && letter.size, expected.length);
      // It can be sent again: another transaction, another connection.
      assert.equal(await sent(letter), expected);
      assert.equal(store.asked.filter((chunk) => chunk === 0).length, 1);
    });
  }
}

test('bare line ends go out as CR LF, the last one is added, and the size is told', async () => {
  const store = new OneMessage(Buffer.from('Return-Path: <>\nFrom: a@b\r\n\nx\ry\n.\nend'));
  const letter = await letterOf(store, { canonical: false });
  assert.equal(await sent(letter), 'From: a@b\r\n\r\nx\r\ny\r\n.\r\nend\r\n');
  assert.equal(letter.kind === 'ready' && letter.size, 27);
});

test('a long message with bare line ends is estimated, and not refused for an estimate', async () => {
  const octets = Buffer.from(`Return-Path: <>\n\n${'123456789\n'.repeat(20_000)}`);
  const facts = { extensions: everything, largest: 100_000 };
  const store = new OneMessage(octets);
  const letters = new OutgoingLetters(store);
  const item = itemOf(octets, { canonical: false });
  const letter = await letters.letter(item, transaction, facts);
  assert.ok(letter.ok && letter.value.kind === 'ready');
  const whole = await sent(letter.value);
  assert.equal(whole.length, 2 + 20_000 * 11);
  const wrong = Math.abs(letter.value.size - whole.length) / whole.length;
  assert.ok(wrong < 0.1, `${wrong}`);
});

test('no more than four chunks are held, and those are read in pairs', async () => {
  const store = new OneMessage(Buffer.from(head + filled(7 * chunkOctets)));
  const letter = await letterOf(store);
  assert.deepEqual(store.asked, [0]);
  assert.ok(letter.kind === 'ready');
  const stream = letter.octets();
  const pieces = stream[Symbol.asyncIterator]();
  await pieces.next();
  assert.ok(store.asked.length <= 5, String(store.asked));
  stream.destroy();
});

test('a message that is lost is a trouble; one that breaks off is an error of the stream', async () => {
  const store = new OneMessage(Buffer.from(head + filled(3 * chunkOctets)));
  const letters = new OutgoingLetters(store);
  const item = itemOf(store.octets);
  const facts = { extensions: everything };
  store.short = store.octets.length;
  const lost = await letters.letter(item, transaction, facts);
  assert.equal(!lost.ok && `${lost.error.code} ${lost.error.temporary}`, 'lost false');
  store.short = 1;
  const short = await letters.letter(item, transaction, facts);
  assert.ok(short.ok);
  await assert.rejects(sent(short.value), /no longer be read/);
  store.short = 0;
  store.failsFrom = 1;
  await assert.rejects(sent(short.value), /The disk reports errors/);
  store.failsFrom = 0;
  const failing = await letters.letter(item, transaction, facts);
  assert.equal(!failing.ok && failing.error.temporary, true);
});

interface Row {
  readonly name: string;
  readonly message: string;
  readonly item?: Partial<QueueItem>;
  readonly offers?: string;
  /** 'utf8', '8bit', both, or the status of the obstacle. */
  readonly becomes: string;
}

const late = `${head}${filled(2 * chunkOctets)}ü\r\n`;
const clean = head + filled(2 * chunkOctets);
const rows: readonly Row[] = [
  { name: 'ASCII', message: `${head}\r\nx\r\n`, becomes: '' },
  // Seen to be seven bits, whatever was declared.
  {
    name: 'ASCII, declared 8BITMIME',
    message: `${head}\r\n`,
    item: { body: '8bitmime' },
    becomes: '',
  },
  { name: 'an umlaut', message: `${head}\r\nü\r\n`, becomes: '8bit' },
  {
    name: 'an umlaut, declared 7bit',
    message: `${head}\r\nü\r\n`,
    item: { body: '7bit' },
    becomes: '8bit',
  },
  { name: 'an umlaut far behind', message: late, becomes: '8bit' },
  { name: 'a long message, nothing declared', message: clean, becomes: '8bit' },
  { name: 'a long message, declared 7bit', message: clean, item: { body: '7bit' }, becomes: '' },
  {
    name: 'a long message in seven bits, no 8BITMIME',
    message: clean,
    offers: 'SIZE',
    becomes: '',
  },
  { name: 'an umlaut far behind, no 8BITMIME', message: late, offers: 'SIZE', becomes: '5.6.3' },
  { name: 'an umlaut, no 8BITMIME', message: `${head}\r\nü\r\n`, offers: 'SIZE', becomes: '5.6.3' },
  { name: 'UTF-8', message: `${head}To: ü@x\r\n\r\n`, item: { utf8: true }, becomes: '8bit utf8' },
  {
    name: 'UTF-8 in the head, no SMTPUTF8',
    message: `${head}To: ü@x\r\n\r\n`,
    item: { utf8: true },
    offers: '8BITMIME',
    becomes: '5.6.9',
  },
  {
    name: 'UTF-8 declared and not needed',
    message: `${head}\r\n`,
    item: { utf8: true },
    offers: '8BITMIME',
    becomes: 'utf8',
  },
  {
    name: 'a foreign sender',
    message: `${head}\r\n`,
    item: { sender: 'ännchen@x.example' },
    becomes: 'utf8',
  },
  {
    name: 'a foreign sender, no SMTPUTF8',
    message: `${head}\r\n`,
    item: { sender: 'ännchen@x.example' },
    offers: '8BITMIME',
    becomes: '5.6.7',
  },
];

for (const { name, message, item, offers, becomes } of rows) {
  test(`needs of: ${name}`, async () => {
    const extensions = offers === undefined ? everything : new Set(offers.split(' '));
    const store = new OneMessage(Buffer.from(message));
    const letter = await letterOf(store, item, extensions);
    if (letter.kind === 'cannot') {
      assert.equal(letter.status, becomes);
      return;
    }
    const needs = [letter.eightBit ? '8bit' : '', letter.utf8 ? 'utf8' : ''];
    assert.equal(needs.filter((need) => need !== '').join(' '), becomes);
  });
}
