/* `log`: the last lines the box said, kept in memory; with `--follow` also what it says next. */
import type { LogLine } from '#base/log';
import { failed, ok, refusal } from '#base/result';
import { logLineInWords } from '../log-line.ts';
import type { BoxVerb } from '../verb.ts';

const usual = 100;

export const log: BoxVerb<readonly LogLine[]> = {
  words: ['log'],
  options: [
    { name: 'lines', value: 'COUNT', summary: `how many lines at most; usually ${usual}` },
    { name: 'follow', summary: 'stay, and print each new line as it comes' },
  ],
  summary: 'what the box said lately',
  runs: 'box',
  reads: true,
  async run(call, box) {
    const lines = call.values['lines'] ?? String(usual);
    if (!/^\d{1,6}$/.test(lines)) {
      return failed(refusal('usage', `--lines takes a whole number, not '${lines}'.`));
    }
    return ok(box.log.recent(Number(lines)));
  },
  render: (lines) => lines.map(logLineInWords).join('\n'),
  follow: (_call, box, tell) => box.log.follow(tell),
  renderEvent: (line) => logLineInWords(line as LogLine),
};
