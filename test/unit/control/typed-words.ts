/* A command as somebody types it, asked of a box in memory. */
import assert from 'node:assert/strict';
import type { Box } from '#control/box';
import { runInBox } from '#control/door';
import { parseCommand } from '#control/parse';
import { fromRequest, toRequest } from '#control/routes';
import type { Call, Verb } from '#control/verb';
import { verbs } from '#control/verbs/table';

/** What the words ask for, as it comes out of HTTP on the other side. */
export function typed(words: string, secret?: string): { verb: Verb; call: Call } {
  const parsed = parseCommand(words.split(' '), verbs);
  assert.ok(parsed.kind === 'command', JSON.stringify(parsed));
  const call = { ...parsed.call, ...(secret === undefined ? {} : { secret }) };
  const routed = fromRequest(toRequest(parsed.verb, call), verbs);
  assert.ok(routed.ok, JSON.stringify(routed));
  return routed.value;
}

/** The answer in words. */
export async function say(box: Box, words: string, secret?: string): Promise<string> {
  const { verb, call } = typed(words, secret);
  const answer = await runInBox(verb, call, box);
  return answer.ok ? verb.render(answer.value as never, call) : answer.error.say;
}
