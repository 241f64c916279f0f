/*
 * `log`: the last lines the box said, kept in memory; with `--follow` also what it says next.
 * `log ADDRESS`: where is my message? What happened to the last messages from or to that address.
 */
import type { LogLine } from '#base/log';
import { failed, ok, refusal } from '#base/result';
import { logLineInWords } from '../log-line.ts';
import type { HistoryReport } from '../types.ts';
import type { BoxVerb } from '../verb.ts';
import { historyInWords } from './queue.ts';

const usual = 100;
const usualMessages = 20;

type Answer = readonly LogLine[] | readonly HistoryReport[];

export const log: BoxVerb<Answer> = {
  words: ['log'],
  arguments: [{ name: 'address', optional: true }],
  options: [
    {
      name: 'lines',
      value: 'COUNT',
      summary: `how many lines at most, usually ${usual}; with ADDRESS messages, ${usualMessages}`,
    },
    { name: 'follow', summary: 'stay, and print each new line as it comes' },
  ],
  summary: 'what the box said lately; with an address, what became of its mail',
  runs: 'box',
  reads: true,
  async run(call, box) {
    const { address } = call.values;
    const lines = call.values['lines'] ?? String(address === undefined ? usual : usualMessages);
    if (!/^\d{1,6}$/.test(lines)) {
      return failed(refusal('usage', `--lines takes a whole number, not '${lines}'.`));
    }
    if (address !== undefined) return box.queue.whyAddress(address, Number(lines));
    return ok(box.log.recent(Number(lines)));
  },
  render(answer, call) {
    const { address } = call.values;
    if (address === undefined)
      return answer.map((line) => logLineInWords(line as LogLine)).join('\n');
    const histories = answer.map((history) => historyInWords(history as HistoryReport));
    return histories.join('\n') || `The box knows of no mail from or to ${address}.`;
  },
  follow: (_call, box, tell) => box.log.follow(tell),
  renderEvent: (line) => logLineInWords(line as LogLine),
};
