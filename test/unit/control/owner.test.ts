/* The verbs of the web pages: who owns them, how set-up is opened, and what the flows ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBox } from './memory-box.ts';
import { say } from './typed-words.ts';

test('owner password sets it, and does not say it again', async () => {
  const box = new MemoryBox();
  const said = await say(box, 'owner password', 'correct horse');
  assert.equal(box.ownerPassword, 'correct horse');
  assert.doesNotMatch(said, /horse/);
});

test('setup open says where to go, and the code', async () => {
  const said = await say(new MemoryBox(), 'setup open');
  assert.match(said, /^ {2}https:\/\/localhost:8443\/setup\?code=abcd-efgh$/m);
  assert.match(said, /The code is abcd-efgh\. It is good once/);
});

test('flows stay keeps them on, and lets them go', async () => {
  const box = new MemoryBox();
  assert.match(await say(box, 'flows stay --stay --why bell'), /they stay on: bell/);
  assert.equal(box.staysBecause, 'bell');
  await say(box, 'flows stay');
  assert.equal(box.staysBecause, undefined);
});

test('status says where the pages are, and what to do while nobody owns them', async () => {
  const said = await say(new MemoryBox(), 'status');
  assert.match(said, /Web pages +https:\/\/restante\.local\/; nobody owns them yet.*setup open/);
});
