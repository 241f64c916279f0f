/*
 * A command's words to a verb and its call. The words come from an argument list or from a line on
 * a serial console; what is allowed stands in the verb table alone.
 *
 *   command = verb *(argument / option)
 *   option  = "--" name / "--" name "=" value / "--" name SP value
 *
 * "--" alone ends the options. No password is ever among the words.
 */
import type { Argument, Call, Option, Verb } from './verb.ts';

/** Options that every verb takes. */
export const commonOptions: readonly Option[] = [
  { name: 'data', value: 'DIR', summary: 'the data directory; else RESTANTE_DATA, else ./data' },
  { name: 'json', summary: 'answer in JSON, for programs' },
  { name: 'password-stdin', summary: 'read the password or passphrase from standard input' },
  { name: 'help', summary: 'explain instead of doing' },
];

export interface Command {
  readonly kind: 'command';
  readonly verb: Verb;
  readonly call: Call;
  readonly data: string | undefined;
  readonly json: boolean;
  readonly passwordStdin: boolean;
}

export type Parsed =
  | Command
  | { readonly kind: 'help'; readonly words: readonly string[] }
  /** The words make no sense; `say` tells why, in JSON too when that was wished. */
  | { readonly kind: 'usage'; readonly say: string; readonly json: boolean };

export function parseCommand(words: readonly string[], verbs: readonly Verb[]): Parsed {
  // Options may stand before the verb, so the verb is looked for with every verb's options known.
  const all = verbs.flatMap((verb) => verb.options ?? []);
  const named = readWords(words, [...commonOptions, ...all]).plain;
  const verb = findVerb(named, verbs);
  const read = readWords(words, [...commonOptions, ...(verb?.options ?? [])]);
  if (named.length === 0 || read.flags.has('help')) return { kind: 'help', words: named };
  const { json, passwordStdin, flags } = commonFlags(read.flags);
  if (verb === undefined) return { kind: 'usage', say: unknownVerb(named, verbs), json };
  const given = read.plain.slice(verb.words.length);
  const fault = read.fault ?? checkArguments(verb, given);
  if (fault !== undefined) return { kind: 'usage', say: fault, json };
  const { data, ...values } = read.values;
  const lists = Object.keys(read.lists).length === 0 ? {} : { lists: read.lists };
  (verb.arguments ?? []).forEach((argument, index) => {
    const word = given[index];
    if (word !== undefined) values[argument.name] = word;
  });
  return { kind: 'command', verb, call: { values, flags, ...lists }, data, json, passwordStdin };
}

/** The verb whose words these begin with;
 * the longest, for `account passwords` follows `account`. */
export function findVerb(words: readonly string[], verbs: readonly Verb[]): Verb | undefined {
  return verbs
    .filter((verb) => verb.words.every((word, index) => words[index] === word))
    .sort((a, b) => b.words.length - a.words.length)[0];
}

/** 'account add ACCOUNT [--json]' without the options. */
export function synopsis(verb: Verb): string {
  return [...verb.words, ...(verb.arguments ?? []).map(argumentWord)].join(' ');
}

function argumentWord(argument: Argument): string {
  const word = argument.name.toUpperCase();
  return argument.optional ? `[${word}]` : word;
}

interface Words {
  readonly plain: string[];
  readonly values: Record<string, string>;
  readonly lists: Record<string, string[]>;
  readonly flags: Set<string>;
  fault?: string;
}

function readWords(words: readonly string[], options: readonly Option[]): Words {
  const read: Words = { plain: [], values: {}, lists: {}, flags: new Set() };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--') {
      read.plain.push(...words.slice(index + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      read.plain.push(word);
      continue;
    }
    const [, name = '', inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const option = options.find((one) => one.name === (name === 'h' ? 'help' : name));
    if (option === undefined) {
      read.fault ??= `There is no option ${word.split('=')[0]} here.`;
    } else if (option.value === undefined) {
      if (inline !== undefined) read.fault ??= `--${option.name} takes no value.`;
      read.flags.add(option.name);
    } else {
      const taken = inline ?? words[++index];
      if (taken === undefined) read.fault ??= `--${option.name} wants ${option.value} behind it.`;
      else if (option.repeats)
        read.lists[option.name] = [...(read.lists[option.name] ?? []), taken];
      else read.values[option.name] = taken;
    }
  }
  return read;
}

function commonFlags(flags: ReadonlySet<string>) {
  const own = new Set(flags);
  const json = own.delete('json');
  const passwordStdin = own.delete('password-stdin');
  return { json, passwordStdin, flags: own };
}

function checkArguments(verb: Verb, given: readonly string[]): string | undefined {
  const known = verb.arguments ?? [];
  const needed = known.filter((argument) => argument.optional !== true);
  const right = `Write: restante ${synopsis(verb)}`;
  const missing = needed[given.length];
  if (missing !== undefined) return `${missing.name.toUpperCase()} is missing. ${right}`;
  if (given.length <= known.length) return undefined;
  const secret = verb.secret === undefined ? '' : ' A password is never an argument.';
  return `There is a word too many.${secret} ${right}`;
}

function unknownVerb(named: readonly string[], verbs: readonly Verb[]): string {
  const family = verbs.filter((verb) => verb.words[0] === named[0]);
  const said = named.slice(0, 2).join(' ');
  if (family.length === 0) return `There is no verb '${named[0]}'. See: restante --help`;
  const choices = family.map((verb) => verb.words.join(' ')).join(', ');
  return `There is no verb '${said}'. There are: ${choices}.`;
}
