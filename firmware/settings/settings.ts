/*
 * The settings of a running box. They come from the table's defaults, `settings.json` in the data
 * directory and `--set name=value`, in this order, and can be changed while the box runs; changes
 * are on disk before they are answered. Parts are given the values they need, never this object's
 * file or sources. A settings.json that cannot be read is left as it is, for its owner to mend.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '#base/durable-file';
import { fileFault } from '#base/file-fault';
import { failed, ok, type Result } from '#base/result';
import { Turns } from '#base/turns';
import { Watchers } from '#base/watchers';
import {
  type Checked,
  check,
  type SettingsError,
  type Source,
  type Sources,
  show,
  unknownName,
} from './check.ts';
import { readFlatJson } from './flat-json.ts';
import type { Form, Written } from './kinds.ts';
import {
  type Applies,
  isSettingName,
  rowOf,
  type SettingName,
  type Settings,
  settingNames,
} from './table.ts';

/** When a change works: at once, after the next start, or not while the box runs with `--set`. */
export type Takes = Applies | 'overridden';

/** One setting, as `settings list` shows it. */
export interface SettingState {
  readonly name: SettingName;
  /** What the box works with now. */
  readonly value: string;
  /** What it will work with after the next start, when that differs. */
  readonly next?: string;
  readonly source: Source;
  readonly applies: Applies;
  readonly unit: string;
  readonly sentence: string;
  /** What it is while nobody says otherwise, under the profile that holds. */
  readonly default: string;
  readonly form: Form;
  /** What may stand there, to be read after "Allowed: ". */
  readonly allowed: string;
}

const fileName = 'settings.json';

/**
 * Reads `dataDir/settings.json` (none is as good as an empty one). `overrides` are the texts of
 * `--set`, such as 'smtp.port=25'. All mistakes are reported at once.
 */
export async function loadSettings(
  dataDir: string,
  overrides: readonly string[] = [],
): Promise<Result<LiveSettings, readonly SettingsError[]>> {
  const path = join(dataDir, fileName);
  const [file, assigned] = [await readSettingsFile(path), readAssignments(overrides)];
  const errors = [...(file.ok ? [] : file.error), ...(assigned.ok ? [] : assigned.error)];
  const sources: Sources = {
    file: file.ok ? file.value : new Map(),
    overrides: assigned.ok ? assigned.value : new Map(),
  };
  const checked = check(sources);
  if (!checked.ok) errors.push(...checked.error);
  if (!checked.ok || errors.length > 0) return failed(errors);
  return ok(new LiveSettings(path, sources.overrides, checked.value));
}

export class LiveSettings {
  readonly #path: string;
  readonly #overrides: ReadonlyMap<string, Written>;
  readonly #watchers = new Watchers<[changed: readonly SettingName[]]>();
  #now: Settings;
  #next: Checked;
  readonly #turns = new Turns();

  constructor(path: string, overrides: ReadonlyMap<string, Written>, checked: Checked) {
    this.#path = path;
    this.#overrides = overrides;
    this.#now = checked.settings;
    this.#next = checked;
  }

  /** What the box works with. A setting that needs a restart keeps its value until then. */
  get current(): Settings {
    return this.#now;
  }

  /** Names whose new value waits for the next start. */
  get awaitingRestart(): readonly SettingName[] {
    return settingNames.filter((name) => text(this.#now, name) !== text(this.#next.settings, name));
  }

  list(): readonly SettingState[] {
    return settingNames.map((name) => this.#state(name));
  }

  get(name: string): Result<SettingState, readonly SettingsError[]> {
    return isSettingName(name) ? ok(this.#state(name)) : failed([unknownName(name)]);
  }

  /** Sets one setting from text. */
  set(name: string, value: string): Promise<Result<Takes, readonly SettingsError[]>> {
    return this.change({ [name]: value });
  }

  /** Gives one setting its default back. */
  unset(name: string): Promise<Result<Takes, readonly SettingsError[]>> {
    return this.change({ [name]: undefined });
  }

  /**
   * Sets several at once, all or none; undefined gives the default back. Answers when the changes
   * are on disk and the watchers were called, with the most that one of them wants: 'restart'
   * before 'overridden' before 'live'.
   */
  change(
    changes: Readonly<Record<string, string | undefined>>,
  ): Promise<Result<Takes, readonly SettingsError[]>> {
    return this.#turns.take(() => this.#change(Object.entries(changes)));
  }

  /** Calls `watcher` after each live change, with the names of those that got another value;
   * dispose of the answer to stop that. */
  watch(watcher: (changed: readonly SettingName[]) => void): Disposable {
    return this.#watchers.add(watcher);
  }

  async #change(
    changes: readonly (readonly [string, string | undefined])[],
  ): Promise<Result<Takes, readonly SettingsError[]>> {
    // The file is read again, so that what somebody wrote by hand meanwhile is kept.
    const file = await readSettingsFile(this.#path);
    if (!file.ok) return file;
    const unknown = changes.filter(([name]) => !isSettingName(name));
    if (unknown.length > 0) return failed(unknown.map(([name, value]) => unknownName(name, value)));
    const written = new Map(file.value);
    for (const [name, value] of changes) {
      if (value === undefined) written.delete(name);
      else written.set(name, asWritten(name, value));
    }
    const checked = check({ file: written, overrides: this.#overrides });
    if (!checked.ok) return checked;
    const kept = await writeSettingsFile(this.#path, written);
    if (!kept.ok) return kept;
    this.#adopt(checked.value);
    return ok(this.#takes(changes.map(([name]) => name)));
  }

  #adopt(next: Checked): void {
    this.#next = next;
    const changed = settingNames.filter(
      (name) =>
        rowOf(name).applies === 'live' && text(this.#now, name) !== text(next.settings, name),
    );
    if (changed.length === 0) return;
    const live = Object.fromEntries(changed.map((name) => [name, next.settings[name]]));
    this.#now = Object.freeze({ ...this.#now, ...live }) as Settings;
    this.#watchers.tell(changed);
  }

  #takes(names: readonly string[]): Takes {
    const waiting: readonly string[] = this.awaitingRestart;
    if (names.some((name) => waiting.includes(name))) return 'restart';
    return names.some((name) => this.#overrides.has(name)) ? 'overridden' : 'live';
  }

  #state(name: SettingName): SettingState {
    const [value, next] = [text(this.#now, name), text(this.#next.settings, name)];
    const { applies, kind, sentence, preset } = rowOf(name);
    const source = this.#next.sources.get(name) ?? 'default';
    const later = value === next ? {} : { next };
    const { unit, allowed, form = { type: 'text' } } = kind;
    const usual = show(kind.write(preset[this.#next.settings.profile]));
    return {
      ...{ name, value, ...later, source, applies, unit, sentence },
      ...{ default: usual, form, allowed },
    };
  }
}

/** A value as text, for people and for comparing. */
function text(settings: Settings, name: SettingName): string {
  return show(rowOf(name).kind.write(settings[name]));
}

/** Text in the form that looks best in the file: 25 rather than "25". Bad text stays as it is. */
function asWritten(name: string, value: string): Written {
  if (!isSettingName(name)) return value;
  const { kind } = rowOf(name);
  const good = kind.read(value);
  return good === undefined ? value : kind.write(good);
}

function readAssignments(
  assignments: readonly string[],
): Result<Map<string, Written>, readonly SettingsError[]> {
  const errors: SettingsError[] = [];
  const values = new Map<string, Written>();
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=');
    if (equals > 0) values.set(assignment.slice(0, equals).trim(), assignment.slice(equals + 1));
    else {
      const wrong = `--set ${JSON.stringify(assignment)} has no name and value.`;
      const say = `${wrong} Write it as --set smtp.port=2525.`;
      errors.push({ value: assignment, say });
    }
  }
  return errors.length > 0 ? failed(errors) : ok(values);
}

async function readSettingsFile(
  path: string,
): Promise<Result<Map<string, Written>, readonly SettingsError[]>> {
  let source: string;
  try {
    source = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ok(new Map());
    return failed([{ say: `${path} cannot be read: ${fileFault(error)}.` }]);
  }
  const read = readFlatJson(source);
  if (read.ok) return read;
  const { line, column, expected } = read.error;
  const where = `in line ${line}, column ${column}`;
  return failed([{ say: `${path} is not as it should be ${where}: expected ${expected}.` }]);
}

async function writeSettingsFile(
  path: string,
  written: ReadonlyMap<string, Written>,
): Promise<Result<void, readonly SettingsError[]>> {
  try {
    await writeDurably(path, `${JSON.stringify(Object.fromEntries(written), null, 2)}\n`);
    return ok(undefined);
  } catch (error) {
    return failed([{ say: `${path} cannot be written: ${fileFault(error)}.` }]);
  }
}
