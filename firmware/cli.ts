/*
 * The `restante` command: its words become a verb, the verb is asked of the running box through
 * the control socket, the answer is printed. It loads little, for `status` should feel instant;
 * the mail store is loaded only to verify or restore while the box is off.
 *
 * Exit status: 0 done; 1 refused, failed, or bad news; 2 the words make no sense.
 */
import { fileURLToPath } from 'node:url';
import { fileFault } from '#base/file-fault';
import { type Failure, failed, ok, type Result, refusal } from '#base/result';
import { ask, askForOctets, askTelling, askWith, follow, notRunning } from '#control/client';
import { help } from '#control/help';
import { type Command, parseCommand } from '#control/parse';
import { controlSocketPath, socketPathFault } from '#control/socket-path';
import type { ErrorReport } from '#control/types';
import { type Call, confirmCode, type Verb } from '#control/verb';
import { verbs } from '#control/verbs/table';
import { sentence } from '#control/words';
import { dataDirectory } from '#machine/data-directory';
import { askHidden, askOpenly, readAll } from '#machine/terminal';

const done = 0;
const refused = 1;
const usage = 2;

process.umask(0o077);
// Whoever reads has seen enough (`restante log --follow | head`): no more is said, and all is well.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? done : refused);
});
process.exitCode = await run(process.argv.slice(2));

async function run(words: readonly string[]): Promise<number> {
  if (words[0] === 'start') return becomeTheBox(words.slice(1));
  if (words[0] === '--version') return becomeTheBox(words);
  const parsed = parseCommand(words, verbs);
  switch (parsed.kind) {
    case 'help':
      print(help(parsed.words, verbs));
      return done;
    case 'usage':
      return fail(parsed, refusal('usage', parsed.say));
    case 'command':
      return runCommand(parsed);
  }
}

async function runCommand(command: Command): Promise<number> {
  const data = dataDirectory(command.data, process.env);
  const tooLong = socketPathFault(data);
  if (tooLong !== undefined) return fail(command, refusal('data-directory', tooLong));
  const secret = await secretFor(command);
  if (!secret.ok) return fail(command, secret.error);
  const filled = withFiles(command.verb, { ...command.call, ...secret.value });
  if (!filled.ok) return fail(command, filled.error);
  const call = filled.value;
  if (call.flags.has('follow')) return runFollowing(command, call, data);
  if (command.verb.runs === 'octets') return runForOctets(command, call, data);
  return runSteps(command, call, data);
}

/** Asks, prints, and goes on while the answer is only a step and a person is there to take it. */
async function runSteps(command: Command, call: Call, data: string): Promise<number> {
  const { verb, json } = command;
  const answer = await askOrConfirm(command, call, data);
  if (!answer.ok) return fail(command, inWords(answer.error, data));
  print(json ? JSON.stringify(answer.value, null, 2) : verb.render(answer.value as never, call));
  const next = verb.runs === 'box' ? verb.next?.(answer.value, call) : undefined;
  if (next === undefined || !process.stdin.isTTY) {
    return verb.isBad?.(answer.value as never) ? refused : done;
  }
  if (next.ask === undefined) return runSteps(command, next.call, data);
  const typed = await askOpenly(process.stdin, next.ask);
  return runSteps(command, { ...next.call, secret: typed }, data);
}

async function askOrConfirm(command: Command, call: Call, data: string): Promise<Result<unknown>> {
  const { verb } = command;
  const answer = tellsProgress(command, call)
    ? await askWithProgress(command, call, data)
    : await askBoxOrDirectory(verb, call, data);
  if (answer.ok || answer.error.code !== confirmCode) return answer;
  const { say } = answer.error;
  if (!process.stdin.isTTY) {
    return failed(refusal(confirmCode, `${sentence(say)} Add --yes if that is what you want.`));
  }
  complain(say);
  if ((await askOpenly(process.stdin, 'Type yes to do it')) !== 'yes') {
    return failed(refusal(confirmCode, 'Nothing was done.'));
  }
  return askBoxOrDirectory(verb, { ...call, flags: new Set([...call.flags, 'yes']) }, data);
}

/** A person who waits at a terminal sees how far it is; a program does when it says so. */
function tellsProgress({ verb, json }: Command, call: Call): boolean {
  if (verb.runs !== 'box' || verb.runTelling === undefined) return false;
  return call.flags.has('progress') || (process.stderr.isTTY && !json);
}

async function askWithProgress(
  { verb, json }: Command,
  call: Call,
  data: string,
): Promise<Result<unknown>> {
  if (verb.runs !== 'box') throw new Error('only the box tells progress');
  const inPlace = process.stderr.isTTY && !json;
  const tell = (event: unknown) => {
    if (json) print(JSON.stringify({ progress: event }));
    else if (inPlace) process.stderr.write(`\r\x1b[K${verb.renderProgress?.(event) ?? ''}`);
    else process.stderr.write(`${verb.renderProgress?.(event) ?? ''}\n`);
  };
  const answer = await askTelling(controlSocketPath(data), verb, call, tell);
  if (inPlace) process.stderr.write('\r\x1b[K');
  return answer;
}

/** Maintenance is done by this process when there is no box to ask. */
async function askBoxOrDirectory(verb: Verb, call: Call, data: string): Promise<Result<unknown>> {
  const file = verb.options?.find((one) => one.fileOctets && call.values[one.name] !== undefined);
  if (file !== undefined) return askWithFile(verb, call, file.name, data);
  const answer = await ask(controlSocketPath(data), verb, call);
  if (answer.ok || answer.error.code !== notRunning || verb.runs !== 'either') return answer;
  const { withBoxOff } = await import('#machine/box-off');
  return withBoxOff(data, verb.fills === true, (maintenance) => verb.run(call, maintenance));
}

/** The file goes as it is: its octets are no text. */
async function askWithFile(
  verb: Verb,
  call: Call,
  option: string,
  data: string,
): Promise<Result<unknown>> {
  if (verb.runs !== 'box' || verb.takes === undefined) throw new Error('it takes no octets');
  const { [option]: name = '-', ...values } = call.values;
  const { open } = process.getBuiltinModule('node:fs/promises');
  try {
    const pieces = name === '-' ? process.stdin : (await open(name)).createReadStream();
    const octets = { type: verb.takes.type, pieces };
    return await askWith(controlSocketPath(data), verb, { ...call, values }, octets);
  } catch (error) {
    return failed(unreadable(option, name, error));
  }
}

/** Octets go to standard output, as fast as it takes them. */
async function runForOctets(command: Command, call: Call, data: string): Promise<number> {
  const { stdout } = process;
  const write = (piece: Uint8Array) => {
    if (stdout.write(piece)) return;
    return new Promise<void>((resolve) => void stdout.once('drain', () => resolve()));
  };
  const done = await askForOctets(controlSocketPath(data), command.verb, call, write);
  return done.ok ? 0 : fail(command, inWords(done.error, data));
}

async function runFollowing(command: Command, call: Call, data: string): Promise<number> {
  const { verb, json } = command;
  if (verb.runs !== 'box') throw new Error('only the box can be followed');
  const tell = (event: unknown) =>
    print(json ? JSON.stringify(event) : (verb.renderEvent?.(event) ?? ''));
  const ended = await follow(controlSocketPath(data), verb, call, tell);
  return ended.ok ? done : fail(command, inWords(ended.error, data));
}

/** The verb's secret, from standard input or asked for, as a part of the call. */
async function secretFor(command: Command): Promise<Result<{ secret?: string }>> {
  const { secret } = command.verb;
  if (secret === undefined) return { ok: true, value: {} };
  if (command.passwordStdin) return { ok: true, value: { secret: await readAll(process.stdin) } };
  const optional = secret.optional !== undefined;
  if (optional && !(secret.optional?.(command.call) ?? false)) return { ok: true, value: {} };
  if (optional && !process.stdin.isTTY) return { ok: true, value: {} };
  if (!process.stdin.isTTY) {
    const say = 'There is no terminal to ask for the password: give it by --password-stdin.';
    return failed(refusal('usage', say));
  }
  const typed = await askHidden(process.stdin, secret.ask);
  if (typed === undefined) return failed(refusal('usage', 'Nothing was done.'));
  if (secret.twice && typed !== (await askHidden(process.stdin, 'The same again'))) {
    return failed(refusal('usage', 'The two are not the same. Nothing was done.'));
  }
  return { ok: true, value: optional && typed === '' ? {} : { secret: typed } };
}

/** The box may stand in another folder: names of files are made absolute here, and files whose text
 * is wanted are read by who may read them. */
function withFiles(verb: Verb, call: Call): Result<Call> {
  const values = { ...call.values };
  for (const { name, file } of [...(verb.arguments ?? []), ...(verb.options ?? [])]) {
    const given = values[name];
    if (file && given !== undefined) values[name] = absolute(given);
  }
  for (const { name, fileText } of verb.options ?? []) {
    const given = values[name];
    if (!fileText || given === undefined) continue;
    try {
      values[name] = process.getBuiltinModule('node:fs').readFileSync(given, 'utf8');
    } catch (error) {
      return failed(unreadable(name, given, error));
    }
  }
  return ok({ ...call, values });
}

function unreadable(option: string, file: string, error: unknown): Failure {
  return refusal('usage', `${file} (--${option}) cannot be read: ${fileFault(error)}`);
}

function absolute(path: string): string {
  return process.getBuiltinModule('node:path').resolve(path);
}

function inWords(failure: Failure, data: string): Failure {
  if (failure.code !== notRunning) return failure;
  const start = `scripts/restante start --data ${data}`;
  // In quotation marks, so that no full stop is copied with it.
  return refusal(notRunning, `The box is not running on ${data}. Start it with "${start}"`);
}

function fail({ json }: { readonly json: boolean }, failure: Failure): number {
  const report: ErrorReport = { error: { code: failure.code, say: failure.say } };
  if (json) print(JSON.stringify(report, null, 2));
  complain(failure.say);
  return failure.code === 'usage' ? usage : refused;
}

/** `start` is the same as running main: this process turns into it,
 * so that signals reach the box. */
function becomeTheBox(words: readonly string[]): never {
  const main = fileURLToPath(new URL(import.meta.url.replace(/cli\.(ts|js)$/, 'main.$1')));
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, main, ...words]);
  throw new Error('this runtime cannot turn into another program');
}

function print(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`);
}

function complain(say: string): void {
  process.stderr.write(`${sentence(say)}\n`);
}
