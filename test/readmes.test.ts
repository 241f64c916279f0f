/*
 * The READMEs are maps, and maps grow old in silence: whatever lies beside one is to be on it, and
 * whatever its tables and links lead to is to be there. What they say about it is for people to
 * read; that the commands in them exist is for test/unit/control/named-commands.test.ts.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readmes = globSync('{firmware,hardware,flows,scripts,test}/**/README.md', { cwd: root });

/** What stands in backticks. */
function named(text: string): string[] {
  return [...text.matchAll(/`([^`\s]+)`/g)].map(([, name = '']) => name);
}

/** Is it named, with or without its ending, alone or before a path, or by a pattern
 * (`*-book.ts`)? */
function isOnMap(entry: string, names: readonly string[]): boolean {
  const words = [entry, entry.replace(/\.ts$/, '')];
  return names.some(
    (name) =>
      words.includes(name) ||
      name.startsWith(`${entry}/`) ||
      (name.startsWith('*') && entry.endsWith(name.slice(1))),
  );
}

/** The paths in the first column of the tables. */
function ledTo(text: string): string[] {
  const cells = text.split('\n').flatMap((line) => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap(named).filter((name) => /^[a-z][\w./-]*(?:\.ts|\/)$/.test(name));
}

for (const readme of readmes) {
  const folder = dirname(join(root, readme));
  const text = readFileSync(join(root, readme), 'utf8');

  test(`${readme} has all that lies beside it`, () => {
    const entries = readdirSync(folder).filter((entry) => !/^(README\.md$|\.)/.test(entry));
    const names = named(text);
    assert.deepEqual(
      entries.filter((entry) => !isOnMap(entry, names)),
      [],
    );
  });

  test(`${readme} leads to nothing that is not there`, () => {
    const places = [folder, join(root, 'firmware'), root];
    const lost = ledTo(text).filter(
      (path) => !places.some((place) => existsSync(join(place, path))),
    );
    assert.deepEqual(lost, []);
  });
}

/** As GitHub makes the address of a heading. */
function anchor(heading: string): string {
  const text = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '');
  return text.trim().replaceAll(' ', '-');
}

/** The links and pictures that lead into this repository: a path, an anchor, or both. */
function links(text: string): string[] {
  const prose = text.replace(/^ {4}.*$/gm, '').replace(/`[^`\n]*`/g, '');
  const found = [...prose.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)];
  return found.map(([, link, source]) => link ?? source ?? '').filter((to) => !/^\w+:/.test(to));
}

for (const page of [...readmes, ...globSync('*.md', { cwd: root })]) {
  test(`the links of ${page} lead somewhere`, () => {
    const lost = links(readFileSync(join(root, page), 'utf8')).filter((link) => {
      const [path = '', wanted] = link.split('#');
      const target = path === '' ? join(root, page) : join(root, dirname(page), path);
      if (!existsSync(target)) return true;
      if (wanted === undefined) return false;
      const headings = readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm);
      return ![...headings].some(([, heading = '']) => anchor(heading) === wanted);
    });
    assert.deepEqual(lost, []);
  });
}

test('firmware/README.md says what each package is for', () => {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const packages = Object.keys({ ...dependencies, ...optionalDependencies });
  const names = named(readFileSync(join(root, 'firmware/README.md'), 'utf8'));
  const untold = packages.filter((name) => !/^node-linux-/.test(name) && !names.includes(name));
  assert.deepEqual(untold, []);
});

test('there are maps', () => assert.ok(readmes.length > 10));
