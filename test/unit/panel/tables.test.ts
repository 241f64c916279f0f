/* The page of the panel shows the tables that the code goes by. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { meaningsTable, rhythmsTable, stagesTable } from '#panel/tables';

const page = readFileSync(new URL('../../../firmware/panel/README.md', import.meta.url), 'utf8');

for (const table of [meaningsTable(), rhythmsTable(), stagesTable()]) {
  test(`firmware/panel/README.md has the table ${table.split('\n')[0]}`, () => {
    assert.ok(page.includes(`\n${table}\n`), `paste this there:\n${table}`);
  });
}
