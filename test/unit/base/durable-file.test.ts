/* Small files: whole, private, and nothing left beside them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeDurably } from '#base/durable-file';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'restante-durable-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('writes, replaces, keeps the mode, and leaves no draft', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'secret.key');
  await writeDurably(path, 'one, and longer');
  await writeDurably(path, 'two');
  assert.equal(readFileSync(path, 'utf8'), 'two');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir), ['secret.key']);
});

test('when it fails, the old content stands and no draft is left', async (t) => {
  const dir = folder(t);
  const path = join(dir, 'kept');
  await writeDurably(path, 'old');
  await assert.rejects(writeDurably(path, 5 as unknown as string));
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(readdirSync(dir), ['kept']);
});
