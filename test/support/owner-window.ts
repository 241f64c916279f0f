/*
 * The owner of a real box in a real browser: the two together, signing in, and looking at a page as
 * a phone shows it.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { graveFaults } from './axe.ts';
import { type BoxOptions, startBox } from './box.ts';
import { Chromium, desk, phone, whole } from './chromium.ts';
import { OutgoingBox } from './outgoing-box.ts';

export const ownerPassword = 'three small boats';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

/** Where pictures go of each page that is looked at; unset: nowhere. */
const pictures = process.env['PICTURES'];

/** A box with its pages, to which the providers of these authorities (PEM) are real ones; a browser
 * that trusts it, with a phone's window; and a folder. All of it ends with `parts`. */
export async function boxInBrowser(
  parts: AsyncDisposableStack,
  authorities: readonly string[],
  set: BoxOptions['set'] = {},
): Promise<{ box: OutgoingBox; chromium: Chromium; page: Page; folder: string }> {
  await promisify(execFile)(join(checkout, 'scripts/build'));
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const trusted = join(folder, 'providers.pem');
  await writeFile(trusted, authorities.map((pem) => `${pem}\n`).join(''));
  const env = {
    NODE_EXTRA_CA_CERTS: trusted,
    RESTANTE_FLOWS_PROGRAM: join(checkout, 'dist/flows/start.js'),
  };
  const box = parts.use(new OutgoingBox(await startBox({ env, set })));
  const chromium = parts.use(await Chromium.open(box.box.caFile));
  return { box, chromium, page: await chromium.window(phone), folder };
}

/** The page with this heading is there, whole. */
export async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor({ state: 'attached' });
  await whole(page);
}

export async function signIn(page: Page, site: string): Promise<void> {
  await page.goto(`${site}/sign-in`);
  await page.getByLabel('The owner’s password').fill(ownerPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await heading(page, /Home|ready/);
}

/** It fits on the smallest phone, and everybody can use it there and on a desk. */
export async function lookAt(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  await whole(page);
  for (const size of [{ width: 320, height: 640 }, desk]) {
    await page.setViewportSize(size);
    const wide = Number(await page.evaluate('document.documentElement.scrollWidth'));
    assert.ok(wide <= size.width, `${name} is ${wide} wide on ${size.width}`);
    assert.deepEqual(await graveFaults(page), [], name);
    if (pictures === undefined) continue;
    await mkdir(pictures, { recursive: true });
    const path = join(pictures, `${name}-${size.width}.png`);
    await page.screenshot({ path, fullPage: true });
  }
  if (before !== null) await page.setViewportSize(before);
}
