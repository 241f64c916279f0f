/*
 * The owner's flows in a backup. A checkout has them in its data directory, where every backup takes
 * them along. On an appliance they are another user's: the box reads them there for a backup
 * (RESTANTE_FLOWS_KEPT), and after a restore lays them out for that user to take up at its next start
 * (flows/restored.ts), for it cannot write there.
 */
import { chmod, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Elsewhere } from '#mail/store/sqlite/backup';

/** In the data directory, and in the other user's folder: the flows, and the prints of those that
 * were shipped. */
const names = ['flows.json', '.restante-shipped.json'] as const;
const folder = 'flows';
/** Beside the marker; flows/restored.ts reads it. */
const laidOut = 'restored';

/** What a backup takes from outside of the data directory. */
export function flowsElsewhere(environment: NodeJS.ProcessEnv): readonly Elsewhere[] {
  const kept = environment['RESTANTE_FLOWS_KEPT'] ?? '';
  if (kept === '') return [];
  return names.map((name) => ({ name: join(folder, name), path: join(kept, name) }));
}

/** Flows that a restore has put into the data directory, where the other user can read them. Each
 * restore is told from the one before by when its file was written. */
export async function layOutFlows(data: string, marker: string): Promise<void> {
  const place = join(dirname(marker), laidOut);
  const [flows, shipped] = names.map((name) => join(data, folder, name));
  if (flows === undefined || shipped === undefined) return;
  try {
    const { mtimeMs } = await stat(flows);
    const [text, prints] = [await readFile(flows, 'utf8'), await readFile(shipped, 'utf8')];
    const draft = `${place}.new`;
    await unlink(draft).catch(() => {});
    const kept = { at: mtimeMs, flows: JSON.parse(text), shipped: JSON.parse(prints) };
    await writeFile(draft, JSON.stringify(kept), { flag: 'wx' });
    await chmod(draft, 0o640);
    await rename(draft, place);
  } catch {
    // None were restored, or they make no sense: the pages go on with those that they have.
    await unlink(place).catch(() => {});
  }
}
