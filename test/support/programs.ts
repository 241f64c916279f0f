/* Programs that tests drive: there, or the plain reason why a test is skipped. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Why a test must be skipped for want of a program; undefined when it is there. In CI a missing
 * program is a failure, not a reason. */
export function missingProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return undefined;
    } catch {}
  }
  const why = `the program ${name} is not installed`;
  if (process.env['CI'] === 'true') throw new Error(why);
  return why;
}
