/*
 * The tables that README.md prints, made from the data itself, so that the page cannot drift
 * (test/unit/panel/tables.test.ts, which says what to paste).
 */
import { type Meaning, meanings, rhythms } from './patterns.ts';
import { stages } from './press.ts';

/** What each lamp says, as a Markdown table. */
export function meaningsTable(): string {
  const rows = Object.entries(meanings).flatMap(([lamp, row]) =>
    Object.values<Meaning>(row).map(({ pattern, say }) => [
      `\`${lamp}\``,
      rhythms[pattern].words.split(':')[0] ?? '',
      say,
    ]),
  );
  return markdown(['lamp', 'shows', 'means'], rows);
}

export function rhythmsTable(): string {
  const rows = Object.entries(rhythms).map(([pattern, { words }]) => [`\`${pattern}\``, words]);
  return markdown(['pattern', 'what it looks like'], rows);
}

/** What the button does, as a Markdown table. */
export function stagesTable(): string {
  const rows = stages.map(({ after, shows, say }) => [
    after === 0 ? 'short' : `${after / 1_000} seconds`,
    shows === undefined ? 'as without a finger' : `all ${rhythms[shows].words.split(':')[0]}`,
    say,
  ]);
  return markdown(['held', 'lamps meanwhile', 'letting go'], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
