/*
 * axe-core, which knows the rules of WCAG that a program can check, on a page as the browser shows
 * it. It is put into the page from outside: the policy of the pages lets no script in.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { whole } from './chromium.ts';

const grave = new Set(['serious', 'critical']);

/** What is serious or worse, a line each; empty: nothing. `colours`: only whether they can be told
 * apart, for a page that was looked at in others. */
export async function graveFaults(page: Page, what: 'all' | 'colours' = 'all'): Promise<string[]> {
  await whole(page);
  if (!(await page.evaluate('"axe" in window'))) {
    const path = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
    await page.evaluate(await readFile(path, 'utf8'));
  }
  const rules = what === 'all' ? {} : { runOnly: { type: 'rule', values: ['color-contrast'] } };
  const options = JSON.stringify({ resultTypes: ['violations'], ...rules });
  const results = (await page.evaluate(`axe.run(${options})`)) as AxeResults;
  return results.violations
    .filter(({ impact }) => grave.has(impact ?? ''))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => {
        return `${page.url()} ${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`;
      }),
    );
}
