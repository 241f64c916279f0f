/*
 * Writes what Node-RED reads and people do not: flows/flows.json, and the HTML of the nodes that
 * ask the box. Run `scripts/flows`; with --check it only compares, and test/checks.test.ts runs
 * that.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { editorPart, editorTexts } from '../flows/nodes/ask/editor-part.ts';
import { families } from '../flows/nodes/ask/families.ts';
import { flowsOf } from '../flows/tabs/flows-of.ts';
import { tabs } from '../flows/tabs/tabs.ts';

const root = new URL('../flows/', import.meta.url);

const templates = Object.fromEntries(
  readdirSync(new URL('pages/', root))
    .filter((name) => name.endsWith('.html'))
    .map((name) => [
      name.slice(0, -'.html'.length),
      readFileSync(new URL(`pages/${name}`, root), 'utf8'),
    ]),
);

const files = new Map<string, string>([
  ['flows.json', `${JSON.stringify(flowsOf(tabs, templates), null, 1)}\n`],
  ...Object.entries(families).flatMap(([name, family]) => [
    [`nodes/restante-${name}.html`, editorPart(name, family)] as const,
    [
      `nodes/locales/en-US/restante-${name}.json`,
      `${JSON.stringify(editorTexts(family), null, 2)}\n`,
    ] as const,
  ]),
]);

const stale: string[] = [];
for (const [name, text] of files) {
  const file = new URL(name, root);
  if (process.argv.includes('--check')) {
    if (textOf(file) !== text) stale.push(`flows/${name}`);
  } else {
    writeFileSync(file, text);
  }
}
if (stale.length > 0) {
  console.error(`Not as its sources are: ${stale.join(', ')}. Run: scripts/flows`);
  process.exitCode = 1;
}

function textOf(file: URL): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
