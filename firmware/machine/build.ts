/*
 * Which firmware this is and when it was built. The build leaves `build.json` beside the compiled
 * folders; sources run as they stand have none and take the date of package.json. The date tells a
 * board without a battery, whose clock begins in 1970, that it cannot be earlier than this.
 */
import { readFile, stat } from 'node:fs/promises';

export interface Build {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly builtAt: number;
}

export async function readBuild(): Promise<Build> {
  const compiled = import.meta.filename.endsWith('.js');
  const packageFile = new URL(
    compiled ? '../../../package.json' : '../../package.json',
    import.meta.url,
  );
  const { version } = JSON.parse(await readFile(packageFile, 'utf8'));
  return { version, builtAt: (await buildDate()) ?? (await stat(packageFile)).mtimeMs };
}

async function buildDate(): Promise<number | undefined> {
  try {
    const { built } = JSON.parse(
      await readFile(new URL('../../build.json', import.meta.url), 'utf8'),
    );
    const at = new Date(built).getTime();
    return Number.isNaN(at) ? undefined : at;
  } catch {
    return undefined;
  }
}
