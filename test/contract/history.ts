/* What every keeper of histories must do, whatever it keeps them in. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type History, linesOfMessage, type MessageHistory } from '#mail/history/history';
import type { MailboxId, MessageId } from '#mail/ids';
import type { Store } from '#mail/store/store';
import { take } from './store.ts';

export interface HistoryUnderTest extends AsyncDisposable {
  readonly store: Store;
  readonly history: History;
  readonly inbox: MailboxId;
}

const ann = 'ann@restante.local';
const bob = 'bob@example.org';

export function historyContract(name: string, make: () => Promise<HistoryUnderTest>): void {
  describe(`${name} keeps the history's contract`, () => {
    test('it begins with the message, and lines are added', async () => {
      await using at = await make();
      const message = await begin(at, 'a1b2c3d4e5f6', [ann, bob]);
      at.history.note([message], 'fetched by POP3');
      at.history.note([message], 'shelved');
      const told = take(await at.history.of(message));
      assert.deepEqual(says(told), ['taken in', 'fetched by POP3', 'shelved']);
      assert.deepEqual(told?.addresses, [ann, bob]);
      assert.equal(told?.name, 'a1b2c3d4e5f6');
      assert.equal(told?.lines[0]?.at, 1_000);
      await begin(at, 'another', [bob]);
      assert.deepEqual(take(await at.history.of(message)), told, 'the same when it is on disk');
    });

    test('one note is a line of each message', async () => {
      await using at = await make();
      const one = await begin(at, 'one1', [ann]);
      const other = await begin(at, 'other2', [ann]);
      at.history.note([one, other], 'fetched by POP3');
      for (const message of [one, other]) {
        assert.deepEqual(says(take(await at.history.of(message))), ['taken in', 'fetched by POP3']);
      }
    });

    test('a message is found by its name, or by so much of it that only it is meant', async () => {
      await using at = await make();
      const one = await begin(at, 'abcd11', [ann]);
      const other = await begin(at, 'abcd22', [ann]);
      await begin(at, 'abcd221', [ann]);
      const byName = async (text: string) => take(await at.history.byName(text))?.message;
      assert.equal(await byName('abcd11'), one);
      assert.equal(await byName('abcd1'), one);
      assert.equal(await byName('abcd22'), other, 'a whole name goes before a beginning');
      assert.equal(await byName('abcd2'), undefined, 'two begin so');
      assert.equal(await byName('abcd113'), undefined);
      assert.equal(await byName(''), undefined);
      await begin(at, 'xyz9', [ann]);
      assert.equal(await byName('xyz'), undefined, 'too short');
      assert.notEqual(await byName('xyz9'), undefined);
    });

    test('the messages of an address, newest first, and of no other address', async () => {
      await using at = await make();
      const one = await begin(at, 'one1', [ann, bob]);
      await begin(at, 'two2', [`x${bob}`, `${bob}.example`]);
      const three = await begin(at, 'three3', [bob]);
      at.history.note([one], 'sent');
      const of = async (key: string, count: number) =>
        take(await at.history.ofAddress(key, count)).map(({ message }) => message);
      assert.deepEqual(await of(bob, 10), [three, one]);
      assert.deepEqual(await of(bob, 1), [three]);
      assert.deepEqual(await of('nobody@example.org', 10), []);
      assert.deepEqual(await of('', 10), []);
      const [, first] = take(await at.history.ofAddress(bob, 10));
      assert.deepEqual(says(first), ['taken in', 'sent']);
    });

    test('a message whose beginning is not known has lines all the same', async () => {
      await using at = await make();
      const message = 4_711 as MessageId;
      assert.equal(take(await at.history.of(message)), undefined);
      at.history.note([message], 'fetched by POP3');
      const told = take(await at.history.of(message));
      assert.deepEqual(says(told), ['fetched by POP3']);
      assert.deepEqual([told?.name, told?.addresses], ['', []]);
      await begin(at, 'another', [bob]);
      assert.deepEqual(take(await at.history.of(message)), told, 'the same when it is on disk');
    });

    test('a message keeps its first line and the last ones', async () => {
      await using at = await make();
      const message = await begin(at, 'long', [ann]);
      for (let line = 1; line <= 3 * linesOfMessage; line += 1) {
        at.history.note([message], `line ${line}`);
      }
      await begin(at, 'another', [bob]);
      const told = says(take(await at.history.of(message)));
      assert.equal(told.length, linesOfMessage);
      assert.equal(told[0], 'taken in');
      assert.equal(told[1], `line ${2 * linesOfMessage + 2}`);
      assert.equal(told.at(-1), `line ${3 * linesOfMessage}`);
    });
  });
}

export async function begin(
  { store, inbox }: Pick<HistoryUnderTest, 'store' | 'inbox'>,
  name: string,
  addresses: readonly string[],
): Promise<MessageId> {
  const incoming = store.incoming();
  await incoming.write(Buffer.from('Subject: told of\r\n\r\n'));
  const history = { name, addresses, say: 'taken in', at: 1_000 };
  const places = [{ mailbox: inbox, internalDate: 0 }];
  return take(await incoming.commit(places, { history })).message;
}

export function says(history: MessageHistory | undefined): string[] {
  return history?.lines.map(({ say }) => say) ?? [];
}
