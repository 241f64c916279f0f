/*
 * The `restante` command: its words become a verb, the verb is asked of the running box through
 * the control socket, the answer is printed. It loads little, for `status` should feel instant;
 * the mail store is loaded only to verify or restore while the box is off.
 *
 * Exit status: 0 done; 1 refused, failed, or bad news; 2 the words make no sense.
 */
import { fileURLToPath } from 'node:url';
import { type Failure, failed, type Result, refusal } from '#base/result';
import { ask, follow, notRunning } from '#control/client';
import { help } from '#control/help';
import { type Command, parseCommand } from '#control/parse';
import { controlSocketPath, socketPathFault } from '#control/socket-path';
import type { ErrorReport } from '#control/types';
import { type Call, confirmCode, type Verb } from '#control/verb';
import { verbs } from '#control/verbs/table';
import { sentence } from '#control/words';
import { dataDirectory } from './data-directory.ts';
import { askHidden, askOpenly, readAll } from './terminal.ts';

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
  const parsed = parseCommand(words, verbs);
  switch (parsed.kind) {
    case 'help':
      print(help(parsed.words, verbs));
      return done;
    case 'usage':
      complain(parsed.say);
      return usage;
    case 'command':
      return runCommand(parsed);
  }
}

async function runCommand(command: Command): Promise<number> {
  const data = dataDirectory(command.data, process.env);
  const tooLong = socketPathFault(data);
  if (tooLong !== undefined) return fail(command, refusal('data-directory', tooLong));
  const secret = await secretFor(command);
  if (!secret.ok) {
    complain(secret.error.say);
    return usage;
  }
  const call = withFiles(command.verb, { ...command.call, ...secret.value });
  if (call.flags.has('follow')) return runFollowing(command, call, data);
  const answer = await askOrConfirm(command.verb, call, data);
  if (!answer.ok) return fail(command, inWords(answer.error, data));
  const { verb } = command;
  print(
    command.json ? JSON.stringify(answer.value, null, 2) : verb.render(answer.value as never, call),
  );
  return verb.isBad?.(answer.value as never) ? refused : done;
}

async function askOrConfirm(verb: Verb, call: Call, data: string): Promise<Result<unknown>> {
  const answer = await askBoxOrDirectory(verb, call, data);
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

/** Maintenance is done by this process when there is no box to ask. */
async function askBoxOrDirectory(verb: Verb, call: Call, data: string): Promise<Result<unknown>> {
  const answer = await ask(controlSocketPath(data), verb, call);
  if (answer.ok || answer.error.code !== notRunning || verb.runs !== 'either') return answer;
  const { withBoxOff } = await import('./box-off.ts');
  return withBoxOff(data, verb.fills === true, (maintenance) => verb.run(call, maintenance));
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
  if (!process.stdin.isTTY) {
    const say = 'There is no terminal to ask for the password: give it by --password-stdin.';
    return failed(refusal('usage', say));
  }
  const typed = await askHidden(process.stdin, secret.ask);
  if (typed === undefined) return failed(refusal('usage', 'Nothing was done.'));
  if (secret.twice && typed !== (await askHidden(process.stdin, 'The same again'))) {
    return failed(refusal('usage', 'The two are not the same. Nothing was done.'));
  }
  return { ok: true, value: { secret: typed } };
}

/** The box may stand in another folder: names of files are made absolute here. */
function withFiles(verb: Verb, call: Call): Call {
  const values = { ...call.values };
  for (const { name, file } of verb.arguments ?? []) {
    const given = values[name];
    if (file && given !== undefined) values[name] = absolute(given);
  }
  return { ...call, values };
}

function absolute(path: string): string {
  return process.getBuiltinModule('node:path').resolve(path);
}

function inWords(failure: Failure, data: string): Failure {
  if (failure.code !== notRunning) return failure;
  const start = `scripts/restante start --data ${data}`;
  return refusal(notRunning, `The box is not running on ${data}. Start it with: ${start}`);
}

function fail(command: Command, failure: Failure): number {
  const report: ErrorReport = { error: { code: failure.code, say: failure.say } };
  if (command.json) print(JSON.stringify(report, null, 2));
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
