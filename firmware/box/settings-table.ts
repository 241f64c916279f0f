/* The settings as the control door sees them: all mistakes are one refusal, a sentence each. */
import { failed, ok, type Result, refusal } from '#base/result';
import type { ChangedSetting, SettingsTable } from '#control/box';
import type { SettingReport } from '#control/types';
import type { SettingsError } from '#settings/check';
import type { LiveSettings, SettingState, Takes } from '#settings/settings';

/** `obstacle`: what only this machine knows to be in the way of a value, in a sentence. */
export function settingsTable(
  settings: LiveSettings,
  obstacle: (name: string, text: string) => Promise<string | undefined>,
): SettingsTable {
  const changed = (
    name: string,
    takes: Result<Takes, readonly SettingsError[]>,
  ): Result<ChangedSetting> => {
    if (!takes.ok) return refuseSettings(takes.error);
    const state = settings.get(name);
    if (!state.ok) return refuseSettings(state.error);
    return ok({ name, value: state.value.next ?? state.value.value, takes: takes.value });
  };
  return {
    list: () => settings.list().map(settingReport),
    get(name) {
      const state = settings.get(name);
      return state.ok ? ok(settingReport(state.value)) : refuseSettings(state.error);
    },
    async set(name, text) {
      const say = await obstacle(name, text);
      if (say !== undefined) return refuseSettings([{ name, value: text, say }]);
      return changed(name, await settings.set(name, text));
    },
    unset: async (name) => changed(name, await settings.unset(name)),
  };
}

function settingReport({ form, allowed, ...state }: SettingState): SettingReport {
  const { type, ...more } = form;
  return { ...state, kind: type, ...more, hint: allowed };
}

function refuseSettings(errors: readonly SettingsError[]): Result<never> {
  return failed(refusal('setting', errors.map(({ say }) => say).join('\n')));
}
