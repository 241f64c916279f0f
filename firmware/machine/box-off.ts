/*
 * Maintenance by the command itself, while no box runs on the data directory. It holds the
 * directory's lock meanwhile, so that no box starts in the middle of it.
 */
import { SystemClock } from '#base/clock';
import { exists } from '#base/exists';
import { SystemRandom } from '#base/random';
import { failed, type Result, refusal } from '#base/result';
import type { Maintenance } from '#control/box';
import { holdLock } from '#mail/store/sqlite/lock';
import { prepareDataDirectory } from './data-directory.ts';
import { DirectoryMaintenance } from './maintenance.ts';

/** `mayMake`: the data directory may be new, as it is for a restore. */
export async function withBoxOff<T>(
  data: string,
  mayMake: boolean,
  work: (maintenance: Maintenance) => Promise<Result<T>>,
): Promise<Result<T>> {
  if (!mayMake && !(await exists(data))) {
    return failed(refusal('data-directory', `There is no data directory ${data}`));
  }
  const prepared = await prepareDataDirectory(data);
  if (!prepared.ok) return prepared;
  const lock = await holdLock(data);
  if (!lock.ok) return lock;
  await using _held = lock.value;
  const parts = { data, clock: new SystemClock(), random: new SystemRandom() };
  return work(new DirectoryMaintenance(parts));
}
