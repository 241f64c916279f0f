/* The pages made from the table of settings. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { settingsHelp, settingsReference } from '#settings/pages';
import { settingNames } from '#settings/table';

test('REFERENCE.md is what scripts/settings-page writes', () => {
  const page = new URL('../../../firmware/settings/REFERENCE.md', import.meta.url);
  assert.equal(readFileSync(page, 'utf8'), settingsReference(), 'run scripts/settings-page');
});

test('--help names every setting and fits a terminal', () => {
  const help = settingsHelp();
  // A long default stands on a line of its own.
  for (const name of settingNames) assert.match(help, RegExp(`^  ${name}(?: |\\n  )\\(`, 'm'));
  for (const line of help.split('\n')) assert.ok(line.length <= 88, line);
});
