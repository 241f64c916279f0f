/*
 * Debian's Chromium as somebody of the household has it: with a home of its own, in which the box's
 * certificate authority was installed once; nothing is waved through. Whatever a page does that no
 * page of the box may do (asks another host, complains, opens a dialog) is written down.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { runProgram } from '../../scripts/bench/processes.ts';
import { missingProgram } from './programs.ts';

/** Why it cannot run here; undefined when it can. */
export function missingChromium(): string | undefined {
  return missingProgram('chromium') ?? missingProgram('certutil');
}

/** It may ask nobody but the box: no updates, no lists, no accounts. */
const quiet = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--hide-scrollbars'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  /** Default true. */
  readonly script?: boolean;
}

export const phone: Look = { width: 390, height: 844 };
export const desk: Look = { width: 1280, height: 900 };

/** Milliseconds; nothing here takes longer unless it hangs. */
const patience = 60_000;

/** Waits for the rest of a page. A click is over when the next page begins, and a text is found as
 * soon as it was read: the stylesheet, the script and what stands below may come later. */
export async function whole(page: Page): Promise<void> {
  await page.waitForLoadState('load');
}

/** From now on pages stay in this window that would be asked for anew by themselves (the field
 * Refresh), so that they can be looked at for as long as that takes. */
export async function withoutRefresh(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  session.on('Fetch.requestPaused', ({ requestId, responseStatusCode = 200, ...paused }) => {
    const kept = paused.responseHeaders?.filter(({ name }) => name.toLowerCase() !== 'refresh');
    const answer = { requestId, responseCode: responseStatusCode, responseHeaders: kept ?? [] };
    // The window may have been closed meanwhile.
    session.send('Fetch.continueResponse', answer).catch(() => {});
  });
  const patterns = [{ resourceType: 'Document', requestStage: 'Response' }] as const;
  await session.send('Fetch.enable', { patterns: [...patterns] });
}

export class Chromium implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #home: string;
  /** What no page of the box may do, a line each. */
  readonly complaints: string[] = [];
  /** Every host that was asked. */
  readonly asked = new Set<string>();

  private constructor(browser: Browser, home: string) {
    this.#browser = browser;
    this.#home = home;
  }

  /** `authority`: the file of the box's own one, to be trusted. */
  static async open(authority: string): Promise<Chromium> {
    const home = await mkdtemp(join(tmpdir(), 'chromium-home-'));
    const keys = join(home, '.pki', 'nssdb');
    await mkdir(keys, { recursive: true });
    await runProgram('certutil', ['-d', `sql:${keys}`, '-N', '--empty-password']);
    const trust = ['-A', '-t', 'C,,', '-n', 'box', '-i', authority];
    await runProgram('certutil', ['-d', `sql:${keys}`, ...trust]);
    const path = process.env['PATH'] ?? '';
    const fonts = process.env['FONTCONFIG_FILE'];
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: quiet,
      timeout: patience,
      env: { PATH: path, HOME: home, ...(fonts === undefined ? {} : { FONTCONFIG_FILE: fonts }) },
    });
    return new Chromium(browser, home);
  }

  /** A window of its own, signed in nowhere. */
  async window({ width, height, dark = false, script = true }: Look): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      javaScriptEnabled: script,
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(patience);
    this.#watch(context);
    return context.newPage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await rm(this.#home, { recursive: true, force: true });
  }

  #watch(context: BrowserContext): void {
    const note = (text: string) => this.complaints.push(text);
    context.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== 'data:') this.asked.add(`${protocol}//${host}`);
    });
    context.on('response', (response) => {
      // A page may say that something is wrong; what it is made of must be there.
      const isPage = response.request().isNavigationRequest();
      if (!isPage && response.status() >= 400) note(`${response.status()} ${response.url()}`);
    });
    context.on('console', (line) => {
      // Chromium's own words for a page with such a status, seen above.
      if (line.text().startsWith('Failed to load resource: the server responded')) return;
      if (line.type() === 'error' || line.type() === 'warning') {
        note(`${line.page()?.url() ?? ''}: ${line.text()}`);
      }
    });
    context.on('weberror', (error) => note(`a script failed: ${error.error().message}`));
    context.on('dialog', (dialog) => {
      note(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }
}
