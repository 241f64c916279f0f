/* The name that the box took in place of another's, in its data directory. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SystemClock } from '#base/clock';
import { Log, type LogLine } from '#base/log';
import { KeptNameFile } from '#machine/kept-name';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-name-'));
});
after(() => rm(folder, { recursive: true }));

const lines: LogLine[] = [];
const log = new Log((line) => lines.push(line), new SystemClock());

async function opened(data: string): Promise<KeptNameFile> {
  const kept = new KeptNameFile(data, log);
  await kept.start();
  return kept;
}

test('is there after the next start, for the host name that it was taken for', async () => {
  const kept = await opened(folder);
  assert.equal(kept.nameOf('restante.local'), 'restante.local');
  let told = 0;
  using _watching = kept.watch(() => {
    told += 1;
  });
  await kept.keep({ wish: 'restante.local', turn: 2 });
  const again = await opened(folder);
  assert.deepEqual(again.current, { wish: 'restante.local', turn: 2 });
  assert.equal(again.nameOf('restante.local'), 'restante-2.local');
  assert.equal(again.nameOf('post.local'), 'post.local');
  await kept.keep(undefined);
  await kept.keep(undefined);
  assert.equal(told, 3);
  assert.deepEqual(await readdir(folder), []);
  assert.deepEqual(lines, []);
});

test('what else stands there is nothing', async () => {
  for (const text of ['', '2', '1 restante.local\n', '2 a b\n', '100 a\n', '2 restante.local']) {
    await writeFile(join(folder, 'found-as'), text);
    assert.equal((await opened(folder)).current, undefined, JSON.stringify(text));
  }
});

test('a disk that refuses it costs a warning', async () => {
  const gone = join(folder, 'gone');
  const kept = await opened(gone);
  await kept.keep({ wish: 'restante.local', turn: 3 });
  assert.equal(kept.nameOf('restante.local'), 'restante-3.local');
  assert.equal(lines.length, 1);
  assert.match(lines[0]?.say ?? '', /could not be kept/);
});
