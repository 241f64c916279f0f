/* The owner of a real box in a real browser: signing in, and looking at a page as a phone shows it. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { graveFaults } from './axe.ts';
import { desk, whole } from './chromium.ts';

export const ownerPassword = 'three small boats';

/** Where pictures go of each page that is looked at; unset: nowhere. */
const pictures = process.env['PICTURES'];

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
