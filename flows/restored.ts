/*
 * Flows that came with a restored backup, taken up where this process is another user than the box
 * (an appliance): the box has laid them out beside the marker (firmware/machine/owners-flows.ts). Each
 * restore is taken up once. The flows that were there before stay, beside them.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flowsName, givenName, readJson, replace } from './owner-flows.ts';

const takenName = '.restante-restored.json';
export const beforeName = 'flows.before-restore.json';

interface Restored {
  readonly at: number;
  readonly flows: readonly unknown[];
  readonly shipped: object;
}

/** True: they were taken up. If the power goes meanwhile, it is done once more, to the same end. */
export async function takeUpRestored(data: string, marker: string): Promise<boolean> {
  const restored = await readJson<Restored>(join(dirname(marker), 'restored'), isRestored);
  if (restored === undefined) return false;
  const taken = await readJson<{ readonly at: number }>(join(data, takenName), isTaken);
  if (taken?.at === restored.at) return false;
  await mkdir(data, { recursive: true, mode: 0o700 });
  const place = join(data, flowsName);
  const there = await readFile(place, 'utf8').catch(() => undefined);
  const isDone = there === `${JSON.stringify(restored.flows, null, 1)}\n`;
  if (there !== undefined && !isDone) await copyFile(place, join(data, beforeName));
  await replace(place, restored.flows, 0o640);
  await replace(join(data, givenName), restored.shipped, 0o640);
  await replace(join(data, takenName), { at: restored.at }, 0o640);
  return true;
}

function isRestored(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { at, flows, shipped } = value as Partial<Restored>;
  return typeof at === 'number' && Array.isArray(flows) && typeof shipped === 'object';
}

function isTaken(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'at' in value;
}
