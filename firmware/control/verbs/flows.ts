/*
 * `flows stay`: said by the process of the flows when the owner's own flows want it to stay on (a
 * node waits for mail, events or a time there), or no longer. People change the setting flows.run
 * instead.
 */
import { failed, refusal } from '#base/result';
import type { FlowsReport } from '../types.ts';
import type { BoxVerb } from '../verb.ts';
import { sizeInWords } from '../words.ts';

const stay: BoxVerb<FlowsReport> = {
  words: ['flows', 'stay'],
  options: [
    { name: 'stay', summary: 'stay on; without it, stop when idle as usual' },
    { name: 'why', value: 'TEXT', summary: 'what wants that, in a sentence' },
  ],
  summary: 'for the flows themselves: stay on, because a flow waits for mail, events or a time',
  runs: 'box',
  async run(call, box) {
    const { why } = call.values;
    if (!call.flags.has('stay')) return box.flows.stay(undefined);
    if (why === undefined || why.trim() === '') {
      return failed(refusal('usage', 'Say why they stay on: --why TEXT'));
    }
    return box.flows.stay(why.trim().slice(0, 500));
  },
  render: flowsInWords,
};

export const flowsVerbs = [stay] as const;

export function flowsInWords({ state, run, memory, stays, say }: FlowsReport): string {
  const size = memory === undefined ? '' : `, ${sizeInWords(memory)} of memory`;
  const why = stays === undefined ? '' : `; they stay on: ${stays}`;
  return `${state} (flows.run is ${run}${size})${why}${say === undefined ? '' : `; ${say}`}`;
}
