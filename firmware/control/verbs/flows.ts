/*
 * `flows stay`: Node-RED says for itself whether it has to stay on, for it alone knows its flows.
 * People use the setting flows.run.
 */
import { ok } from '#base/result';
import type { FlowsStayReport } from '../types.ts';
import type { BoxVerb } from '../verb.ts';

const stay: BoxVerb<FlowsStayReport> = {
  words: ['flows', 'stay'],
  options: [
    { name: 'stay', summary: 'it has to stay on; without this, it need not' },
    { name: 'why', value: 'WORDS', summary: 'because of what, in words for the owner' },
  ],
  summary: 'said by Node-RED: whether a flow needs it to stay on',
  runs: 'box',
  async run(call, { flows }) {
    const stays = call.flags.has('stay');
    const why = call.values['why'] ?? 'a flow waits for events';
    const done = await flows.stay(stays ? why : undefined);
    return done.ok ? ok({ stays }) : done;
  },
  render: ({ stays }) =>
    stays ? 'Node-RED stays on.' : 'Node-RED runs while somebody looks at a page.',
};

export const flowsVerbs = [stay] as const;
