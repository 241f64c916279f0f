/*
 * `panel`: the lamps as they show now, with what they mean; with `--follow` also each change.
 * `panel press`: presses a button as a finger would, for as long.
 */
import { failed, ok, refusal } from '#base/result';
import type { PanelReport, PressReport } from '../types.ts';
import { type BoxVerb, value } from '../verb.ts';
import { columns } from '../words.ts';

/** What `press` does when nobody says how long (ms); and the most that makes sense. */
const short = 200;
const longest = 60_000;

const show: BoxVerb<PanelReport> = {
  words: ['panel'],
  options: [{ name: 'follow', summary: 'stay, and print the lamps whenever they change' }],
  summary: 'what the lamps show, and what it means',
  runs: 'box',
  reads: true,
  run: async (_call, { panel }) => ok(panel.report()),
  render: inWords,
  follow(_call, { panel }, tell) {
    tell(panel.report());
    return panel.watch(() => tell(panel.report()));
  },
  renderEvent: (event) => `${inWords(event as PanelReport)}\n`,
};

const press: BoxVerb<PressReport> = {
  words: ['panel', 'press'],
  arguments: [{ name: 'button' }],
  options: [{ name: 'hold', value: 'TIME', summary: 'for how long, such as 3s; else shortly' }],
  summary: 'press the button flush: shortly sends and collects, 3s toggles hold or opens set-up',
  runs: 'box',
  async run(call, { panel }) {
    const button = value(call, 'button');
    const held = millisecondsOf(call.values['hold']);
    if (button !== 'flush') {
      return failed(refusal('usage', `There is no button '${button}'. There is: flush.`));
    }
    if (held === undefined) {
      const say = '--hold takes a time up to a minute, such as 500ms, 3s or 8s.';
      return failed(refusal('usage', say));
    }
    const done = await panel.press(held);
    return done.ok ? ok({ say: done.value }) : done;
  },
  render: ({ say }) => say,
};

export const panelVerbs = [show, press] as const;

function millisecondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return short;
  const [, digits, unit] = /^(\d{1,5})(ms|s)?$/.exec(text.trim()) ?? [];
  const held = Number(digits) * (unit === 'ms' ? 1 : 1_000);
  return held <= longest ? held : undefined;
}

function inWords({ driver, trouble, lamps }: PanelReport): string {
  const rows = lamps.map(({ lamp, pattern, say }) => [lamp, pattern, say]);
  const why = trouble === undefined ? [] : [`The driver ${driver} does not work: ${trouble}`];
  return [...why, columns(rows)].join('\n');
}
