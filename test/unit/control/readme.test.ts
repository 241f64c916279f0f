/* The protocol's page tells every route with every field. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { verbs } from '#control/verbs/table';

const page = readFileSync(new URL('../../../firmware/control/README.md', import.meta.url), 'utf8');

for (const verb of verbs) {
  if (verb.runs === 'command-line') continue;
  const route = `${verb.reads ? 'GET' : 'POST'} /v1/${verb.words.join('/')}`;
  test(`control/README.md tells ${route} with its fields`, () => {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${route}\` |`));
    assert.ok(row, 'no row in the table of routes');
    const names = [...(verb.arguments ?? []), ...(verb.options ?? [])].map(({ name }) => name);
    if (verb.secret !== undefined) names.push('secret');
    for (const name of names) assert.ok(row.includes(`\`${name}\``), name);
  });
}
