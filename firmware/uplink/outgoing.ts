/*
 * A queued message as the octets that go to a provider: read from the store a few chunks ahead,
 * with CR LF line ends, without our Return-Path, and with the From that the account is known by.
 * The first chunk is read before the envelope is sent, for it nearly always holds the header
 * section: then the size is exact, and what the header section needs is known. Dots are stuffed
 * elsewhere.
 */
import { isAscii } from 'node:buffer';
import { Readable } from 'node:stream';
import { failed, ok, type Result, trouble } from '#base/result';
import type { MessageId } from '#mail/ids';
import { Canonical } from '#mail/message/canonical';
import { OutgoingHeader } from '#mail/message/outgoing-header';
import type { QueueItem } from '#mail/queue/queue';
import { chunkOctets, type Store, type StoreTrouble } from '#mail/store/store';
import type { UplinkFacts } from './connection.ts';
import { type Nature, obstacle } from './obstacle.ts';
import { onWire } from './smtp-uplink.ts';
import type { Transaction } from './transactions.ts';
import type { Letter, Letters } from './ways.ts';

/** Chunks of one read; with the read that comes, a connection holds twice as many: 256 KiB. */
const chunksAhead = 2;

type Kept = Pick<QueueItem, 'message' | 'octets' | 'canonical' | 'rewrite'>;
type Reading = Pick<Store, 'read'>;

export class OutgoingLetters implements Letters {
  readonly #store: Reading;

  constructor(store: Reading) {
    this.#store = store;
  }

  async letter(
    item: QueueItem,
    transaction: Transaction,
    facts: UplinkFacts,
  ): Promise<Result<Letter, StoreTrouble>> {
    const store = this.#store;
    const read = await readChunks(store, item, 0, 1);
    if (!read.ok) return read;
    const [first = Buffer.alloc(0)] = read.value;
    const addresses = [item.sender, ...transaction.recipients.map(({ address }) => address)];
    const beginning = beginningOf(item, first);
    const matters = !facts.extensions.has('8BITMIME');
    const eightBit = await this.#eightBit(item, first, beginning, matters);
    if (!eightBit.ok) return eightBit;
    const utf8 = item.utf8 === true;
    const nature: Nature = { ...beginning, addresses, utf8, eightBit: eightBit.value };
    const stands = obstacle(facts, nature);
    if (stands !== undefined) return ok({ kind: 'cannot', ...stands });
    return ok({
      kind: 'ready',
      size: nature.size,
      // RFC 6152 §3: what may hold such octets is declared; a sender that said 7bit is believed
      // unless it was seen to err.
      eightBit: nature.eightBit ?? item.body !== '7bit',
      // RFC 6531 §3.4
      utf8: utf8 || addresses.some((address) => /[^\0-\x7f]/.test(onWire(address, facts))),
      octets: () => {
        const octets = beginning.whole ?? octetsOf(store, item, first);
        return Readable.from(octets, { objectMode: false });
      },
    });
  }

  /** Are there octets above 127? The whole message is read only where it matters. */
  async #eightBit(
    item: QueueItem,
    first: Buffer,
    { eightBit }: Beginning,
    matters: boolean,
  ): Promise<Result<boolean | undefined, StoreTrouble>> {
    if (eightBit !== undefined || !matters) return ok(eightBit);
    for await (const read of chunks(this.#store, item, first)) {
      if (!read.ok) return read;
      if (!isAscii(read.value)) return ok(true);
    }
    return ok(false);
  }
}

interface Beginning extends Pick<Nature, 'size' | 'exact' | 'eightBit' | 'eightBitHeader'> {
  /** All octets that go out, when the first chunk holds them. */
  readonly whole?: Buffer;
}

/** What the first chunk tells of the whole. */
function beginningOf(item: Kept, first: Buffer): Beginning {
  const canonical = new Canonical();
  const header = new OutgoingHeader(item.rewrite);
  const octets = [header.update(canonical.update(first))];
  const isWhole = first.length === item.octets;
  if (isWhole) octets.push(header.update(canonical.end()), header.end());
  const eightBit = !isAscii(first) ? true : isWhole ? false : undefined;
  const eightBitHeader = header.eightBit;
  if (isWhole) {
    const whole = Buffer.concat(octets);
    return { size: whole.length, exact: true, eightBit, eightBitHeader, whole };
  }
  // Every bare CR or LF makes a message longer; RFC 1870 §6.1 takes an estimate for that.
  const exact = item.canonical && header.ended;
  const lineEnds = item.canonical ? 0 : Math.ceil(item.octets / 40);
  return { size: item.octets + header.growth + lineEnds, exact, eightBit, eightBitHeader };
}

async function* octetsOf(store: Reading, item: Kept, first: Buffer): AsyncGenerator<Buffer> {
  const canonical = item.canonical ? undefined : new Canonical();
  const header = new OutgoingHeader(item.rewrite);
  for await (const read of chunks(store, item, first)) {
    if (!read.ok) throw new Error(read.error.say);
    const octets = header.update(canonical?.update(read.value) ?? read.value);
    if (octets.length > 0) yield octets;
  }
  const rest = canonical === undefined ? [] : [header.update(canonical.end())];
  const last = Buffer.concat([...rest, header.end()]);
  if (last.length > 0) yield last;
}

/** All chunks, the next ones being read while these are used. */
async function* chunks(
  store: Reading,
  item: Kept,
  first: Buffer,
): AsyncGenerator<Result<Buffer, StoreTrouble>> {
  const count = Math.ceil(item.octets / chunkOctets);
  const from = (chunk: number) =>
    chunk < count ? readChunks(store, item, chunk, Math.min(chunksAhead, count - chunk)) : none;
  let next = from(1);
  yield ok(first);
  for (let at = 1; at < count; at += chunksAhead) {
    const read = await next;
    if (!read.ok) {
      yield read;
      return;
    }
    next = from(at + chunksAhead);
    for (const chunk of read.value) yield ok(chunk);
  }
}

const none = Promise.resolve(ok<Buffer[]>([]));

/** Chunks of a message; one that is not there or too short is a message that was lost. */
async function readChunks(
  store: Reading,
  { message, octets }: { readonly message: MessageId; readonly octets: number },
  from: number,
  count: number,
): Promise<Result<Buffer[], StoreTrouble>> {
  const wanted = Array.from({ length: count }, (_, index) => ({ message, chunk: from + index }));
  const read = await store.read(wanted);
  if (!read.ok) return read;
  const found = read.value.map((one) => Buffer.from(one.buffer, one.byteOffset, one.length));
  for (const [index, { chunk }] of wanted.entries()) {
    const length = Math.min(chunkOctets, octets - chunk * chunkOctets);
    if (found[index]?.length !== length) {
      const say = 'The message can no longer be read from the disk.';
      return failed(trouble('lost', say, `chunk ${chunk} of message ${message}`, false));
    }
  }
  return ok(found);
}
