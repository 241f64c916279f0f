/* `settings ...`: what the table of settings holds, and changing it while the box runs. */
import { ok, type Result } from '#base/result';
import type { ChangedSetting } from '../box.ts';
import type { SettingChange, SettingReport } from '../types.ts';
import { type BoxVerb, value } from '../verb.ts';
import { columns } from '../words.ts';

const name = { name: 'name' } as const;

const list: BoxVerb<readonly SettingReport[]> = {
  words: ['settings', 'list'],
  summary: 'every setting with its value and where the value comes from',
  runs: 'box',
  reads: true,
  run: async (_call, box) => ok(box.settings.list()),
  render: (settings) =>
    columns(
      settings.map((one) => [
        one.name,
        valueInWords(one),
        one.source === 'default' ? '' : one.source,
      ]),
    ),
};

const get: BoxVerb<SettingReport> = {
  words: ['settings', 'get'],
  arguments: [name],
  summary: 'the value of one setting',
  runs: 'box',
  reads: true,
  run: async (call, box) => box.settings.get(value(call, 'name')),
  render: (setting) => setting.value,
};

const set: BoxVerb<SettingChange> = {
  words: ['settings', 'set'],
  arguments: [name, { name: 'value' }],
  summary: 'change a setting for good; says whether it holds at once or from the next start',
  runs: 'box',
  run: async (call, box) => said(await box.settings.set(value(call, 'name'), value(call, 'value'))),
  render: ({ say }) => say,
};

const unset: BoxVerb<SettingChange> = {
  words: ['settings', 'unset'],
  arguments: [name],
  summary: 'go back to the default of a setting',
  runs: 'box',
  run: async (call, box) => said(await box.settings.unset(value(call, 'name'))),
  render: ({ say }) => say,
};

export const settingsVerbs = [list, get, set, unset] as const;

function valueInWords(setting: SettingReport): string {
  const now = setting.value || '(empty)';
  return setting.next === undefined ? now : `${now}, from the next start on: ${setting.next}`;
}

function said(changed: Result<ChangedSetting>): Result<SettingChange> {
  return changed.ok ? ok({ ...changed.value, say: changeInWords(changed.value) }) : changed;
}

function changeInWords(change: ChangedSetting): string {
  const when = {
    live: 'and holds from now on',
    restart: 'and holds from the next start of the box on',
    overridden: 'but this run of the box was started with --set, which wins',
  };
  return `${change.name} is ${change.value || 'empty'}, ${when[change.takes]}.`;
}
