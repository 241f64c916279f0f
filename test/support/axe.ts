/*
 * axe-core, which knows the rules of WCAG that a program can check, on a page as the browser shows
 * it. It is put into the page from outside: the policy of the pages lets no script in.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const grave = new Set(['serious', 'critical']);

/** What is serious or worse, a line each; empty: nothing. */
export async function graveFaults(page: Page): Promise<string[]> {
  const source = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
  await page.evaluate(source);
  const results = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as AxeResults;
  return results.violations
    .filter(({ impact }) => grave.has(impact ?? ''))
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => {
        return `${page.url()} ${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`;
      }),
    );
}
