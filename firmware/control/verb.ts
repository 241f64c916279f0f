/*
 * What a verb is: one thing a person or a program can ask of the box. One table of them
 * (verbs/table.ts) drives the command line's parsing and `--help`, the HTTP routes on the control
 * socket, and what is printed, so that the command line, Node-RED and a serial console cannot
 * drift apart. A verb does no I/O of its own: it asks the Box, a port that main fills.
 */
import { failed, type Result, refusal } from '#base/result';
import type { Box, Maintenance, Octets } from './box.ts';

/** A word on the command line that stands for a value. */
export interface Argument {
  /** Its name in HTTP; upper case in `--help`. */
  readonly name: string;
  readonly optional?: true;
  /** A file's name: the command line makes it absolute, for the box may stand in another folder. */
  readonly file?: true;
}

/** `--name` (a flag), or `--name VALUE`. */
export interface Option {
  readonly name: string;
  readonly value?: string;
  /** It may be given several times. */
  readonly repeats?: true;
  /** Its value is a file's name: the command line reads the file and hands its text on. */
  readonly fileText?: true;
  /** Its value is a file's or folder's name: the command line makes it absolute. */
  readonly file?: true;
  /** Its value is a file's name on the command line, which sends the file as it is (see `takes`);
   * '-' is standard input. Elsewhere the value is the text itself. */
  readonly fileOctets?: true;
  readonly summary: string;
}

/** A secret the verb needs. It never comes as an argument: others can read those. */
export interface Secret {
  /** What it is asked for with, e.g. 'New password'. */
  readonly ask: string;
  /** Asked twice, for it cannot be seen while it is typed. */
  readonly twice?: true;
  /** The verb can do without; a person at a terminal is asked when this says so. */
  readonly optional?: (call: Call) => boolean;
}

/** A verb with the values it was called with.
 * Names and kinds have been checked against the verb. */
export interface Call {
  readonly values: Readonly<Record<string, string>>;
  readonly flags: ReadonlySet<string>;
  /** Values of options that repeat. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
  readonly secret?: string;
}

/** What a person at a terminal is told and asked after an answer that is only a step. */
export interface NextStep {
  /** Asked openly; what is typed becomes the secret of the next call. */
  readonly ask?: string;
  readonly call: Call;
}

interface Shape<Answer> {
  readonly words: readonly string[];
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly summary: string;
  readonly secret?: Secret;
  /** It only looks: GET in HTTP, and harmless to repeat. */
  readonly reads?: true;
  /** The answer in words, without a last line end. */
  render(answer: Answer, call: Call): string;
  /** The verb was done, and what it found is bad: the command line ends with 1. */
  isBad?(answer: Answer): boolean;
}

/** Asked of the running box. */
export interface BoxVerb<Answer = unknown> extends Shape<Answer> {
  readonly runs: 'box';
  run(call: Call, box: Box): Promise<Result<Answer>>;
  /** With the flag `progress`: how far it is, while it runs. */
  runTelling?(call: Call, box: Box, tell: (event: unknown) => void): Promise<Result<Answer>>;
  renderProgress?(event: unknown): string;
  /** The answer was a step: what comes next; undefined when all is done. */
  next?(answer: Answer, call: Call): NextStep | undefined;
  /** With the flag `follow`: what happens from now on, until the Disposable is disposed of. */
  follow?(call: Call, box: Box, tell: (event: unknown) => void): Disposable;
  renderEvent?(event: unknown): string;
  /** Instead of JSON it takes octets of this type: the body in HTTP, with the rest in the query. */
  readonly takes?: {
    readonly type: string;
    run(call: Call, box: Box, octets: AsyncIterable<Result<Uint8Array>>): Promise<Result<Answer>>;
  };
  /** Octets that its JSON may have; undefined: as many as are enough for any verb. */
  readonly longestBody?: number;
}

/** Asked of the running box; its answer is octets rather than JSON: the body in HTTP, standard
 * output of the command line. */
export interface OctetsVerb extends Shape<never> {
  readonly runs: 'octets';
  readonly reads: true;
  open(call: Call, box: Box): Promise<Result<Octets>>;
}

/** Asked of the running box, or done by the command line itself while the box is off. */
export interface MaintenanceVerb<Answer = unknown> extends Shape<Answer> {
  readonly runs: 'either';
  /** It fills the data directory, which may be new. */
  readonly fills?: true;
  run(call: Call, maintenance: Maintenance): Promise<Result<Answer>>;
}

/** Belongs to the command line alone. */
export interface CommandVerb extends Shape<never> {
  readonly runs: 'command-line';
}

export type Verb = BoxVerb | MaintenanceVerb | CommandVerb | OctetsVerb;

/** A value that the verb's table promises to be there. */
export function value(call: Call, name: string): string {
  const found = call.values[name];
  if (found === undefined) throw new Error(`the verb table does not promise '${name}'`);
  return found;
}

/** The values of an option that repeats. */
export function listOf(call: Call, name: string): readonly string[] {
  return call.lists?.[name] ?? [];
}

/** The secret of a verb that asks for one. */
export function secretOf(call: Call): string {
  if (call.secret === undefined) throw new Error('the verb table does not promise a secret');
  return call.secret;
}

/** The code of a refusal that `--yes` (or a typed yes) turns into consent. */
export const confirmCode = 'confirm';

/** What keeps a verb that takes something away: without `--yes`, the sentence that says what would be
 * lost, or why that cannot be said. Undefined: it may go on. */
export async function reluctance(
  call: Call,
  lossOf: () => Promise<Result<string | undefined>>,
): Promise<(Result<never> & { readonly ok: false }) | undefined> {
  if (call.flags.has('yes')) return undefined;
  const loss = await lossOf();
  if (!loss.ok) return loss;
  return loss.value === undefined ? undefined : failed(refusal(confirmCode, loss.value));
}
