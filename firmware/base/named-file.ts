/*
 * A small file that somebody has named: whole, or not at all. What is no ordinary file is not read: a
 * pipe that nobody writes into would hold one of the few threads that all files share, the mail's
 * among them, and a device without end all memory. Links are followed: certificates are renewed so.
 */
import { constants, open } from 'node:fs/promises';

/** Keys, certificates and secrets are far smaller (octets). */
const largest = 256 * 1024;

/** Throws Node's file errors, and two of its own: ENOTFILE and EFBIG. */
export async function readNamedFile(path: string): Promise<string> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await file.stat();
  if (!found.isFile()) throw Object.assign(new Error('it is no file'), { code: 'ENOTFILE' });
  if (found.size > largest) throw Object.assign(new Error('it is too large'), { code: 'EFBIG' });
  return await file.readFile('utf8');
}
