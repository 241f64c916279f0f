/*
 * Takes pictures of every page with a real browser, for whoever works on their looks:
 * `node --conditions=source test/flows/pictures.ts FOLDER [page ...]` after scripts/build. Widths of
 * a small phone, a phone and a desk, light and dark. Says what the browser complains of.
 */
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { openBox, startPages } from './stand-in.ts';

const [folder = 'pictures', ...wanted] = process.argv.slice(2);

const pages: readonly (readonly [string, string])[] = [
  ['home', '/'],
  ['welcome', '/welcome'],
  ['welcome-provider', '/welcome/ann/provider'],
  ['welcome-gmail', '/welcome/ann/provider?provider=gmail'],
  ['welcome-other', '/welcome/ann/provider?provider=other'],
  ['welcome-phone', '/welcome/ann/phone'],
  ['people', '/people'],
  ['person', '/people/ann'],
  ['providers', '/providers'],
  ['add', '/providers/add'],
  ['queue', '/queue'],
  ['queued', '/queue/a1b2c3'],
  ['shelf', '/shelf'],
  ['box', '/box'],
  ['log', '/log'],
  ['search', '/log?address=dora@example.net'],
  ['settings', '/settings?open=queue'],
  ['nobody', '/people/nobody'],
];

await mkdir(folder, { recursive: true });
await using box = await openBox();
const served = await startPages(box.path, box.folder);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--hide-scrollbars'],
});
try {
  for (const [width, scheme] of [
    [320, 'light'],
    [390, 'light'],
    [390, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const) {
    const page = await browser.newPage({
      viewport: { width, height: width < 500 ? 780 : 860 },
      colorScheme: scheme,
      deviceScaleFactor: 1,
      reducedMotion: 'reduce',
    });
    page.on('console', (line) => {
      if (line.type() === 'error') console.log(page.url(), line.text());
    });
    for (const [name, path] of pages) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      await page.goto(`${served.site}${path}`);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      if (Number(wide) > width) console.log(`${name} at ${width} is ${wide} wide`);
      await page.screenshot({ path: `${folder}/${name}-${width}-${scheme}.png`, fullPage: true });
    }
    await page.close();
  }
} finally {
  await browser.close();
  await served.stop();
}
