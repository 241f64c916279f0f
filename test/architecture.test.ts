/*
 * The import table of firmware/README.md, enforced on the sources as they are: who may import whom,
 * which parts of Node and which packages a folder may use, and that time and chance come in only
 * through base/. A violation is named with file and line.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** What joins the parts may import each of them. */
const parts = [
  ...['settings', 'mail', 'protocol', 'net', 'provider', 'uplink', 'collector', 'panel', 'control'],
  ...['web', 'hardware'],
];

/** What each station may import besides itself and base; main.ts may import all. */
const stations: Readonly<Record<string, readonly string[]>> = {
  base: [],
  machine: ['settings', 'mail', 'net', 'control'],
  settings: [],
  mail: [],
  protocol: ['mail'],
  net: ['protocol'],
  provider: ['mail'],
  uplink: ['mail', 'protocol', 'net', 'provider'],
  collector: ['mail', 'protocol', 'net', 'provider'],
  panel: ['mail'],
  control: ['settings', 'mail', 'panel'],
  web: ['net', 'control'],
  hardware: ['panel', 'control'],
  box: [...parts, 'machine'],
  boot: [...parts, 'machine', 'box'],
};

/** The command, which talks to the box and must start quickly. */
const commandMayImport = ['machine', 'control', 'settings', 'mail'];

/** Modules that only some files may import. Importing types is free: they cannot act. */
const restricted: readonly { modules: RegExp; files: RegExp; why: string }[] = [
  {
    modules: /^node:(net|tls|dgram|http|https|http2|dns)(\/|$)/,
    files: /^(net|web|control|uplink|collector)\/|^cli\.ts$/,
    why: 'only net, web, control, the command and the adapters open sockets',
  },
  {
    modules: /^sqlite3$/,
    files: /^mail\/(.+\/)?sqlite\//,
    why: 'only mail/*/sqlite/ opens the database',
  },
  {
    modules: /^(onoff|epoll|serialport|@serialport\/.+|node:ffi)$/,
    files: /^hardware\//,
    why: 'only hardware/ touches pins and serial lines',
  },
  {
    modules: /^(nodemailer|imapflow)(\/|$)/,
    files: /^(uplink|collector)\//,
    why: 'only the adapters of uplink and collector use mail libraries',
  },
  {
    modules: /^node:(?!crypto$)/,
    files: /^(?!protocol\/)/,
    why: 'protocol uses nothing of Node but node:crypto',
  },
];

/** Of node:net, these only look at text. */
const harmless = /^\{\s*(?:(?:isIP|isIPv4|isIPv6|BlockList|SocketAddress),?\s*)+\}$/;

/** Time and chance are ports, so that tests can turn the clock and know the dice. */
const forbidden =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bhrtime\b|\bset(?:Timeout|Interval)\(|\bMath\.random\b/;
const mayUseForbidden = /^base\/(clock|random)\.ts$/;

const statement =
  /^[ \t]*(?:import\s+|(?:import|export)\s+(type\s)?([^'";]*?)\sfrom\s*)['"]([^'"]+)['"]/gm;
const call = /\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)/g;

/** What is wrong with a source file; `file` is its path, without 'firmware/'. */
function violations(file: string, source: string): string[] {
  const code = withoutComments(source);
  const bad: string[] = [];
  const say = (index: number, what: string) => {
    bad.push(`${file}:${code.slice(0, index).split('\n').length}: ${what}`);
  };
  for (const match of code.matchAll(statement)) {
    const [whole, type, names, from] = match;
    const kind =
      type !== undefined ? 'type' : harmless.test((names ?? '').trim()) ? 'text' : 'acts';
    const wrong = wrongImport(file, from ?? '', kind);
    if (wrong !== undefined) say(match.index + whole.length, wrong);
  }
  for (const match of code.matchAll(call)) {
    const wrong = wrongImport(file, match[1] ?? '', 'acts');
    if (wrong !== undefined) say(match.index, wrong);
  }
  if (!mayUseForbidden.test(file)) {
    for (const match of code.matchAll(new RegExp(forbidden, 'g'))) {
      say(match.index, `uses ${match[0]}; time and chance come in through base/`);
    }
  }
  return bad;
}

function wrongImport(
  file: string,
  from: string,
  kind: 'type' | 'text' | 'acts',
): string | undefined {
  const to = stationOf(file, from);
  if (to !== undefined) return wrongCrossing(file, from, to);
  if (kind === 'type' || (kind === 'text' && !file.startsWith('protocol/'))) return undefined;
  const rule = restricted.find(({ modules, files }) => modules.test(from) && !files.test(file));
  return rule === undefined ? undefined : `imports ${from}, but ${rule.why}`;
}

function wrongCrossing(file: string, from: string, to: string): string | undefined {
  const station = file.split('/')[0] ?? '';
  if (station === file) {
    const free = file !== 'cli.ts' || to.endsWith('.ts') || to === 'base';
    return free || commandMayImport.includes(to) ? undefined : `the command may not import ${from}`;
  }
  const inside = to === station;
  if (inside && from.startsWith('#'))
    return `imports ${from}; inside a station, write a relative path`;
  if (inside) return undefined;
  if (from.startsWith('.')) return `imports ${from}; to leave a station, write #${to}/...`;
  const allowed = ['base', ...(stations[station] ?? [])];
  if (allowed.includes(to)) return undefined;
  return `imports ${from}, but ${station} may import only ${allowed.join(', ')}`;
}

/** Where an import leads: a station, a file beside main.ts, or undefined for Node and packages. */
function stationOf(file: string, from: string): string | undefined {
  if (from.startsWith('#')) return from.slice(1).split('/')[0];
  if (!from.startsWith('.')) return undefined;
  return normalize(join(dirname(file), from)).split('/')[0];
}

/** Comments become spaces, so that lines stay where they were. */
function withoutComments(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/^([^'"`\n]*?)\/\/[^\n]*/gm, '$1');
}

const root = fileURLToPath(new URL('..', import.meta.url));
const files = globSync(['firmware/**/*.ts', 'hardware/**/*.ts'], { cwd: root }).sort();

test('the sources keep the import table', () => {
  const found = files.flatMap((file) =>
    violations(file.replace(/^firmware\//, ''), readFileSync(join(root, file), 'utf8')),
  );
  assert.ok(files.length > 10);
  assert.deepEqual(found, []);
});

test('every folder of firmware/ is a station of the table', () => {
  const folders = new Set(files.filter((file) => /^firmware\/.+\//.test(file)));
  const unknown = [...folders].filter((file) => !Object.hasOwn(stations, file.split('/')[1] ?? ''));
  assert.deepEqual(unknown, []);
});

test('the table of firmware/README.md is the one that is enforced', () => {
  const text = readFileSync(join(root, 'firmware/README.md'), 'utf8');
  const section = /\n## Who may import whom\n([\s\S]*?)\n## /.exec(text)?.[1] ?? '';
  const names = (cell: string) =>
    [...cell.matchAll(/`([\w.]+)[^`]*`/g)].map(([, name = '']) => name);
  const told = new Map<string, string[]>();
  for (const [, whose = '', may = ''] of section.matchAll(/^\| (`.*?) \| (.*) \|$/gm)) {
    const others = names(may).filter((name) => Object.hasOwn(stations, name));
    for (const name of names(whose)) told.set(name, others);
  }
  for (const [name, others] of Object.entries({ ...stations, 'cli.ts': commandMayImport })) {
    if (name !== 'base') assert.deepEqual(told.get(name)?.toSorted(), others.toSorted(), name);
  }
});

test('every file says at its top what it is', () => {
  const bare = files.filter(
    (file) => !/^(#!.*\n)?\/\*/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(bare, []);
});

const wrongs: readonly [string, string, RegExp | undefined][] = [
  ['mail/a.ts', "import { x } from '#protocol/session';", /a\.ts:1: imports #protocol/],
  ['mail/a.ts', "\n/* x\n */\nimport {\n  x,\n} from '#net/limits';", /a\.ts:6: imports #net/],
  ['mail/a.ts', "import type { X } from '#net/limits';", /may import only base/],
  ['mail/a.ts', "export { x } from '#settings/table';", /may import only base/],
  ['mail/a/b.ts', "import { x } from '../../net/limits.ts';", /write #net/],
  ['mail/a.ts', "import { x } from '#mail/b';", /relative path/],
  ['mail/a.ts', "const x = await import('#control/door');", /imports #control/],
  ['mail/a.ts', "import sqlite3 from 'sqlite3';", /opens the database/],
  ['mail/store/sqlite/a.ts', "import sqlite3 from 'sqlite3';", undefined],
  ['mail/a.ts', "import { isIP, connect } from 'node:net';", /open sockets/],
  ['mail/a.ts', "import { isIP } from 'node:net';", undefined],
  ['mail/a.ts', "import type { Socket } from 'node:net';", undefined],
  ['protocol/a.ts', "import { createHash } from 'node:crypto';", undefined],
  ['protocol/a.ts', "import { isIP } from 'node:net';", /nothing of Node|open sockets/],
  ['protocol/a.ts', "import { open } from 'node:fs/promises';", /nothing of Node/],
  ['net/a.ts', "import 'onoff';", /pins/],
  ['net/a.ts', "import { x } from '#control/door';", /may import only base, protocol/],
  ['web/a.ts', "import { x } from '#mail/owner/records';", /may import only base, net, control/],
  ['web/a.ts', "import { createServer } from 'node:http';", undefined],
  ['cli.ts', "import { x } from '#net/limits';", /the command may not/],
  ['cli.ts', "import { x } from '#machine/build';", undefined],
  ['box/a.ts', "import { x } from '#boot/slices';", /may import only base/],
  ['machine/a.ts', "import { x } from '#uplink/b';", /may import only base/],
  ['main.ts', "import { x } from '#net/limits';", undefined],
  ['net/a.ts', 'const a = 1;\nconst b = Date.now();', /a\.ts:2: uses Date\.now/],
  ['net/a.ts', 'setTimeout(f, 1); Math.random();', /setTimeout/],
  ['net/a.ts', '// never Date.now() here', undefined],
  ['base/clock.ts', 'Date.now();', undefined],
  ['mail/a.ts', "export const ink = '#24292f';", undefined],
];

for (const [file, source, complaint] of wrongs) {
  test(`${complaint === undefined ? 'allows' : 'finds'} in ${file}: ${source.trim()}`, () => {
    const found = violations(file, source);
    if (complaint === undefined) assert.deepEqual(found, []);
    else assert.match(found.join('\n'), complaint);
  });
}
