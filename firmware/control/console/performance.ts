/*
 * Performs a verb for somebody at a console: asks for its secret, for a yes where something would be
 * lost, tells how far it is, and goes on where an answer is only a step. Ctrl-C stops the waiting
 * and the reading; what the box has begun it ends. The command line does the same in cli.ts, over
 * HTTP and with files; a console has none.
 */
import { type Failure, failed, ok, type Result, refusal } from '#base/result';
import type { Box } from '../box.ts';
import { runInBox } from '../door.ts';
import type { Command } from '../parse.ts';
import { type BoxVerb, type Call, confirmCode, type Verb } from '../verb.ts';
import { sentence } from '../words.ts';
import type { Typist } from './typist.ts';

export async function perform(command: Command, box: Box, typist: Typist): Promise<void> {
  const unfit = unfitness(command);
  const secret = unfit === undefined ? await secretFor(command, typist) : failed(unfit);
  if (!secret.ok) {
    await typist.show(sentence(secret.error.say));
    return;
  }
  const call = { ...command.call, ...secret.value };
  const { verb } = command;
  if (verb.runs === 'box' && verb.follow !== undefined && call.flags.has('follow')) {
    await follow(verb, command, call, box, typist);
  } else {
    await runSteps(command, call, box, typist);
  }
}

/** What a console cannot do, though the command line can. */
function unfitness({ verb, call, data, passwordStdin }: Command): Failure | undefined {
  const no = (say: string) => refusal('usage', say);
  if (verb.runs === 'command-line') return no('The box runs already.');
  if (verb.runs === 'octets') return no('A message is too long for a console: use a mail client.');
  if (data !== undefined) return no('This console belongs to this box: --data means nothing here.');
  if (passwordStdin) return no('The console asks for passwords by itself.');
  for (const { name, file } of [...(verb.arguments ?? []), ...(verb.options ?? [])]) {
    const given = call.values[name];
    if (file && given !== undefined && !given.startsWith('/')) {
      return no(`Say where on the box, with the full path, such as /media/usb/${given}`);
    }
  }
  const file = verb.options?.find(
    (one) => (one.fileText || one.fileOctets) && call.values[one.name] !== undefined,
  );
  if (file === undefined) return undefined;
  return no(`--${file.name} wants a file, which a console does not have. Use the command line.`);
}

async function secretFor({ verb, call }: Command, typist: Typist): Promise<Result<Partial<Call>>> {
  const { secret } = verb;
  if (secret === undefined || secret.optional?.(call) === false) return ok({});
  const first = await typist.askHidden(`${secret.ask}: `);
  if (first.kind !== 'line') return failed(refusal('usage', 'Nothing was done.'));
  if (secret.twice) {
    const second = await typist.askHidden('The same again: ');
    if (second.kind !== 'line' || second.text !== first.text) {
      return failed(refusal('usage', 'The two are not the same. Nothing was done.'));
    }
  }
  return ok(secret.optional !== undefined && first.text === '' ? {} : { secret: first.text });
}

async function runSteps(command: Command, first: Call, box: Box, typist: Typist): Promise<void> {
  const { verb, json } = command;
  let call = first;
  for (;;) {
    const answer = await runOrConfirm(verb, call, box, typist);
    if (answer === 'interrupted') {
      await typist.show('The box goes on with it; its log tells how it ends.');
      return;
    }
    if (!answer.ok) {
      await typist.show(sentence(answer.error.say));
      return;
    }
    const { value } = answer;
    await typist.show(json ? JSON.stringify(value, null, 2) : verb.render(value as never, call));
    const next = verb.runs === 'box' ? verb.next?.(value, call) : undefined;
    if (next === undefined) return;
    call = next.call;
    if (next.ask === undefined) continue;
    const typed = await typist.askOnce(`${next.ask}: `);
    if (typed.kind !== 'line') return;
    call = { ...call, secret: typed.text };
  }
}

type Answer = Result<unknown> | 'interrupted';

async function runOrConfirm(verb: Verb, call: Call, box: Box, typist: Typist): Promise<Answer> {
  const answer = await run(verb, call, box, typist);
  if (answer === 'interrupted' || answer.ok || answer.error.code !== confirmCode) return answer;
  await typist.show(sentence(answer.error.say));
  const typed = await typist.askOnce('Type yes to do it: ');
  if (typed.kind !== 'line' || typed.text.trim() !== 'yes') {
    return failed(refusal(confirmCode, 'Nothing was done.'));
  }
  return run(verb, { ...call, flags: new Set([...call.flags, 'yes']) }, box, typist);
}

async function run(verb: Verb, call: Call, box: Box, typist: Typist): Promise<Answer> {
  using interruption = typist.interruption();
  const tells = verb.runs === 'box' && verb.runTelling !== undefined;
  let isOver = false;
  const tell = (event: unknown) => {
    if (tells && !isOver) typist.showInPlace(verb.renderProgress?.(event) ?? '');
  };
  const running = tells ? verb.runTelling?.(call, box, tell) : undefined;
  const answer = running ?? runInBox(verb, call, box);
  const first = await Promise.race([
    answer,
    interruption.happened.then(() => 'interrupted' as const),
  ]);
  isOver = true;
  if (tells) typist.showInPlace('');
  return first;
}

async function follow(
  verb: BoxVerb,
  { json }: Command,
  call: Call,
  box: Box,
  typist: Typist,
): Promise<void> {
  await typist.show('Ctrl-C ends this.');
  using interruption = typist.interruption();
  using _following = verb.follow?.(call, box, (event) => {
    typist.showIfRoom(json ? JSON.stringify(event) : (verb.renderEvent?.(event) ?? ''));
  });
  await interruption.happened;
}
