/*
 * Turns what was written (defaults, settings.json, `--set`) into checked settings, or into every
 * mistake at once. Pure: the same sources always give the same answer.
 */
import { failed, ok, type Result } from '#base/result';
import { nearest } from '#base/spelling';
import type { Written } from './kinds.ts';
import {
  isSettingName,
  type Profile,
  profiles,
  rowOf,
  type SettingName,
  type Settings,
  settingNames,
  table,
} from './table.ts';

/** Where a value was written. */
export type Source = 'default' | 'settings.json' | '--set';

export interface SettingsError {
  /** The setting, when it is about one. */
  readonly name?: string;
  /** What was written there. */
  readonly value?: string;
  /** One sentence or two for a person: what is wrong, and what is allowed. */
  readonly say: string;
}

export interface Sources {
  readonly file: ReadonlyMap<string, Written>;
  readonly overrides: ReadonlyMap<string, Written>;
}

export interface Checked {
  readonly settings: Settings;
  readonly sources: ReadonlyMap<SettingName, Source>;
}

/** The settings that these sources make. A later source wins: default, file, overrides. */
export function check(given: Sources): Result<Checked, readonly SettingsError[]> {
  const errors: SettingsError[] = [];
  const read = new Map<SettingName, unknown>();
  const sources = new Map<SettingName, Source>();
  const layers = [
    ['settings.json', given.file],
    ['--set', given.overrides],
  ] as const;
  for (const [source, written] of layers) {
    for (const [name, value] of written) {
      if (!isSettingName(name)) {
        errors.push(unknownName(name, value));
        continue;
      }
      const good = rowOf(name).kind.read(value);
      if (good === undefined) errors.push(notAllowed(name, value));
      else {
        read.set(name, good);
        sources.set(name, source);
      }
    }
  }
  const profile = (read.get('profile') ?? table.profile.preset.checkout) as Profile;
  const entries = settingNames.map((name) => [name, read.get(name) ?? rowOf(name).preset[profile]]);
  const settings = Object.freeze(Object.fromEntries(entries)) as Settings;
  errors.push(...contradictions(settings));
  return errors.length > 0 ? failed(errors) : ok({ settings, sources });
}

/** The defaults of a profile. */
export function defaults(profile: Profile = profiles[0]): Settings {
  const entries = settingNames.map((name) => [name, rowOf(name).preset[profile]]);
  return Object.freeze(Object.fromEntries(entries)) as Settings;
}

/** A value as a person types it. */
export function show(value: Written): string {
  return typeof value === 'object' ? value.join(', ') : String(value);
}

export function unknownName(name: string, value?: Written): SettingsError {
  const guess = nearest(name, settingNames);
  const hint = guess === undefined ? '' : ` Did you mean ${guess}?`;
  return {
    name,
    ...(value === undefined ? {} : { value: show(value) }),
    say: `There is no setting ${quote(name)}.${hint}`,
  };
}

function notAllowed(name: SettingName, written: Written): SettingsError {
  const value = show(written);
  return {
    name,
    value,
    say: `${name} cannot be ${quote(value)}. Allowed: ${rowOf(name).kind.allowed}.`,
  };
}

/** Settings that are each allowed but not together. */
function contradictions(settings: Settings): SettingsError[] {
  const errors: SettingsError[] = [];
  const taken = new Map<number, SettingName>();
  for (const name of settingNames) {
    if (!name.endsWith('.port')) continue;
    const port = settings[name] as number;
    const other = taken.get(port);
    if (port !== 0 && other !== undefined) {
      errors.push({
        name,
        value: String(port),
        say:
          `${name} cannot be ${port}, because ${other} is. ` +
          'Allowed: a port of its own, or 0 to turn it off.',
      });
    }
    taken.set(port, name);
  }
  return errors;
}

/** In quotes, short, and without characters that could move a terminal's cursor. */
function quote(value: string): string {
  const short = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return JSON.stringify(short).replace(
    /[\u007f-\u009f]/g,
    (one) => `\\u00${one.charCodeAt(0).toString(16)}`,
  );
}
