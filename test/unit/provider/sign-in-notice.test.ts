/* Who is told that a sign-in needs a person, and in which words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Log } from '#base/log';
import { failed, ok, trouble } from '#base/result';
import type { AccountId } from '#mail/ids';
import type { Notice } from '#mail/notices';
import { type Concerned, tellOwners } from '#provider/sign-in-notice';
import { FakeClock } from '../../support/fake-clock.ts';

const [ann, bob] = [1 as AccountId, 2 as AccountId];
const uplink = (owners: readonly AccountId[]): Concerned => ({
  ...{ key: 'uplink 3', name: 'gmail', owners },
});
const source = (owners: readonly AccountId[]): Concerned => ({
  ...{ key: 'source 4', name: 'gmail-in', owners },
});

async function told(concerned: readonly Concerned[], kind: 'refused' | 'dying', full = false) {
  const letters: [AccountId | 'postmaster', Notice][] = [];
  const lines: string[] = [];
  const log = new Log((line) => void lines.push(line.say), new FakeClock());
  const tell = async (account: AccountId | 'postmaster', notice: Notice) => {
    letters.push([account, notice]);
    return full ? failed(trouble('full' as const, 'no room', '')) : ok(undefined);
  };
  await tellOwners({ notices: { tell }, log }, concerned, { kind, say: 'It ended.' });
  return { letters, lines };
}

test('one who sends and collects by it is told once, of both', async () => {
  const { letters } = await told([uplink([ann]), source([ann])], 'refused');
  assert.equal(letters.length, 1);
  const [, notice] = letters[0] ?? [];
  assert.equal(notice?.subject, 'Your mail box cannot sign in at gmail');
  const text = notice?.paragraphs.join(' ') ?? '';
  assert.match(text, /Mail waits in the box/);
  assert.match(text, /Nothing is collected from gmail-in until then/);
  assert.match(text, /restante uplink signin gmail"/);
  const dying = await told([uplink([ann]), source([ann])], 'dying');
  assert.match(dying.letters[0]?.[1].paragraphs[0] ?? '', /out through gmail.*from gmail-in/);
});

test('the account of a source is told with the commands of the source', async () => {
  const { letters } = await told([source([bob])], 'refused');
  const [to, notice] = letters[0] ?? [];
  assert.equal(to, bob);
  const text = notice?.paragraphs.join(' ') ?? '';
  assert.match(text, /restante source password gmail-in/);
  assert.match(text, /restante source test gmail-in/);
  assert.doesNotMatch(text, /uplink|Mail waits/);
  assert.match((await told([source([bob])], 'dying')).letters[0]?.[1].subject ?? '', /gmail-in/);
});

test('an uplink of nobody in particular is the postmaster’s, its source its account’s', async () => {
  const { letters } = await told([uplink([]), source([bob])], 'dying');
  assert.deepEqual(
    letters.map(([to]) => to),
    ['postmaster', bob],
  );
});

test('the log says when nobody could be told', async () => {
  const { lines } = await told([uplink([ann])], 'refused', true);
  assert.match(lines[0] ?? '', /Nobody could be told about the sign-in at gmail: no room/);
});
