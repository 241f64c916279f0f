/*
 * What every store must do, whatever it is made of. Called by store.test.ts for each adapter.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Result } from '#base/result';
import type { AccountId, EntryId, MailboxId, MessageId } from '#mail/ids';
import {
  chunkOctets,
  type Listing,
  type MailboxState,
  type ReportRequests,
  type Store,
} from '#mail/store/store';

export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  /** Makes an account with an empty INBOX. */
  account(): Promise<{ account: AccountId; inbox: MailboxId }>;
  /** Did the owner get this entry, as far as the store knows? Called after a commit. */
  unretrieved(account: AccountId): Promise<number>;
  /** What the sender of a message asked to be told. */
  requests(message: MessageId): Promise<ReportRequests | undefined>;
}

export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the store's contract`, () => {
    test('what is committed can be listed and read octet for octet', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      const octets = Buffer.from('Subject: one\r\n\r\nHello\r\n');
      await deliver(subject.store, octets, [inbox]);
      const { state, listing } = await look(subject.store, account);
      assert.equal(state.messages, 1);
      assert.equal(state.octets, octets.length);
      assert.equal(state.unretrieved, 1);
      assert.equal(listing.length, 1);
      assert.equal(listing.octets[0], octets.length);
      assert.match(listing.uniqueId(0), /^[\x21-\x7e]{1,70}$/);
      assert.deepEqual(await body(subject.store, listing, 0), octets);
    });

    for (const size of [
      0,
      1,
      127,
      chunkOctets - 1,
      chunkOctets,
      chunkOctets + 1,
      3 * chunkOctets,
    ]) {
      for (const kind of ['text', 'noise'] as const) {
        test(`a message of ${size} octets of ${kind} comes back as it came`, async () => {
          await using subject = await make();
          const { account, inbox } = await subject.account();
          const octets = kind === 'noise' ? randomBytes(size) : Buffer.alloc(size, 'mail text\r\n');
          await deliver(subject.store, octets, [inbox], 10_000);
          const { listing } = await look(subject.store, account);
          assert.ok((await body(subject.store, listing, 0)).equals(octets));
          const past = Math.ceil(size / chunkOctets) + 1;
          const beyond = take(
            await subject.store.read([{ message: messageAt(listing, 0), chunk: past }]),
          );
          assert.equal(beyond[0]?.length, 0);
        });
      }
    }

    test('sizes count what POP3 sends: bare CR and LF as CRLF, a last CRLF added', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      await deliver(subject.store, Buffer.from('a\nb\rc\r\nd'), [inbox]);
      await deliver(subject.store, Buffer.from('.dot\r\n'), [inbox]);
      const { state, listing } = await look(subject.store, account);
      assert.equal(listing.octets[0], 8);
      assert.equal(listing.wireOctets[0], 12);
      assert.deepEqual([...listing.shapes], [0, 3]);
      assert.equal(state.wireOctets, 12 + 6);
    });

    test('one message for several mailboxes has an entry and an id of its own in each', async () => {
      await using subject = await make();
      const ann = await subject.account();
      const bob = await subject.account();
      await deliver(subject.store, Buffer.from('To: both\r\n\r\n'), [ann.inbox, bob.inbox]);
      const anns = await look(subject.store, ann.account);
      const bobs = await look(subject.store, bob.account);
      assert.notEqual(anns.listing.uniqueId(0), bobs.listing.uniqueId(0));
      await subject.store.expunge(ann.inbox, entriesOf(anns.listing), () => true);
      assert.equal((await look(subject.store, ann.account)).state.messages, 0);
      assert.equal((await body(subject.store, bobs.listing, 0)).toString(), 'To: both\r\n\r\n');
    });

    test('uids grow, and neither uids nor unique-ids come twice', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      const seen = new Set<string>();
      let uidNext = 0;
      for (let round = 0; round < 3; round += 1) {
        await deliver(subject.store, Buffer.from(`round ${round}\r\n`), [inbox]);
        const { state, listing } = await look(subject.store, account);
        assert.ok(state.uidNext > uidNext);
        uidNext = state.uidNext;
        assert.ok(!seen.has(listing.uniqueId(0)));
        seen.add(listing.uniqueId(0));
        await subject.store.expunge(inbox, entriesOf(listing), () => true);
      }
    });

    test('a listing shows what was there before a uid, and no more', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      await deliver(subject.store, Buffer.from('first\r\n'), [inbox]);
      const { state } = await look(subject.store, account);
      await deliver(subject.store, Buffer.from('second\r\n'), [inbox]);
      const listing = take(await subject.store.listing(inbox, state.uidNext));
      assert.equal(listing.length, 1);
    });

    test('many deliveries at once are all there, once each', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      const texts = Array.from({ length: 100 }, (_, index) => `message ${index}\r\n`);
      await Promise.all(texts.map((text) => deliver(subject.store, Buffer.from(text), [inbox])));
      const { state, listing } = await look(subject.store, account);
      assert.equal(state.messages, 100);
      const found: string[] = [];
      for (let index = 0; index < listing.length; index += 1) {
        found.push((await body(subject.store, listing, index)).toString());
      }
      assert.deepEqual(found.sort(), texts.sort());
    });

    test('what the sender asked to be told is kept with the message', async () => {
      await using subject = await make();
      const { inbox } = await subject.account();
      const requests: ReportRequests = {
        sender: 'bob@example.org',
        envelopeId: 'QQ314159',
        recipients: [{ address: 'ann@restante.local', notify: ['success', 'failure'] }],
      };
      for (const asked of [requests, undefined]) {
        const incoming = subject.store.incoming();
        await incoming.write(Buffer.from('Subject: x\r\n\r\n'));
        const places = [{ mailbox: inbox, internalDate: 0 }];
        const { message } = take(
          await incoming.commit(places, asked === undefined ? {} : { requests: asked }),
        );
        assert.deepEqual(await subject.requests(message), asked);
      }
    });

    test('an abandoned message leaves nothing', async () => {
      await using subject = await make();
      const { account } = await subject.account();
      const incoming = subject.store.incoming();
      await incoming.write(randomBytes(chunkOctets * 3));
      await incoming.abandon();
      await incoming.abandon();
      assert.equal((await look(subject.store, account)).state.messages, 0);
    });

    test('expunging takes out what is named and nothing else, and the counters follow', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      for (const text of ['a', 'b', 'c']) {
        await deliver(subject.store, Buffer.from(`${text}\r\n`), [inbox]);
      }
      const { listing } = await look(subject.store, account);
      const middle = [listing.entries[1] as EntryId];
      take(await subject.store.expunge(inbox, middle, () => true));
      const after = await look(subject.store, account);
      assert.equal(after.state.messages, 2);
      assert.equal(after.state.octets, 6);
      assert.equal(after.listing.uniqueId(0), listing.uniqueId(0));
      assert.equal(after.listing.uniqueId(1), listing.uniqueId(2));
    });

    test('a session that lost its right deletes nothing', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      await deliver(subject.store, Buffer.from('kept\r\n'), [inbox]);
      const { listing } = await look(subject.store, account);
      const result = await subject.store.expunge(inbox, entriesOf(listing), () => false);
      assert.equal(result.ok ? 'deleted' : result.error.code, 'lost');
      assert.equal((await look(subject.store, account)).state.messages, 1);
    });

    test('what its owner retrieved is noted with the next commit', async () => {
      await using subject = await make();
      const { account, inbox } = await subject.account();
      await deliver(subject.store, Buffer.from('one\r\n'), [inbox]);
      const { listing } = await look(subject.store, account);
      subject.store.noteRetrieved(inbox, entriesOf(listing));
      await deliver(subject.store, Buffer.from('two\r\n'), [inbox]);
      assert.equal(await subject.unretrieved(account), 1);
    });

    test('a message that is gone is said to be lost', async () => {
      await using subject = await make();
      const result = await subject.store.read([{ message: 987654 as MessageId, chunk: 0 }]);
      assert.equal(result.ok ? 'read' : result.error.code, 'lost');
      const inbox = await subject.store.inbox(987654 as AccountId);
      assert.equal(inbox.ok ? 'found' : inbox.error.code, 'lost');
    });
  });
}

export async function deliver(
  store: Store,
  octets: Buffer,
  mailboxes: readonly MailboxId[],
  piece = octets.length || 1,
): Promise<void> {
  const incoming = store.incoming();
  for (let at = 0; at < octets.length; at += piece) {
    await incoming.write(octets.subarray(at, at + piece));
  }
  const internalDate = Date.UTC(2026, 10, 23);
  take(await incoming.commit(mailboxes.map((mailbox) => ({ mailbox, internalDate }))));
}

export async function look(
  store: Store,
  account: AccountId,
): Promise<{ state: MailboxState; listing: Listing }> {
  const state = take(await store.inbox(account));
  const listing = take(await store.listing(state.mailbox, state.uidNext));
  return { state, listing };
}

export async function body(store: Store, listing: Listing, index: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let chunk = 0; ; chunk += 1) {
    const [octets] = take(await store.read([{ message: messageAt(listing, index), chunk }]));
    if (octets === undefined || octets.length === 0) return Buffer.concat(pieces);
    pieces.push(octets);
  }
}

export function entriesOf(listing: Listing): EntryId[] {
  return [...listing.entries] as EntryId[];
}

export function take<T>(result: Result<T>): T {
  if (!result.ok) assert.fail(JSON.stringify(result.error));
  return result.value;
}

function messageAt(listing: Listing, index: number): MessageId {
  return listing.messages[index] as MessageId;
}
