/*
 * The settings as the control door sees them: all mistakes are one refusal, a sentence each. What only
 * this machine can know is asked here, for it would keep the next start from coming to its end, and
 * with it the pages on which it could be mended.
 */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { failed, ok, type Result, refusal } from '#base/result';
import type { SettingsTable } from '#control/box';
import type { SettingChange, SettingReport } from '#control/types';
import { plainAddress } from '#net/peer';
import type { SettingsError } from '#settings/check';
import type { LiveSettings, SettingState, Takes } from '#settings/settings';
import { isLoopback } from './house-names.ts';

/** `addresses`: all that this machine has. */
export function settingsTable(
  settings: LiveSettings,
  addresses: () => readonly string[] = ownAddresses,
): SettingsTable {
  const changed = (
    name: string,
    takes: Result<Takes, readonly SettingsError[]>,
  ): Result<SettingChange> => {
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
      const obstacle = name === 'listen.host' ? foreignAddress(text, addresses()) : undefined;
      if (obstacle !== undefined) return refuseSettings([{ name, value: text, say: obstacle }]);
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

/** What is no address at all is for the settings to refuse. */
function foreignAddress(text: string, addresses: readonly string[]): string | undefined {
  const own = new Set(['0.0.0.0', '::', ...addresses.map(plainAddress)]);
  const wanted = text.split(',').map((one) => one.trim());
  const foreign = wanted.filter(
    (one) => isIP(one) !== 0 && !isLoopback(one) && !own.has(plainAddress(one)),
  );
  if (foreign.length === 0) return undefined;
  const has = addresses.filter((one) => !isLoopback(one)).join(', ') || 'none but its own loopback';
  return (
    `This machine does not have the address ${foreign.join(', ')}, and the box could not start. ` +
    `It has: ${has}. "0.0.0.0, ::" are all that it will ever have.`
  );
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((one) => one.address));
}
