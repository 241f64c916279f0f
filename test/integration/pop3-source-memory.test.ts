/* Memory in use while a POP3 source lists 100,000 messages, weighed in a process of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Pop3Script, ScriptedPop3Server } from '../support/scripted-pop3-server.ts';

const megabyte = 1024 * 1024;
const messages = 100_000;
const weigher = fileURLToPath(new URL('../support/pop3-weigher.ts', import.meta.url));

/** A hundred lines at a time. */
function* lines(line: (number: number) => string): Generator<string> {
  yield '+OK\r\n';
  for (let from = 1; from <= messages; from += 100) {
    yield Array.from({ length: 100 }, (_, index) => line(from + index)).join('');
  }
  yield '.\r\n';
}

/** From the second session on. */
const large: Pop3Script['answer'] = ({ at, connection }) => {
  if (connection === 0) return undefined;
  if (at === 'stat') return `+OK ${messages} ${messages * 1000}`;
  if (at === 'list') return { stream: lines((number) => `${number} 1000\r\n`) };
  if (at === 'uidl') return { stream: lines((number) => `${number} a-unique-id-${number}\r\n`) };
  return undefined;
};

test('a listing of 100,000 messages', async (t) => {
  await using server = await ScriptedPop3Server.listen({
    offers: ['TOP', 'UIDL', 'USER', 'PIPELINING'],
    messages: [{ uid: 'one', octets: 'Subject: small\r\n\r\n' }],
    answer: large,
  });
  // As scripts/start runs the box.
  const asInstalled = ['--max-semi-space-size=1', '--max-old-space-size=256'];
  const options = ['--conditions=source', '--expose-gc', ...asInstalled];
  const child = spawn(process.execPath, [...options, weigher, String(server.port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  });
  const { done, grown, last } = JSON.parse(await text(child.stdout));
  assert.equal(done, messages);
  assert.ok(last);
  t.diagnostic(`${(grown / megabyte).toFixed(1)} MB more`);
  assert.ok(grown < 12 * megabyte, `${grown}`);
});
