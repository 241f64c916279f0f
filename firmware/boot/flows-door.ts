/*
 * A page of the boot log in main.ts: the control door of the flows' process. The installed unit
 * names its socket (RESTANTE_FLOWS_CONTROL), in a folder that only the group of restante-flows
 * enters; in a checkout it lies in the data directory, and is no less careful.
 */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Box } from '#control/box';
import { Door } from '#control/door';
import { flowsAllowed } from '#control/flows-door';
import { verbs } from '#control/verbs/table';
import type { LiveSettings } from '#settings/settings';

export interface FlowsDoorGround {
  readonly data: string;
  /** The socket. */
  readonly path: string;
  readonly settings: LiveSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** A socket that cannot be opened costs the pages, not the mail. */
export async function openFlowsDoor(
  box: Box,
  { data, path, settings, clock, log }: FlowsDoorGround,
  parts: AsyncDisposableStack,
): Promise<void> {
  const ground = { isInside, data, backupFolder: () => settings.current['backup.to'] };
  const door = new Door(path, verbs, box, clock, log, {
    mode: 0o660,
    mayAsk: (verb, call) => flowsAllowed(verb, call, ground),
  });
  try {
    await door.start();
    parts.defer(() => door.stop());
  } catch (error) {
    log.error('The flows have no door: their socket cannot be opened', {
      path,
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}

/** Also when it is not there yet, and behind symbolic links. */
export async function isInside(path: string, folder: string): Promise<boolean> {
  const way = relative(await real(folder), await real(path));
  return way === '' || !(way === '..' || way.startsWith('../'));
}

async function real(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await real(above), basename(path));
  }
}
