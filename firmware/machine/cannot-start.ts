/* What stops a box from starting: one sentence a person can act on, or a few. */
import type { Failure, Result } from '#base/result';
import type { SettingsError } from '#settings/check';

export class CannotStart extends Error {}

/** The value, or the end of starting. */
export function must<T>(result: Result<T, Pick<Failure, 'say'>>): T {
  if (result.ok) return result.value;
  throw new CannotStart(result.error.say);
}

/** The value, or every mistake in the settings. */
export function mustBeRight<T>(result: Result<T, readonly SettingsError[]>): T {
  if (result.ok) return result.value;
  throw new CannotStart(result.error.map((error) => error.say).join('\n'));
}
