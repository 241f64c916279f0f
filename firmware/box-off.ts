/*
 * Maintenance by the command itself, while no box runs on the data directory. It holds the
 * directory's lock meanwhile, so that no box starts in the middle of it.
 */
import { SystemClock } from '#base/clock';
import { SystemRandom } from '#base/random';
import type { Result } from '#base/result';
import type { Maintenance } from '#control/box';
import { holdLock } from '#mail/store/sqlite/lock';
import { prepareDataDirectory } from './data-directory.ts';
import { DirectoryMaintenance } from './maintenance.ts';

export async function withBoxOff<T>(
  data: string,
  work: (maintenance: Maintenance) => Promise<Result<T>>,
): Promise<Result<T>> {
  const prepared = await prepareDataDirectory(data);
  if (!prepared.ok) return prepared;
  const lock = await holdLock(data);
  if (!lock.ok) return lock;
  await using _held = lock.value;
  const parts = { data, clock: new SystemClock(), random: new SystemRandom() };
  return work(new DirectoryMaintenance(parts));
}
