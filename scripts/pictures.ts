/*
 * The pictures of the README: the pages as the program of the flows makes them, over a household in
 * memory, as a phone and a desk show them. First it is well, then something needs care.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import type { PanelReport, StatusReport } from '#control/types';
import { openBox, startPages } from '../test/flows/stand-in.ts';

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly dark?: boolean;
  readonly desk?: boolean;
}

const folder = fileURLToPath(new URL('../flows/pictures/', import.meta.url));

const ofWell: readonly Picture[] = [
  { name: 'home', path: '/' },
  { name: 'welcome', path: '/welcome/ann/provider?provider=gmail' },
  { name: 'person', path: '/people/ann' },
  { name: 'desk', path: '/', desk: true },
];
const ofCare: readonly Picture[] = [
  { name: 'care', path: '/', dark: true },
  { name: 'providers', path: '/providers', dark: true },
];

const wellPanel: PanelReport = {
  driver: 'gpio',
  lamps: [
    { lamp: 'mail', pattern: 'on', say: 'There is mail that its owner has not retrieved.' },
    { lamp: 'queue', pattern: 'on', say: 'Mail waits to go out.' },
    { lamp: 'status', pattern: 'on', say: 'All is well.' },
  ],
};

await mkdir(folder, { recursive: true });
await using box = await openBox();
const pages = await startPages(box.path, box.folder);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--hide-scrollbars'],
});
try {
  for (const picture of ofCare) await take(browser, pages.site, picture);
  const { status, panel } = box.box;
  box.box.status = async () => well(await status());
  Object.assign(panel, { report: () => wellPanel });
  for (const picture of ofWell) await take(browser, pages.site, picture);
} finally {
  await browser.close();
  await pages.stop();
}

async function take(browser: Browser, site: string, picture: Picture): Promise<void> {
  const { name, path, dark = false, desk = false } = picture;
  const page = await browser.newPage({
    viewport: desk ? { width: 1024, height: 600 } : { width: 390, height: 760 },
    colorScheme: dark ? 'dark' : 'light',
    deviceScaleFactor: desk ? 1 : 1.3,
    reducedMotion: 'reduce',
    bypassCSP: true,
  });
  await page.goto(`${site}${path}`);
  // The font of the system, where the system is a phone.
  await page.addStyleTag({ content: 'body { font-family: Roboto, system-ui, sans-serif }' });
  const file = join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  await page.close();
  spawnSync('optipng', ['-quiet', '-o5', '-strip', 'all', file]);
  console.log(name, `${Math.round((await stat(file)).size / 1000)} KB`);
}

function well(status: StatusReport): StatusReport {
  const { queue, uplinks } = status;
  return {
    ...{ ...status, warnings: [], queue: { ...queue, messages: 1, withoutUplink: 0 } },
    uplinks: uplinks.map(({ say: _say, nextAt: _next, ...one }) => ({
      ...{ ...one, condition: 'well', say: '' },
    })),
  };
}
