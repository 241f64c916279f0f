/*
 * What every queue must do, whatever it is made of. Called by queue.test.ts for each adapter; mail
 * comes in by the store that the queue belongs to, as in life.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { History } from '#mail/history/history';
import type { AccountId, MailboxId, MessageId, UplinkId } from '#mail/ids';
import type { NewQueued, Outcome, Queue, QueuedRecipient, QueueItem } from '#mail/queue/queue';
import type { Along, Placement, Store } from '#mail/store/store';
import { entriesOf, look, take } from './store.ts';

export interface QueueUnderTest extends AsyncDisposable {
  readonly store: Store;
  readonly queue: Queue;
  readonly history: History;
  /** Makes an account with an empty INBOX. */
  account(): Promise<{ account: AccountId; inbox: MailboxId }>;
}

export const gmail = 1 as UplinkId;
export const relay = 2 as UplinkId;
const nobody = new Set<never>();
const octets = Buffer.from('Subject: out\r\n\r\nHello\r\n');

export function queueContract(name: string, make: () => Promise<QueueUnderTest>): void {
  describe(`${name} keeps the queue's contract`, () => {
    test('what goes out comes back as it was committed, with nothing in any mailbox', async () => {
      await using at = await make();
      const whole: NewQueued = {
        ...copy(['bob@example.org']),
        uplink: gmail,
        body: '8bitmime',
        utf8: true,
        reportWith: 'headers',
        envelopeId: 'QQ314159',
        rewrite: { from: ['ann@restante.local'], to: 'ann@gmail.example' },
        recipients: [
          {
            address: 'bob@example.org',
            notify: ['failure', 'delay'],
            original: { type: 'rfc822', address: 'bob@old.example' },
          },
          { address: '"o d d"@example.org' },
        ],
      };
      const { message } = await queue(at.store, [whole]);
      const [item, ...others] = await all(at.queue);
      assert.deepEqual(others, []);
      assert.ok(item);
      const { due, recipients, ...same } = whole;
      const fresh = { due, attempts: 0, doubt: false, delayTold: false, last: '' };
      assert.deepEqual(item, {
        ...same,
        id: item.id,
        message,
        octets: octets.length,
        canonical: true,
        recipients: recipients.map((recipient, index) => ({
          ...recipient,
          ...fresh,
          id: item.recipients[index]?.id,
        })),
      });
      assert.ok(await isThere(at.store, message));
    });

    test('one message goes out as several copies and lies in inboxes too', async () => {
      await using at = await make();
      const { account, inbox } = await at.account();
      const copies = [
        copy(['a@x.example', 'b@x.example'], { via: 'ann@y.example', uplink: gmail }),
        copy(['c@x.example'], { via: 'bob@y.example', sender: '' }),
      ];
      const { message } = await queue(at.store, copies, [inbox]);
      const items = await all(at.queue);
      assert.deepEqual(
        items.map((item) => [item.via, item.sender, item.uplink, addresses(item)]),
        [
          ['ann@y.example', 'ann@example.net', gmail, ['a@x.example', 'b@x.example']],
          ['bob@y.example', '', undefined, ['c@x.example']],
        ],
      );
      assert.equal((await look(at.store, account)).state.messages, 1);
      await record(at.queue, items.flatMap(ids).map(sent));
      assert.ok(await isThere(at.store, message), 'the inbox holds it');
    });

    test('a message for nobody is a bug', async () => {
      await using at = await make();
      await assert.rejects(queue(at.store, []));
    });

    test('a message stays as long as a recipient waits, whoever deletes it', async () => {
      await using at = await make();
      const { account, inbox } = await at.account();
      const { message } = await queue(at.store, [copy(['a@x.example', 'b@x.example'])], [inbox]);
      const { listing } = await look(at.store, account);
      take(await at.store.expunge(inbox, entriesOf(listing), () => true));
      assert.ok(await isThere(at.store, message));
      const [one, other] = ids(await only(at.queue));
      await record(at.queue, [sent(one), again(other, { due: 9 })]);
      assert.deepEqual(addresses(await only(at.queue)), ['b@x.example']);
      assert.ok(await isThere(at.store, message));
      await record(at.queue, [{ kind: 'ended', recipient: there(other) }]);
      assert.deepEqual(await all(at.queue), []);
      await at.store.inbox(account);
    });

    test('with its last copy a message goes that nothing else holds', async () => {
      await using at = await make();
      const { message } = await queue(at.store, [copy(['a@x.example']), copy(['b@x.example'])]);
      const [first, second] = await all(at.queue);
      await record(at.queue, ids(first).map(sent));
      assert.ok(await isThere(at.store, message));
      await record(at.queue, ids(second).map(sent));
      assert.ok(!(await isThere(at.store, message)));
      assert.equal(take(await at.queue.last()), undefined);
    });

    test('due gives the soonest first, only those that are due, of that uplink', async () => {
      await using at = await make();
      await queue(at.store, [copy(['late@x.example'], { due: 300, uplink: gmail })]);
      await queue(at.store, [copy(['soon@x.example'], { due: 100, uplink: gmail })]);
      await queue(at.store, [copy(['other@x.example'], { due: 50, uplink: relay })]);
      await queue(at.store, [copy(['none@x.example'], { due: 50 })]);
      await queue(at.store, [copy(['b1@x.example', 'b2@x.example'], { due: 200, uplink: gmail })]);
      const due = async (until: number, count = 10, except: QueuedRecipient[] = []) => {
        const without = new Set(except.map(({ id }) => id));
        return take(await at.queue.due(gmail, until, count, without)).map(addresses);
      };
      const both = ['b1@x.example', 'b2@x.example'];
      assert.deepEqual(await due(99), []);
      assert.deepEqual(await due(100), [['soon@x.example']]);
      assert.deepEqual(await due(999), [['soon@x.example'], both, ['late@x.example']]);
      assert.deepEqual(await due(999, 2), [['soon@x.example'], both]);
      const [, item] = take(await at.queue.due(gmail, 999, 2, nobody));
      assert.ok(item);
      assert.deepEqual(await due(200, 9, item.recipients.slice(0, 1)), [
        ['soon@x.example'],
        ['b2@x.example'],
      ]);
      await record(at.queue, [again(item.recipients[0]?.id, { due: 500 })]);
      assert.deepEqual(await due(300), [['soon@x.example'], ['b2@x.example'], ['late@x.example']]);
      assert.deepEqual((await due(500))[1], both);
    });

    test('what an attempt came to is kept, and a doubt goes when the server answers', async () => {
      await using at = await make();
      await queue(at.store, [copy(['a@x.example', 'b@x.example', 'c@x.example'])]);
      const [a, b, c] = ids(await only(at.queue));
      take(await at.queue.doubt([a, b].map(there)));
      assert.deepEqual(
        (await only(at.queue)).recipients.map(({ doubt }) => doubt),
        [true, true, false],
      );
      await record(at.queue, [
        again(a, { due: 60, last: 'gmail answered 452' }),
        again(b, { due: 61, counts: false, doubtStays: true }),
        again(c, { due: 62, doubtStays: true }),
      ]);
      const item = await only(at.queue);
      assert.deepEqual(
        item.recipients.map(({ due, attempts, doubt, last }) => [due, attempts, doubt, last]),
        [
          [60, 1, false, 'gmail answered 452'],
          [61, 0, true, 'later'],
          [62, 1, false, 'later'],
        ],
      );
    });

    test('outcomes and their words for the history are one commit', async () => {
      await using at = await make();
      const { message } = await queue(at.store, [copy(['a@x.example', 'b@x.example'])]);
      const [a, b] = ids(await only(at.queue));
      take(
        await at.queue.record(
          [again(a, {}), sent(b)],
          [
            { message, say: 'gmail answered 452' },
            { message, say: 'sent' },
          ],
        ),
      );
      const told = take(await at.history.of(message));
      assert.deepEqual(
        told?.lines.map(({ say }) => say),
        ['gmail answered 452', 'sent'],
      );
    });

    test('a report takes its recipients out of the queue, in its own commit', async () => {
      await using at = await make();
      const { account, inbox } = await at.account();
      const { message } = await queue(at.store, [copy(['a@x.example', 'b@x.example'])]);
      const [a, b] = ids(await only(at.queue));
      await commit(at.store, [inbox], { delayTold: [a, b].map(there) });
      assert.deepEqual(
        (await only(at.queue)).recipients.map(({ delayTold }) => delayTold),
        [true, true],
      );
      await commit(at.store, [inbox], { ends: [there(a)] });
      assert.deepEqual(addresses(await only(at.queue)), ['b@x.example']);
      await commit(at.store, [inbox], { ends: [there(b)] });
      assert.deepEqual(await all(at.queue), []);
      assert.ok(!(await isThere(at.store, message)));
      assert.equal((await look(at.store, account)).state.messages, 3);
    });

    test('the list has filters, pages, and the recipients of a domain', async () => {
      await using at = await make();
      const ann = 7 as AccountId;
      const bob = 8 as AccountId;
      await queue(at.store, [
        copy(['a@x.example', 'b@Y.Example'], { account: ann, uplink: gmail }),
      ]);
      await queue(at.store, [copy(['c@y.example'], { account: bob, uplink: relay, name: 'c3d4' })]);
      await queue(at.store, [copy(['d@bücher.example'], { account: ann })]);
      const items = await all(at.queue);
      const [first, second, third] = items.map(({ id }) => id);
      assert.ok(first && second && third);
      assert.equal(take(await at.queue.last()), third);
      const list = async (filter: Parameters<Queue['list']>[0], count = 10) =>
        take(await at.queue.list(filter, count)).map(addresses);
      assert.deepEqual(await list({ uplink: gmail }), [['a@x.example', 'b@Y.Example']]);
      assert.deepEqual(await list({ account: ann, after: first }), [['d@bücher.example']]);
      assert.deepEqual(await list({ after: first, upTo: second }), [['c@y.example']]);
      assert.deepEqual(await list({ domain: 'y.example' }), [['b@Y.Example'], ['c@y.example']]);
      assert.deepEqual(await list({ domain: 'y.example' }, 1), [['b@Y.Example']]);
      assert.deepEqual(await list({ domain: 'xn--bcher-kva.example' }), [['d@bücher.example']]);
      assert.deepEqual(await list({ domain: 'example' }), []);
      assert.deepEqual(await list({ name: 'c3d4' }), [['c@y.example']]);
      assert.deepEqual(await list({ name: 'c3d' }), []);
      assert.deepEqual(await list({}, 2), [['a@x.example', 'b@Y.Example'], ['c@y.example']]);
    });

    test('what waits is summed up for each uplink', async () => {
      await using at = await make();
      const some = { due: 40, born: 30, queuedAt: 20 };
      await queue(at.store, [copy(['a@x.example', 'b@x.example'], { ...some, uplink: gmail })]);
      await queue(at.store, [copy(['c@x.example'], { due: 9, born: 99, uplink: gmail })]);
      await queue(at.store, [copy(['d@x.example'], some)]);
      const waiting = take(await at.queue.waiting());
      const sorted = waiting.toSorted((one, other) => (one.uplink ?? 0) - (other.uplink ?? 0));
      assert.deepEqual(sorted, [
        {
          ...{ uplink: undefined, messages: 1, recipients: 1, octets: octets.length },
          ...{ due: 40, oldest: 20, born: 30 },
        },
        {
          ...{ uplink: gmail, messages: 2, recipients: 3, octets: 2 * octets.length },
          ...{ due: 9, oldest: 20, born: 30 },
        },
      ]);
    });

    test('mail that no uplink serves is known, until it has one or is gone', async () => {
      await using at = await make();
      const unserved = async () => take(await at.queue.unserved());
      await queue(at.store, [copy(['a@x.example'], { via: 'bob@y.example', uplink: gmail })]);
      assert.equal(await unserved(), false);
      await queue(at.store, [copy(['b@x.example', 'c@x.example'], { via: 'ann@y.example' })]);
      assert.equal(await unserved(), true);
      take(await at.queue.assign(['ann@y.example'], gmail));
      assert.equal(await unserved(), false);
      take(await at.queue.assign(['ann@y.example'], undefined));
      const mine = (await all(at.queue)).filter(({ uplink }) => uplink === undefined);
      await record(at.queue, mine.flatMap(ids).map(sent));
      assert.equal(await unserved(), false);
    });

    test('mail of an address goes by another uplink, or waits for one', async () => {
      await using at = await make();
      const ann = 'ann@y.example';
      await queue(at.store, [copy(['a@x.example'], { via: ann, uplink: gmail })]);
      await queue(at.store, [copy(['b@x.example'], { via: 'bob@y.example', uplink: gmail })]);
      await queue(at.store, [copy(['c@x.example'], { via: ann })]);
      assert.deepEqual(take(await at.queue.vias()), [
        { via: ann, account: 1, messages: 2 },
        { via: 'bob@y.example', account: 1, messages: 1 },
      ]);
      const due = async (uplink: UplinkId) =>
        take(await at.queue.due(uplink, 1_000, 10, nobody)).flatMap(addresses);
      take(await at.queue.assign([ann, 'nobody@y.example'], relay));
      assert.deepEqual(await due(relay), ['a@x.example', 'c@x.example']);
      assert.deepEqual(await due(gmail), ['b@x.example']);
      take(await at.queue.assign([ann], undefined));
      assert.deepEqual(await due(relay), []);
      assert.deepEqual(
        (await all(at.queue)).map(({ uplink }) => uplink),
        [undefined, gmail, undefined],
      );
    });

    test('the state is kept, and never lies behind what the rows prove', async () => {
      await using at = await make();
      const state = async () => take(await at.queue.state());
      assert.deepEqual(await state(), { held: false, box: 0, ageing: 0, wall: 0 });
      const saved = { held: true, box: 500, ageing: 400, wall: 1_000_000 };
      take(await at.queue.saveState(saved));
      assert.deepEqual(await state(), saved);
      await queue(at.store, [copy(['a@x.example'], { due: 560, born: 410 })]);
      assert.deepEqual(await state(), { held: true, box: 560, ageing: 410, wall: 1_000_060 });
      // What was tried is due in the future, which proves nothing.
      const [a] = ids(await only(at.queue));
      await record(at.queue, [again(a, { due: 99_999 })]);
      assert.deepEqual(await state(), { held: true, box: 510, ageing: 410, wall: 1_000_010 });
      take(await at.queue.saveState({ held: false, box: 600, ageing: 450, wall: 0 }));
      assert.deepEqual(await state(), { held: false, box: 600, ageing: 450, wall: 0 });
    });

    test('what is not there any more is no trouble', async () => {
      await using at = await make();
      const { inbox } = await at.account();
      await queue(at.store, [copy(['a@x.example'])]);
      const [a] = ids(await only(at.queue));
      await record(at.queue, [sent(a)]);
      await record(at.queue, [sent(a), again(a, {})]);
      take(await at.queue.doubt([there(a)]));
      await commit(at.store, [inbox], { ends: [there(a)] });
      assert.deepEqual(await all(at.queue), []);
      assert.deepEqual(take(await at.queue.due(gmail, 1_000, 1, nobody)), []);
      assert.deepEqual(take(await at.queue.waiting()), []);
    });
  });
}

export function copy(to: readonly string[], more: Partial<NewQueued> = {}): NewQueued {
  return {
    name: 'a1b2c3d4e5f6',
    sender: 'ann@example.net',
    account: 1 as AccountId,
    via: 'ann@example.net',
    queuedAt: Date.UTC(2026, 10, 23),
    due: 0,
    born: 0,
    recipients: to.map((address) => ({ address })),
    ...more,
  };
}

/** Takes a message in that goes out as these copies. */
export function queue(
  store: Store,
  queued: readonly NewQueued[],
  inboxes: readonly MailboxId[] = [],
): Promise<{ message: MessageId }> {
  return commit(store, inboxes, { queued });
}

async function commit(
  store: Store,
  inboxes: readonly MailboxId[],
  along: Along,
): Promise<{ message: MessageId }> {
  const incoming = store.incoming();
  await incoming.write(octets);
  const places: Placement[] = inboxes.map((mailbox) => ({ mailbox, internalDate: 0 }));
  return take(await incoming.commit(places, along));
}

export async function isThere(store: Store, message: MessageId): Promise<boolean> {
  const read = await store.read([{ message, chunk: 0 }]);
  return read.ok && Buffer.from(read.value[0] ?? []).equals(octets);
}

export async function all(queue: Queue): Promise<QueueItem[]> {
  return take(await queue.list({}, 100_000));
}

async function only(queue: Queue): Promise<QueueItem> {
  const [item, ...others] = await all(queue);
  assert.ok(item !== undefined && others.length === 0, 'there is one');
  return item;
}

type RecipientId = QueuedRecipient['id'];

export function ids(item: QueueItem | undefined): RecipientId[] {
  return item?.recipients.map(({ id }) => id) ?? [];
}

function there(id: RecipientId | undefined): RecipientId {
  assert.ok(id !== undefined);
  return id;
}

export function sent(recipient: RecipientId | undefined): Outcome {
  return { kind: 'sent', recipient: there(recipient) };
}

function again(
  recipient: RecipientId | undefined,
  more: Partial<Extract<Outcome, { kind: 'again' }>>,
): Outcome {
  const usual = { due: 0, counts: true, last: 'later' };
  return { kind: 'again', recipient: there(recipient), ...usual, ...more };
}

export async function record(queue: Queue, outcomes: readonly Outcome[]): Promise<void> {
  take(await queue.record(outcomes, []));
}

function addresses(item: QueueItem): string[] {
  return item.recipients.map(({ address }) => address);
}
