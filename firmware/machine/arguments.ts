/*
 * The words behind `npm start --` (and behind `restante start`): where the data lies, and settings
 * for this run only. No secret is ever among them, for others on the machine can read them.
 */
import { parseArgs } from 'node:util';
import { failed, ok, type Result, refusal } from '#base/result';
import { settingsHelp } from '#settings/pages';

export interface Wishes {
  readonly data: string | undefined;
  /** 'name=value', each. */
  readonly set: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

export function readArguments(words: readonly string[]): Result<Wishes> {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        data: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    return ok({ data: values.data, set: values.set, help: values.help, version: values.version });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(refusal('usage', `${reason.split('. ')[0]}. See --help.`));
  }
}

export function usage(): string {
  return `Restante, the mail box for a home network.

  --data DIR         the data directory; else RESTANTE_DATA, else ./data
  --set NAME=VALUE   a setting for this run only; may be repeated
  --version          say which version this is
  --help             this

${settingsHelp()}`;
}
