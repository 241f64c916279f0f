/*
 * Random histories of a source, with everything that can happen to it and to the box. The invariant:
 *
 *   at the end every distinct message is here exactly as often as a person would count it, which is
 *   as often as it ever lay in one folder at the same time.
 *
 * A history is known by its seed, so that one that fails can be played again.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectingHouse, day } from '../../support/collecting-house.ts';
import { type MemoryMessage, MemorySource } from '../../support/memory-upstream.ts';
import { SeededRandom } from '../../support/seeded-random.ts';

const histories = Number(process.env['HISTORIES'] ?? 400);
const onlySeed = process.env['SEED'];

class History {
  readonly #random: SeededRandom;
  readonly #house: CollectingHouse;
  readonly #severalFolders: boolean;
  /** How often each text ever lay in one folder. */
  readonly expected = new Map<string, number>();
  readonly told: string[] = [];
  #texts = 0;

  constructor(seed: string) {
    this.#random = new SeededRandom(seed);
    const protocol = this.#random.pick(['pop3', 'imap'] as const);
    this.#severalFolders = protocol === 'imap' && this.#random.below(3) === 0;
    this.#house = new CollectingHouse(new MemorySource(protocol), {
      keep: this.#random.pick([
        { kind: 'forever' },
        { kind: 'forever' },
        { kind: 'days', days: 0 },
        { kind: 'days', days: 3 },
      ] as const),
      folders: this.#severalFolders ? ['INBOX', 'Archive'] : [],
    });
    if (this.#severalFolders) this.#at.folder('Archive');
    this.#at.tops = this.#random.below(3) > 0;
  }

  get #at(): MemorySource {
    return this.#house.at;
  }

  get #folder() {
    const archive = this.#severalFolders && this.#random.below(2) === 0;
    const name = this.#at.protocol === 'pop3' ? '' : archive ? 'Archive' : 'INBOX';
    return { name, ...{ folder: this.#at.folder(name) } };
  }

  async play(): Promise<void> {
    for (let step = 0; step < 14; step++) {
      const chance = this.#random.below(100);
      if (chance < 38) this.#arrive();
      else if (chance < 48) this.#again();
      else if (chance < 58) await this.#deleteSome();
      else if (chance < 66) this.#renumber();
      else if (chance < 70) await this.#goBackInTime();
      else if (chance < 76) this.#repeatAnId();
      else if (chance < 81) this.#move();
      else if (chance < 85) this.#house.restart();
      else if (chance < 90) this.#house.clock.advance(2 * day);
      else await this.#round();
      if (this.#random.below(3) === 0) await this.#round();
    }
    await this.#wholeRound();
    await this.#wholeRound();
    this.#house.restart();
    await this.#wholeRound();
    const found = new Map<string, number>();
    for (const text of this.#house.mail) found.set(text, (found.get(text) ?? 0) + 1);
    assert.deepEqual(byName(found), byName(this.expected));
  }

  #tell(what: string): void {
    this.told.push(what);
  }

  #put(text: string): void {
    const { name, folder } = this.#folder;
    this.#at.put(text, { folder: name, ...this.#uid() });
    const count = folder.messages.filter(({ octets }) => octets.toString() === text).length;
    this.expected.set(text, Math.max(count, this.expected.get(text) ?? 0));
    this.#tell(`put ${text.length} into "${name}"`);
  }

  /** A POP3 server makes its ids of anything, and some give one again that is free by now. */
  #uid(): { uid?: string } {
    if (this.#at.protocol === 'imap') return {};
    const { messages, next } = this.#at.folder('');
    const used = `u${this.#random.below(next)}`;
    const isFree = !messages.some(({ uid }) => uid === used);
    return { uid: isFree && this.#random.below(3) === 0 ? used : `u${next}` };
  }

  #arrive(): void {
    for (let count = this.#random.below(4); count >= 0; count--) {
      this.#texts++;
      // No two have one size: an id that is used again for one of the same size shows nothing.
      this.#put(`Subject: ${this.#texts}\r\n\r\n${'x'.repeat(this.#texts)}`);
    }
  }

  /** One that lies there comes once more. */
  #again(): void {
    const { name, folder } = this.#folder;
    if (folder.messages.length === 0) return;
    const text = this.#random.pick(folder.messages).octets.toString();
    const count = folder.messages.filter(({ octets }) => octets.toString() === text).length + 1;
    this.#at.put(text, { folder: name, ...this.#uid() });
    this.expected.set(text, Math.max(count, this.expected.get(text) ?? 0));
    this.#tell(`again ${text.length} in "${name}"`);
  }

  /** By others, when all of it was collected. */
  async #deleteSome(): Promise<void> {
    await this.#wholeRound();
    const { folder } = this.#folder;
    folder.messages = folder.messages.filter(() => this.#random.below(3) > 0);
    this.#tell(`left ${folder.messages.map(({ octets }) => octets.length)}`);
  }

  /** Another UIDVALIDITY, or other unique-ids: invented anew, or the places in the mailbox. */
  #renumber(): void {
    const { folder } = this.#folder;
    folder.messages.sort(() => this.#random.below(3) - 1);
    const places = this.#random.below(2) === 0;
    for (const [index, message] of folder.messages.entries()) {
      const pop3 = this.#at.protocol === 'pop3';
      message.uid = pop3 && !places ? `r${this.#random.below(1e9)}` : `${index + 1}`;
    }
    folder.validity++;
    folder.next = folder.messages.length + 1;
    this.#tell(`renumber ${folder.messages.map(({ uid, octets }) => `${uid}=${octets.length}`)}`);
  }

  /** A backup is restored at the source: the last ones are gone, and their UIDs come again. */
  async #goBackInTime(): Promise<void> {
    if (this.#at.protocol === 'pop3') return;
    await this.#wholeRound();
    const { folder } = this.#folder;
    folder.messages.sort((one, other) => Number(one.uid) - Number(other.uid));
    folder.messages.splice(this.#random.below(folder.messages.length + 1));
    folder.next = Number(folder.messages.at(-1)?.uid ?? 0) + 1;
    folder.modseq = 1;
    this.#tell(`back to ${folder.next}`);
    // Outgrown before anybody looks, it could not be seen.
    await this.#wholeRound();
  }

  /** POP3: two different messages under one id. */
  #repeatAnId(): void {
    if (this.#at.protocol === 'imap') return;
    const { messages } = this.#at.folder('');
    if (messages.length < 2) return;
    const [one, other] = [this.#random.pick(messages), this.#random.pick(messages)];
    const taken = messages.filter(({ uid }) => uid === other.uid);
    if (taken.some(({ octets }) => octets.equals(one.octets))) return;
    one.uid = other.uid;
    this.#tell(`${one.octets.length} has the id ${one.uid} of ${other.octets.length}`);
  }

  /** The mailbox goes to another host, and perhaps to the other protocol. */
  #move(): void {
    if (this.#severalFolders) return;
    const before = this.#at.protocol;
    const messages = this.#at.folder(before === 'pop3' ? '' : 'INBOX').messages;
    const protocol = this.#random.pick(['pop3', 'imap'] as const);
    this.#at.protocol = protocol;
    const folder = this.#at.folder(protocol === 'pop3' ? '' : 'INBOX');
    folder.messages = messages.map((message, index): MemoryMessage => {
      return { ...message, uid: `${index + 1}` };
    });
    folder.next = messages.length + 1;
    const host = `host${this.#random.below(1e9)}.example`;
    this.#house.source = { ...this.#house.source, protocol, host };
    this.#tell(`move to ${protocol}`);
  }

  /** Perhaps cut, perhaps with a disk that fails, perhaps ended. */
  async #round(): Promise<void> {
    const kind = this.#random.below(4);
    const much = this.#random.below(1_200);
    if (kind === 1) this.#at.cutAfter = much;
    if (kind === 2) this.#house.writesLeft = much % 12;
    this.#at.removesThoughCut = this.#random.below(2) === 0;
    await this.#house.round();
    this.#at.cutAfter = undefined;
    this.#house.writesLeft = Number.POSITIVE_INFINITY;
    this.#tell(`round ${['', 'cut', 'disk', ''][kind]} ${much}: ${this.#house.mail.length} here`);
    if (this.#random.below(4) === 0) this.#house.restart();
  }

  async #wholeRound(): Promise<void> {
    await this.#house.rounds();
    this.#tell(`whole round: ${this.#house.mail.length} here`);
  }
}

/** Readable in an assertion: the length is the message. */
function byName(counts: Map<string, number>): Record<string, number> {
  const entries = [...counts].map(([text, count]) => [`${text.length}`.padStart(4, '0'), count]);
  return Object.fromEntries(entries.sort());
}

test(`${histories} histories of a source: every message is here as often as a person counts`, async () => {
  for (let index = 0; index < histories; index++) {
    const seed = onlySeed ?? `history ${index}`;
    const history = new History(seed);
    try {
      await history.play();
    } catch (error) {
      throw new Error(`SEED="${seed}":\n${history.told.join('\n')}\n`, { cause: error });
    }
    if (onlySeed !== undefined) return;
  }
});
