/* `--help`, written from the verb table. */
import { commonOptions, findVerb, synopsis } from './parse.ts';
import type { Option, Verb } from './verb.ts';
import { columns } from './words.ts';

/** All verbs, one family (`account`), or one verb with its options. */
export function help(words: readonly string[], verbs: readonly Verb[]): string {
  const verb = findVerb(words, verbs);
  if (verb !== undefined) return verbHelp(verb, verbs);
  const family = verbs.filter((one) => words.length > 0 && one.words[0] === words[0]);
  return overview(family.length > 0 ? family : verbs);
}

function overview(verbs: readonly Verb[]): string {
  return [
    'restante: ask the mail box to do something.',
    '',
    verbRows(verbs),
    '',
    'Options of every verb:',
    optionRows(commonOptions),
  ].join('\n');
}

/** With the verbs that begin with its words, for `backup` is one, and `backup now` another. */
function verbHelp(verb: Verb, verbs: readonly Verb[]): string {
  const longer = verbs.filter(
    (one) => one !== verb && verb.words.every((word, index) => one.words[index] === word),
  );
  return [
    `restante ${synopsis(verb)}`,
    `  ${verb.summary}`,
    '',
    optionRows([...(verb.options ?? []), ...commonOptions]),
    ...(longer.length === 0 ? [] : ['', 'There are also:', verbRows(longer)]),
  ].join('\n');
}

function verbRows(verbs: readonly Verb[]): string {
  return columns(verbs.map((verb) => [`  ${synopsis(verb)}`, verb.summary]));
}

function optionRows(options: readonly Option[]): string {
  return columns(
    options.map((option) => {
      const value = option.value === undefined ? '' : ` ${option.value}`;
      return [`  --${option.name}${value}`, option.summary];
    }),
  );
}
