/* What a new version does to an owner's flows, and when they keep Node-RED on. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bringUpToDate } from '../../flows/owner-flows.ts';
import { type FlowNode, printName, printOf } from '../../flows/shipped/tab-print.ts';
import { upgrade } from '../../flows/shipped/upgrade.ts';
import { whyToStay } from '../../flows/stay.ts';

/** A shipped tab with one page on it. */
function tab(id: string, url: string): readonly FlowNode[] {
  const head = { id, type: 'tab', label: id, disabled: false, info: '', env: [] };
  const node = {
    id: `${id}-in`,
    type: 'http in',
    z: id,
    url,
    x: 10,
    y: 10,
    wires: [[`${id}-out`]],
  };
  const out = { id: `${id}-out`, type: 'http response', z: id, x: 90, y: 10, wires: [] };
  const env = [{ name: printName, value: printOf([head, node, out]), type: 'str' }];
  return [{ ...head, env }, node, out];
}

const given = { home: 'x', people: 'x' };
const first = [...tab('home', '/'), ...tab('people', '/people')];
const second = [...tab('home', '/'), ...tab('people', '/people2')];

const urls = (flows: readonly FlowNode[]) =>
  flows.flatMap((node) => (node['url'] === undefined ? [] : [node['url']]));

describe('an upgrade of the flows', () => {
  test('a new owner gets all that is shipped', () => {
    const { flows, given: now } = upgrade([], first, {});
    assert.deepEqual(flows, first);
    assert.deepEqual(Object.keys(now), ['home', 'people']);
  });

  test('the same version does nothing', () => {
    const { flows, did } = upgrade(first, first, given);
    assert.deepEqual(flows, first);
    assert.deepEqual(did, []);
  });

  test('a tab that nobody changed becomes the new one', () => {
    const { flows, did } = upgrade(first, second, given);
    assert.deepEqual(urls(flows), ['/', '/people2']);
    assert.equal(did.length, 1);
  });

  test('moved nodes, another order and fields that say nothing are no change', () => {
    const saved = first
      .map((node) => ({ ...node, ...(node.type === 'tab' ? {} : { x: 500, swaggerDoc: '' }) }))
      .map((node) => Object.fromEntries(Object.entries(node).toReversed()) as FlowNode);
    assert.deepEqual(urls(upgrade(saved, second, given).flows), ['/', '/people2']);
  });

  const changes: readonly (readonly [string, (flows: readonly FlowNode[]) => FlowNode[]])[] = [
    ['a node', (f) => f.map((n) => (n.id === 'people-in' ? { ...n, url: '/folk' } : n))],
    ['a wire', (f) => f.map((n) => (n.id === 'people-in' ? { ...n, wires: [[]] } : n))],
    ['a node more', (f) => [...f, { id: 'own', type: 'debug', z: 'people' }]],
    ['a node less', (f) => f.filter(({ id }) => id !== 'people-out')],
    ['switched off', (f) => f.map((n) => (n.id === 'people' ? { ...n, disabled: true } : n))],
  ];
  for (const [what, change] of changes) {
    test(`a changed tab stays, and the new one lies beside it, off: ${what}`, () => {
      const mine = change(first);
      const { flows, given: now, did } = upgrade(mine, second, given);
      assert.deepEqual(flows.slice(0, mine.length), mine);
      const offer = flows.slice(mine.length);
      assert.equal(offer[0]?.['disabled'], true);
      assert.equal(offer[0]?.['label'], 'people (new)');
      assert.deepEqual(urls(offer), ['/people2']);
      assert.equal(new Set(flows.map(({ id }) => id)).size, flows.length, 'ids of their own');
      assert.deepEqual(offer[1]?.['wires'], [['people-out-new']]);
      assert.match(did[0] ?? '', /is kept/);
      // The same start again, and one after the owner has deleted the offer.
      assert.deepEqual(upgrade(flows, second, now).flows, flows);
      assert.deepEqual(upgrade(mine, second, now).flows, mine);
    });
  }

  test('a deleted tab stays away, also in a new version', () => {
    const mine = tab('home', '/');
    assert.deepEqual(upgrade(mine, second, given).flows, mine);
  });

  test("what the owner added is not touched, nor is the tabs' order", () => {
    const own = [
      { id: 'mine', type: 'tab', label: 'Mine' },
      { id: 'a', type: 'debug', z: 'mine' },
    ];
    const { flows } = upgrade([...own, ...first], second, given);
    assert.deepEqual(flows.slice(0, 2), own);
  });

  test('a disk without room for them is said in words', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flows-'));
    try {
      await symlink('/dev/full', join(folder, 'flows.json.new'));
      await assert.rejects(bringUpToDate(folder, first), /^Error: the disk is full/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('files: given once, kept through starts, broken ones are said', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'owner-flows-'));
    try {
      await bringUpToDate(folder, first);
      const mine = [...first, { id: 'mine', type: 'tab', label: 'Mine' }];
      await writeFile(join(folder, 'flows.json'), JSON.stringify(mine));
      const { flows } = await bringUpToDate(folder, second);
      assert.deepEqual(JSON.parse(await readFile(join(folder, 'flows.json'), 'utf8')), flows);
      assert.ok(flows.some(({ id }) => id === 'mine'));
      await writeFile(join(folder, 'flows.json'), '[{"id":');
      await assert.rejects(bringUpToDate(folder, second), /is broken.*take it away/);
      assert.equal(await readFile(join(folder, 'flows.json'), 'utf8'), '[{"id":');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('staying on', () => {
  const own = { id: 'mine', type: 'tab', label: 'Doorbell' };
  const event = { id: 'e', type: 'restante-event', z: 'mine' };
  const timer = (when: object) => {
    return { id: 't', type: 'inject', z: 'mine', repeat: '', crontab: '', ...when };
  };
  const rows: readonly (readonly [string, readonly FlowNode[], RegExp | undefined])[] = [
    ['the shipped tabs alone', first, undefined],
    ['an event node of the owner', [...first, own, event], /Your flow "Doorbell" waits/],
    ['mail in', [own, { ...event, type: 'restante-mail-in' }], /waits for mail/],
    ['one that is switched off', [own, { ...event, d: true }], undefined],
    ['one on a tab that is switched off', [{ ...own, disabled: true }, event], undefined],
    ['a timer', [own, timer({ repeat: '3600' })], /Your flow "Doorbell" waits for its time\.$/],
    ['a time of the week', [own, timer({ crontab: '00 09 * * 0' })], /waits for its time/],
    ['a button in the editor', [own, timer({})], undefined],
    ['a timer that is switched off', [own, { ...timer({ repeat: '60' }), d: true }], undefined],
    ['a message broker', [own, { ...event, type: 'mqtt in' }], /listens outside the box/],
    ['a port', [own, { ...event, type: 'tcp in' }], /listens outside the box/],
    ['a socket elsewhere', [own, { ...event, type: 'websocket in', client: 'c' }], /listens/],
    ['a socket of these pages', [own, { ...event, type: 'websocket in', server: 's' }], undefined],
    ['a file', [own, { ...event, type: 'watch' }], /waits for files/],
    ['a page of the owner', [own, { ...event, type: 'http in' }], undefined],
    ['one on a shipped tab', [...first, { ...event, z: 'home' }], /The flow "home"/],
  ];
  for (const [what, flows, why] of rows) {
    test(what, () => {
      const said = whyToStay(flows);
      if (why === undefined) assert.equal(said, undefined);
      else assert.match(said ?? '', why);
    });
  }
});
