/* `--help`, written from the verb table. */
import { commonOptions, findVerb, synopsis } from './parse.ts';
import type { Option, Verb } from './verb.ts';
import { columns } from './words.ts';

/** All verbs, one family (`account`), or one verb with its options. */
export function help(words: readonly string[], verbs: readonly Verb[]): string {
  const verb = findVerb(words, verbs);
  if (verb !== undefined) return verbHelp(verb);
  const family = verbs.filter((one) => words.length > 0 && one.words[0] === words[0]);
  return overview(family.length > 0 ? family : verbs);
}

function overview(verbs: readonly Verb[]): string {
  const rows = verbs.map((verb) => [`  ${synopsis(verb)}`, verb.summary]);
  return [
    'restante: ask the mail box to do something.',
    '',
    columns(rows),
    '',
    'Options of every verb:',
    optionRows(commonOptions),
  ].join('\n');
}

function verbHelp(verb: Verb): string {
  return [
    `restante ${synopsis(verb)}`,
    `  ${verb.summary}`,
    '',
    optionRows([...(verb.options ?? []), ...commonOptions]),
  ].join('\n');
}

function optionRows(options: readonly Option[]): string {
  return columns(
    options.map((option) => {
      const value = option.value === undefined ? '' : ` ${option.value}`;
      return [`  --${option.name}${value}`, option.summary];
    }),
  );
}
