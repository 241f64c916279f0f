/* The notes of exported lines: believed only when they are whole and of this boot. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Notes } from '#hardware/drivers/onoff/notes';

let folder: string;
let notes: Notes;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'restante-'));
  await writeFile(join(folder, 'boot'), 'this boot\n');
  notes = new Notes(join(folder, 'notes'), join(folder, 'boot'));
});

afterEach(() => rm(folder, { recursive: true }));

test('what was written is left over, until it is forgotten', async () => {
  await notes.write([529, 539]);
  assert.deepEqual(await notes.left(), [529, 539]);
  await notes.forget();
  assert.deepEqual(await notes.left(), []);
  await notes.forget();
});

test('after a restart of the board nothing is left over', async () => {
  await notes.write([529]);
  await writeFile(join(folder, 'boot'), 'the next boot\n');
  assert.deepEqual(await notes.left(), []);
});

for (const text of ['', '{"boot":"this b', '{"boot":"this boot"}', '7', 'null']) {
  test(`notes that say ${JSON.stringify(text)} say nothing`, async () => {
    await writeFile(join(folder, 'notes'), text);
    assert.deepEqual(await notes.left(), []);
  });
}

test('what is no line number is passed over', async () => {
  await writeFile(join(folder, 'notes'), '{"boot":"this boot","lines":[529,"530",-0.5]}');
  assert.deepEqual(await notes.left(), [529]);
});
