/*
 * Collects the citations `RFC nnnn §x` of the firmware into a table in firmware/protocol/README.md,
 * between two markers: which standard is implemented where. With --check it writes nothing, and
 * fails when the table is not as it should be or when a file of commands cites no RFC.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}firmware/protocol/README.md`;
const begin = '<!-- standards: made by scripts/standards -->';
const end = '<!-- end of standards -->';

/** RFC number -> file -> sections cited there. */
type Citations = Map<number, Map<string, Set<string>>>;

const sources = globSync('firmware/**/*.ts', { cwd: root }).sort();
const table = render(collect(sources));
const faults = sources.filter(isCommandFile).filter((file) => !/\bRFC \d+/.test(read(file)));
for (const file of faults) console.error(`${file}: implements commands, and cites no RFC`);

const before = readFileSync(page, 'utf8');
const after = withTable(before);
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (before !== after) {
  console.error('firmware/protocol/README.md: the standards table is old. Run scripts/standards.');
  process.exitCode = 1;
}
if (faults.length > 0) process.exitCode = 1;

function read(file: string): string {
  return readFileSync(root + file, 'utf8');
}

function isCommandFile(file: string): boolean {
  return /^firmware\/protocol\/[^/]+\/commands\/.+\.ts$/.test(file);
}

function collect(files: readonly string[]): Citations {
  const citations: Citations = new Map();
  for (const file of files) {
    // `RFC 5321 §4.1.1.4`, `RFC 1939 §3, §5`, `RFC 5322`; a comment may break the line anywhere.
    const text = read(file).replace(/\s*\n\s*(\*|\/\/)?\s*/g, ' ');
    for (const match of text.matchAll(/\bRFC (\d{3,5})((?:,?(?: and)? ?§[\d.A-Z]*\w)*)/g)) {
      const places = citations.get(Number(match[1])) ?? new Map<string, Set<string>>();
      citations.set(Number(match[1]), places);
      const sections = places.get(file) ?? new Set<string>();
      places.set(file, sections);
      for (const section of match[2]?.matchAll(/§([\d.A-Z]*\w)/g) ?? []) {
        sections.add(section[1] ?? '');
      }
    }
  }
  return citations;
}

function render(citations: Citations): string {
  const rows = [...citations].sort(([one], [other]) => one - other);
  const lines = rows.map(([rfc, places]) => {
    const files = [...places].map(([file, sections]) => {
      const short = file.replace(/^firmware\//, '');
      const list = [...sections].sort(bySection).map((section) => `§${section}`);
      return `\`${short}\`${list.length > 0 ? ` ${list.join(' ')}` : ''}`;
    });
    return `| RFC ${rfc} | ${files.join('; ')} |`;
  });
  return ['| standard | where it is cited, and which sections |', '|---|---|', ...lines].join('\n');
}

function bySection(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

function withTable(text: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no markers for the standards table`);
  return `${text.slice(0, from)}${begin}\n${table}\n${text.slice(to)}`;
}
