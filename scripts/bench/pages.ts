/*
 * What the pages cost: how long somebody waits for the first one, and what memory the box and
 * Node-RED take before, while and after somebody looks. The box is compiled and started as it is
 * installed; its pages rest after a minute here. `node --conditions=source scripts/bench/pages.ts`
 * after scripts/build; [rounds] says how often Node-RED is started warm (default 3).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { familyOf, memoryOf, residentOf, waitUntil } from './processes.ts';

const checkout = resolve(import.meta.dirname, '../..');
process.env['BOX_DIST'] = join(checkout, 'dist');
// It reads the environment when it is loaded.
const { startBox } = await import('../../test/support/box.ts');
const { Browser } = await import('../../test/support/browser.ts');

const rounds = Number(process.argv[2] ?? 3);
const password = 'three small boats';
const data = await mkdtemp(join(tmpdir(), 'bench-pages-'));
const env = { MALLOC_ARENA_MAX: '1' };
const box = await startBox({ data, env, set: { 'flows.idle': '1m' } });

try {
  await box.cli(['owner', 'password', '--password-stdin'], password);
  const browser = await Browser.open(box);
  show('before anybody looks');
  await time('the first page ever, from the sign-in on', async () => {
    await browser.post('/sign-in', { password });
    await firstPage();
  });
  await look();
  show('while somebody looks');
  await rest();
  show('after the pages have ended');
  for (let round = 0; round < rounds; round += 1) {
    await time('the first page, Node-RED warm', firstPage);
    await time('the next page', firstPage);
    await rest();
  }
  show('at the end');

  async function firstPage(): Promise<void> {
    // A script's request waits for Node-RED, as the page that says "one moment" does.
    const answer = await browser.get('/', { 'sec-fetch-mode': 'cors' });
    if (answer.status !== 200) throw new Error(answer.text);
  }

  /** Every page once. */
  async function look(): Promise<void> {
    const paths = ['people', 'providers', 'queue', 'shelf', 'box', 'log', 'settings', 'welcome'];
    for (const path of paths) await browser.get(`/${path}`, { 'sec-fetch-mode': 'cors' });
  }
} finally {
  await box.kill();
  await rm(data, { recursive: true, force: true });
}

/** Until Node-RED has ended by itself, for nobody looks. */
async function rest(): Promise<void> {
  const began = performance.now();
  await waitUntil('the end of Node-RED', () => familyOf(box.pid).length === 1, 150);
  console.log(`| Node-RED ended by itself after | ${seconds(performance.now() - began)} |`);
}

async function time(what: string, does: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await does();
  console.log(`| ${what} | ${seconds(performance.now() - began)} |`);
}

function show(when: string): void {
  const [own = 0, ...others] = familyOf(box.pid);
  const inWords = (pids: readonly number[]) => {
    const resident = pids.reduce((sum, pid) => sum + residentOf(pid).resident, 0);
    return `${megabytes(memoryOf(pids).pss)} PSS, ${megabytes(resident)} resident`;
  };
  console.log(`| the box, ${when} | ${inWords([own])} |`);
  if (others.length > 0) console.log(`| Node-RED, ${when} | ${inWords(others)} |`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}

function megabytes(octets: number): string {
  return `${(octets / 1e6).toFixed(1)} MB`;
}
