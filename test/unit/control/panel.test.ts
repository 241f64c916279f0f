/* The verbs of the panel, asked as the command line asks them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failed, ok, refusal } from '#base/result';
import type { Box } from '#control/box';
import { runInBox } from '#control/door';
import { parseCommand } from '#control/parse';
import type { PanelReport } from '#control/types';
import { panelVerbs } from '#control/verbs/panel';
import { MemoryBox } from './memory-box.ts';

const lamps = [
  { lamp: 'mail', pattern: 'on', say: 'There is mail.' },
  { lamp: 'mail.ann', pattern: 'off', say: 'All mail has been retrieved.' },
] as const;

function panelBox(report: PanelReport = { driver: 'simulated', lamps }) {
  const presses: number[] = [];
  let changed = () => {};
  const panel: Box['panel'] = {
    report: () => report,
    watchPresses: () => ({ [Symbol.dispose]: () => {} }),
    watch: (tell) => {
      changed = tell;
      return { [Symbol.dispose]: () => {} };
    },
    press: async (held) => {
      presses.push(held);
      return held > 8_000 ? failed(refusal('busy', 'A finger is there.')) : ok('Done.');
    },
  };
  const box = Object.assign(new MemoryBox(), { panel });
  return { box, presses, change: () => changed() };
}

async function say(line: string, box: Box): Promise<string> {
  const parsed = parseCommand(line.split(' '), panelVerbs);
  if (parsed.kind !== 'command') return parsed.kind === 'usage' ? parsed.say : 'help';
  const answer = await runInBox(parsed.verb, parsed.call, box);
  if (!answer.ok) return `${answer.error.code}: ${answer.error.say}`;
  return parsed.verb.render(answer.value as never, parsed.call);
}

test('shows the lamps and what they mean', async () => {
  const { box } = panelBox();
  assert.equal(
    await say('panel', box),
    'mail      on   There is mail.\nmail.ann  off  All mail has been retrieved.',
  );
});

test('says why the driver does not work', async () => {
  const { box } = panelBox({ driver: 'chardev', trouble: 'Pin 17 is in use.', lamps });
  assert.match(await say('panel', box), /^The driver chardev does not work: Pin 17 is in use\.\n/);
});

const rows: readonly [line: string, said: string | RegExp, held: number[]][] = [
  ['panel press flush', 'Done.', [200]],
  ['panel press flush --hold 3s', 'Done.', [3_000]],
  ['panel press flush --hold=500ms', 'Done.', [500]],
  ['panel press flush --hold 8', 'Done.', [8_000]],
  ['panel press flush --hold 9s', 'busy: A finger is there.', [9_000]],
  ['panel press flush --hold 61s', /^usage: --hold takes a time/, []],
  ['panel press flush --hold soon', /^usage: --hold takes a time/, []],
  ['panel press bell', /^usage: There is no button 'bell'/, []],
  ['panel press', /BUTTON is missing/, []],
];

for (const [line, said, held] of rows) {
  test(line, async () => {
    const { box, presses } = panelBox();
    const answer = await say(line, box);
    if (typeof said === 'string') assert.equal(answer, said);
    else assert.match(answer, said);
    assert.deepEqual(presses, held);
  });
}

test('follows the lamps, beginning with how they are', () => {
  const { box, change } = panelBox();
  const [show] = panelVerbs;
  const told: unknown[] = [];
  using _following = show.follow?.({ values: {}, flags: new Set() }, box, (event) =>
    told.push(event),
  );
  assert.equal(told.length, 1);
  change();
  assert.equal(told.length, 2);
  assert.match(show.renderEvent?.(told[1]) ?? '', /^mail +on /);
});
