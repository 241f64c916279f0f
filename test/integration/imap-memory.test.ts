/*
 * Memory while collecting by IMAP: flat, whether a message has 50 MB, a folder 100,000 messages, or a
 * server announces literals that it never ends. Weighed in a process of its own.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { users } from '../support/imap-peer.ts';
import { folderOf } from '../support/scripted-imap-folder.ts';
import { type ImapScript, ScriptedImapServer } from '../support/scripted-imap-server.ts';

const megabyte = 1024 * 1024;
const weigher = fileURLToPath(new URL('../support/imap-weigher.ts', import.meta.url));
const Small = folderOf(['Subject: small\r\n\r\n']);

async function weighed(script: ImapScript, what: 'list' | 'fetch') {
  await using server = await ScriptedImapServer.listen({ users, ...script });
  // As scripts/start runs the box.
  const asInstalled = ['--max-semi-space-size=1', '--max-old-space-size=256'];
  const options = ['--conditions=source', '--expose-gc', ...asInstalled];
  const child = spawn(process.execPath, [...options, weigher, String(server.port), what], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  });
  const said: { done: number; grown: number; trouble: string } = JSON.parse(
    await text(child.stdout),
  );
  return said;
}

test('a message of 50 MB', async (t) => {
  const octets = Buffer.alloc(50 * megabyte, 'Fifty megabytes, line by line by line.\r\n');
  const { done, grown } = await weighed({ folders: { Small, INBOX: folderOf([octets]) } }, 'fetch');
  assert.equal(done, octets.length);
  t.diagnostic(`${(grown / megabyte).toFixed(1)} MB more`);
  assert.ok(grown < 12 * megabyte, `${grown}`);
});

test('a listing of 100,000 messages', async (t) => {
  const folders = { Small, INBOX: folderOf([], { uidNext: 100_001 }) };
  const answer: ImapScript['answer'] = ({ line, session }) => {
    if (line === 'SELECT INBOX') {
      const valid = '* OK [UIDVALIDITY 1] valid\n* OK [UIDNEXT 100001] next';
      return `* 100000 EXISTS\n${valid}\n$tag OK [READ-WRITE] open`;
    }
    const [, first, last] = /FETCH (\d+):(\d+) .*RFC822.SIZE/.exec(line) ?? [];
    if (first === undefined || !session.commands.includes('SELECT INBOX')) return undefined;
    const rows: string[] = [];
    for (let uid = Number(first); uid <= Math.min(Number(last), 100_000); uid += 1) {
      const date = '17-Feb-2026 21:52:25 +0100';
      rows.push(`* ${uid} FETCH (UID ${uid} RFC822.SIZE 12345 INTERNALDATE "${date}" MODSEQ (7))`);
    }
    return [...rows, '$tag OK done'].join('\n');
  };
  const { done, grown, trouble } = await weighed({ folders, answer }, 'list');
  assert.equal(trouble, '');
  assert.equal(done, 100_000);
  t.diagnostic(`${(grown / megabyte).toFixed(1)} MB more`);
  assert.ok(grown < 12 * megabyte, `${grown}`);
});

test('literals and lines that never end', async (t) => {
  const large = Buffer.alloc(megabyte, 'x');
  const beginnings = ['BODY[]<0> {2000000000}\r\n', 'BODY[]<0> {262145}\r\n', 'X-LINE ', 'X ('];
  for (const beginning of beginnings) {
    let begun = false;
    const answer: ImapScript['answer'] = ({ line, session }) => {
      if (!line.includes('BODY.PEEK[]') || !session.commands.includes('SELECT INBOX')) {
        return undefined;
      }
      return {
        flood: () => {
          if (begun) return large;
          begun = true;
          return `* 1 FETCH (UID 1 ${beginning}`;
        },
      };
    };
    const folders = { Small, INBOX: folderOf([Buffer.alloc(10)]) };
    const { grown, trouble } = await weighed({ folders, answer }, 'fetch');
    assert.match(trouble, /exceeds maximum|does not stop/);
    t.diagnostic(`${beginning.trim()}: ${(grown / megabyte).toFixed(1)} MB more`);
    assert.ok(grown < 12 * megabyte, `${beginning} ${grown}`);
  }
});
