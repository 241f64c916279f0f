/* The verbs of the web pages: who owns them, how set-up is opened, and what the flows ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInBox } from '#control/door';
import { parseCommand } from '#control/parse';
import { verbs } from '#control/verbs/table';
import { MemoryBox } from './memory-box.ts';

async function say(line: string, box: MemoryBox, secret?: string): Promise<string> {
  const parsed = parseCommand(line.split(' '), verbs);
  assert.ok(parsed.kind === 'command', line);
  const call = secret === undefined ? parsed.call : { ...parsed.call, secret };
  const answer = await runInBox(parsed.verb, call, box);
  if (!answer.ok) return `${answer.error.code}: ${answer.error.say}`;
  return parsed.verb.render(answer.value as never, call);
}

test('owner password sets it, and does not say it again', async () => {
  const box = new MemoryBox();
  const said = await say('owner password', box, 'correct horse');
  assert.equal(box.ownerPassword, 'correct horse');
  assert.doesNotMatch(said, /horse/);
});

test('setup open says where to go, and the code', async () => {
  const said = await say('setup open', new MemoryBox());
  assert.match(said, /^ {2}https:\/\/localhost:8443\/setup\?code=abcd-efgh$/m);
  assert.match(said, /The code is abcd-efgh\. It is good once/);
});

test('flows stay keeps them on, and lets them go', async () => {
  const box = new MemoryBox();
  assert.match(await say('flows stay --stay --why bell', box), /they stay on: bell/);
  assert.equal(box.staysBecause, 'bell');
  await say('flows stay', box);
  assert.equal(box.staysBecause, undefined);
});

test('status says where the pages are, and what to do while nobody owns them', async () => {
  const said = await say('status', new MemoryBox());
  assert.match(said, /Web pages +https:\/\/restante\.local\/; nobody owns them yet.*setup open/);
});
