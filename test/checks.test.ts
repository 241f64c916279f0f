/*
 * The checks that are programs: types, lint and format, the standards table, the shell scripts.
 * They are tests, so that `npm test` is all that CI needs to run.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Fails with what the program says when it does not end well. */
function runs(program: string, ...words: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, maxBuffer: 1e8 };
    execFile(program, words, options, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new assert.AssertionError({ message: `${error.message}\n${stdout}${stderr}` }));
    });
  });
}

test('types: tsc', () => runs(process.execPath, 'node_modules/typescript/bin/tsc', '--noEmit'));

test('lint and format: biome', () =>
  runs(process.execPath, 'node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '.'));

test('standards: every command cites its RFC, and the table is as it should be', () =>
  runs('scripts/standards', '--check'));

test('flows: flows.json and the editor parts are as their sources are', () =>
  runs('scripts/flows', '--check'));

const noShellcheck = spawnSync('shellcheck', ['--version']).error !== undefined;

test('shell: shellcheck', { skip: noShellcheck && 'shellcheck is not installed' }, () => {
  const scripts = [
    '.ci/run',
    ...folder('scripts'),
    ...folder('scripts/bench'),
    ...folder('hardware/system'),
    ...folder('test/hardware/guest'),
    ...folder('test/hardware/vm'),
  ];
  return runs('shellcheck', ...scripts.filter((path) => firstLine(path) === '#!/bin/sh'));
});

function folder(path: string): string[] {
  return readdirSync(`${root}${path}`, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${path}/${entry.name}`);
}

function firstLine(path: string): string | undefined {
  return readFileSync(`${root}${path}`, 'utf8').split('\n')[0];
}
