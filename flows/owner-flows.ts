/*
 * The owner's copy of the flows, in Node-RED's userDir: the shipped ones at first, brought up to
 * this version at each start by the rule of shipped/upgrade.ts. Files are replaced whole, and
 * synced, flows first: if the power goes between the two, an offer that is there is found.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { FlowNode } from './shipped/tab-print.ts';
import { type Given, upgrade } from './shipped/upgrade.ts';

export const flowsName = 'flows.json';
export const givenName = '.restante-shipped.json';

/** Who may read the files: nobody else; or on an appliance the box, by its group, for backups. */
export type Mode = 0o600 | 0o640;

/** The flows as they are now, and what was done to them. Throws when the folder cannot be used. */
export async function bringUpToDate(
  folder: string,
  shipped: readonly FlowNode[],
  mode: Mode = 0o600,
): Promise<{ readonly flows: readonly FlowNode[]; readonly did: readonly string[] }> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = await readJson<readonly FlowNode[]>(join(folder, flowsName), Array.isArray);
  const given = (await readJson<Given>(join(folder, givenName), isRecord)) ?? {};
  const isFirst = own === undefined;
  const { flows, given: now, did } = upgrade(own ?? [], shipped, isFirst ? {} : given);
  try {
    if (did.length > 0) await replace(join(folder, flowsName), flows, mode);
    if (JSON.stringify(now) !== JSON.stringify(given))
      await replace(join(folder, givenName), now, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new Error('the disk is full, and they want some room on it: delete mail, or make room');
  }
  return { flows, did: isFirst ? [] : did };
}

/** Undefined: there is none. A file that is broken is a fault that a person must see. */
export async function readJson<T>(
  path: string,
  isRight: (value: unknown) => boolean,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (isRight(value)) return value as T;
  throw new Error(
    `${path} is broken. Put it right, or take it away to begin with the shipped flows`,
  );
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export async function replace(path: string, value: unknown, mode: Mode): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', mode);
  try {
    await file.writeFile(`${JSON.stringify(value, null, 1)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const folder = await open(join(path, '..'), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
