/* Files that somebody names: pipes, devices and folders among them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readNamedFile } from '#base/named-file';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'named-file-'));
  await writeFile(join(folder, 'file'), 'words\n');
  await symlink('file', join(folder, 'link'));
  await writeFile(join(folder, 'large'), Buffer.alloc(256 * 1024 + 1));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await symlink('/dev/zero', join(folder, 'endless'));
});
after(() => rm(folder, { recursive: true }));

test('a file is read, also behind a link', async () => {
  assert.equal(await readNamedFile(join(folder, 'file')), 'words\n');
  assert.equal(await readNamedFile(join(folder, 'link')), 'words\n');
});

const others: readonly [string, string][] = [
  ['pipe', 'ENOTFILE'],
  ['endless', 'ENOTFILE'],
  ['.', 'ENOTFILE'],
  ['large', 'EFBIG'],
  ['nowhere', 'ENOENT'],
];
for (const [name, code] of others) {
  // Whoever waits for a pipe waits for ever.
  test(`${name}: ${code}`, { timeout: 60_000 }, async () => {
    await assert.rejects(readNamedFile(join(folder, name)), { code });
  });
}
