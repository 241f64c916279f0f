/*
 * Is there something at a path? True or false, also where Node would throw: what cannot be looked
 * at is not there for us. Whoever opens the file next finds out why.
 */
import { access } from 'node:fs/promises';

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
