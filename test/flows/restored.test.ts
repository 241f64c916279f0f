/* Flows of a backup on an appliance: laid out by the box, taken up once by the other user. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { flowsElsewhere, layOutFlows } from '#machine/owners-flows';
import { beforeName, takeUpRestored } from '../../flows/restored.ts';

async function house() {
  const base = await mkdtemp(join(tmpdir(), 'restored-'));
  const [data, theirs, run] = ['data', 'theirs', 'run'].map((name) => join(base, name));
  if (data === undefined || theirs === undefined || run === undefined) throw new Error('three');
  for (const folder of [join(data, 'flows'), theirs, run]) await mkdir(folder, { recursive: true });
  const marker = join(run, 'wanted');
  return {
    ...{ data, theirs, run, marker },
    /** As restore leaves them. */
    async restored(label: string, at: number) {
      const place = join(data, 'flows', 'flows.json');
      await writeFile(place, JSON.stringify([{ id: 'a', type: 'tab', label }]));
      await writeFile(join(data, 'flows', '.restante-shipped.json'), '{"home":"print"}');
      await utimes(place, at, at);
      await layOutFlows(data, marker);
    },
    own: async (name = 'flows.json') => JSON.parse(await readFile(join(theirs, name), 'utf8')),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true }),
  };
}

const labels = (flows: readonly { readonly label: string }[]) => flows.map(({ label }) => label);

test('are taken up once, and those before stay beside them', async () => {
  await using open = await house();
  const { theirs, marker, own } = open;
  assert.equal(await takeUpRestored(theirs, marker), false, 'nothing was restored');
  await writeFile(join(theirs, 'flows.json'), '[{"label":"mine"}]');
  await open.restored('of the backup', 1_000);
  assert.equal((await stat(join(open.run, 'restored'))).mode & 0o777, 0o640);
  assert.equal(await takeUpRestored(theirs, marker), true);
  assert.deepEqual(labels(await own()), ['of the backup']);
  assert.deepEqual(await own('.restante-shipped.json'), { home: 'print' });
  assert.deepEqual(labels(await own(beforeName)), ['mine']);
  // What is changed after that stays, also when the box starts anew.
  await writeFile(join(theirs, 'flows.json'), '[{"label":"changed since"}]');
  await layOutFlows(open.data, marker);
  assert.equal(await takeUpRestored(theirs, marker), false);
  assert.deepEqual(labels(await own()), ['changed since']);
  // The same backup once more.
  await open.restored('of the backup', 2_000);
  assert.equal(await takeUpRestored(theirs, marker), true);
  assert.deepEqual(labels(await own(beforeName)), ['changed since']);
});

test('if the power goes meanwhile, what was there before is still there afterwards', async () => {
  await using open = await house();
  const { theirs, marker, own } = open;
  await writeFile(join(theirs, 'flows.json'), '[{"label":"mine"}]');
  await open.restored('of the backup', 1_000);
  await takeUpRestored(theirs, marker);
  // As if it had gone before the end was written down.
  await rm(join(theirs, '.restante-restored.json'));
  assert.equal(await takeUpRestored(theirs, marker), true);
  assert.deepEqual(labels(await own(beforeName)), ['mine']);
});

test('what makes no sense is not laid out', async () => {
  await using open = await house();
  await open.restored('of the backup', 1_000);
  await writeFile(join(open.data, 'flows', 'flows.json'), '[{');
  await layOutFlows(open.data, open.marker);
  assert.equal(await takeUpRestored(open.theirs, open.marker), false);
});

test('a checkout has them in its data directory', () => {
  assert.deepEqual(flowsElsewhere({}), []);
  const [flows] = flowsElsewhere({ RESTANTE_FLOWS_KEPT: '/var/lib/restante-flows' });
  const path = '/var/lib/restante-flows/flows.json';
  assert.deepEqual(flows, { name: 'flows/flows.json', path });
});
