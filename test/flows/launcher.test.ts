/*
 * The program of the flows as the box runs it: it ends when it should, keeps what its owner made,
 * tells the box when it must stay, and loads the editor only when somebody opens it.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ok } from '#base/result';
import type { FlowNode } from '../../flows/shipped/tab-print.ts';
import { until } from '../support/net-peer.ts';
import { openBox, startPages } from './stand-in.ts';

let box: Awaited<ReturnType<typeof openBox>>;

before(async () => {
  await promisify(execFile)(fileURLToPath(new URL('../../scripts/build', import.meta.url)));
  box = await openBox(Date.UTC(2026, 10, 26, 12, 0));
});

after(() => box[Symbol.asyncDispose]());

const page = async (site: string, path: string) => {
  const response = await fetch(`${site}${path}`);
  return { status: response.status, text: await response.text() };
};

describe('it ends', () => {
  test('on SIGTERM', async () => {
    const pages = await startPages(box.path, box.folder);
    await pages.stop();
    const states = pages.said.filter((line) => line.startsWith('{'));
    assert.deepEqual(states, ['{"state":"starting"}', '{"state":"ready"}']);
    assert.deepEqual(pages.said, states, 'and says nothing else');
  });

  test('with its parent', async () => {
    const pages = await startPages(box.path, box.folder);
    pages.orphan();
    await pages.ended;
    await pages.stop();
  });

  test('when the marker that wanted it goes', async () => {
    const marker = join(box.folder, 'wanted');
    await writeFile(marker, '');
    const pages = await startPages(box.path, box.folder, { RESTANTE_FLOWS_WANTED: marker });
    await rm(marker);
    await pages.ended;
    await pages.stop();
  });

  test('at once, and says why, when it cannot start', async () => {
    const folder = join(box.folder, 'broken');
    await writeFile(folder, 'not a folder');
    const starting = startPages(box.path, box.folder, { RESTANTE_FLOWS_DATA: folder });
    await assert.rejects(starting, /"failed","say":"The pages cannot start: /);
  });
});

test("an owner's edits last, and nobody else reads them", async () => {
  const first = await startPages(box.path, box.folder);
  await first.stop();
  const path = join(box.folder, 'flows', 'flows.json');
  assert.equal((await stat(path)).mode & 0o077, 0);
  const flows = JSON.parse(await readFile(path, 'utf8')) as FlowNode[];
  const mine = flows.map((node) =>
    node['view'] === 'shelf' ? { ...node, template: '<h1>My shelf</h1>' } : node,
  );
  await writeFile(path, JSON.stringify(mine));
  const second = await startPages(box.path, box.folder);
  assert.match((await page(second.site, '/shelf')).text, /<h1>My shelf<\/h1>/);
  await second.stop();
  await rm(join(box.folder, 'flows'), { recursive: true });
});

test('the box hears whether it must stay on', async () => {
  const heard: (string | undefined)[] = [];
  const stay = async (why: string | undefined) => {
    heard.push(why);
    return ok({ state: 'ready', run: 'demand' } as const);
  };
  const { flows: before } = box.box;
  Object.assign(box.box, { flows: { ...before, stay } });
  const hears = async (count: number) => {
    await until('the box has heard it', () => heard.length >= count);
  };
  const first = await startPages(box.path, box.folder);
  await hears(1);
  await first.stop();
  const path = join(box.folder, 'flows', 'flows.json');
  const flows = JSON.parse(await readFile(path, 'utf8')) as FlowNode[];
  const event = { id: 'e', type: 'restante-event', z: 'mine', event: 'mail', about: '', wires: [] };
  const own = [{ id: 'mine', type: 'tab', label: 'Doorbell' }, event];
  await writeFile(path, JSON.stringify([...flows, ...own]));
  const second = await startPages(box.path, box.folder);
  await hears(2);
  await second.stop();
  Object.assign(box.box, { flows: before });
  assert.deepEqual(heard, [undefined, 'Your flow "Doorbell" waits for events of the box.']);
  await rm(join(box.folder, 'flows'), { recursive: true });
});

test('a node whose package is missing costs that node, and no page', async () => {
  const first = await startPages(box.path, box.folder);
  await first.stop();
  const path = join(box.folder, 'flows', 'flows.json');
  const flows = JSON.parse(await readFile(path, 'utf8')) as FlowNode[];
  const own = [
    { id: 'mine', type: 'tab', label: 'Mine' },
    { id: 'a', type: 'sunrise', z: 'mine', wires: [] },
    { id: 'b', type: 'tide-table', z: 'mine', wires: [] },
  ];
  await writeFile(path, JSON.stringify([...flows, ...own]));
  const second = await startPages(box.path, box.folder);
  assert.equal((await page(second.site, '/')).status, 200);
  assert.ok(
    second.said.some((line) => /node sunrise is missing: nodes of it do nothing/.test(line)),
  );
  await second.stop();
  const kept = JSON.parse(await readFile(path, 'utf8')) as FlowNode[];
  assert.ok(
    kept.some(({ type }) => type === 'sunrise'),
    'it is there for the day it comes back',
  );
  await rm(join(box.folder, 'flows'), { recursive: true });
});

/** The status with which somebody is answered who wants a web socket there. */
async function webSocket(path: string): Promise<number | undefined> {
  const headers = {
    ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  };
  const asked = request({ socketPath: join(box.folder, 'flows.sock'), path, headers });
  asked.end();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', resolve);
    asked.once('upgrade', resolve);
  });
  answer.destroy();
  return answer.statusCode;
}

test('a web socket that nobody takes is answered; the editor has its own', {
  timeout: 60_000,
}, async (t) => {
  const pages = await startPages(box.path, box.folder);
  t.after(() => pages.stop());
  assert.equal(await webSocket('/nowhere'), 404);
  // An editor that was open before Node-RED rested: it is loaded again.
  assert.equal(await webSocket('/editor/comms'), 503);
  await pages.saying('{"state":"ready"}', 2);
  assert.equal(await webSocket('/nowhere'), 404);
  assert.equal(await webSocket('/editor/comms'), 101);
  assert.equal((await page(pages.site, '/')).status, 200);
});

test('the editor is loaded when somebody opens it, and the pages go on', async () => {
  const pages = await startPages(box.path, box.folder);
  const light = await page(pages.site, '/editor/');
  assert.equal(light.status, 503);
  assert.match(light.text, /being loaded/);
  await pages.saying('{"state":"ready"}', 2);
  const { status, text } = await page(pages.site, '/editor/');
  assert.equal(status, 200);
  assert.match(text, /<title>Restante<\/title>/);
  assert.doesNotMatch(text, /(?:src|href)="(?:https?:)?\/\//, 'nothing from elsewhere');
  const nodes = (await page(pages.site, '/editor/nodes')).text;
  for (const type of ['restante-mail-in', 'http in', 'mqtt in', 'function']) {
    assert.ok(nodes.includes(type), type);
  }
  assert.equal((await page(pages.site, '/')).status, 200);
  await pages.stop();
});
