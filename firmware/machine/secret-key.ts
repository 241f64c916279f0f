/*
 * The device key: 32 random octets in `secret.key`, under which the box seals its secrets. It is
 * made once, at the first start. When it is gone while there is mail, nobody can make it again:
 * then the box says so and does not start, for a new key would lock every account out in silence.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '#base/durable-file';
import { exists } from '#base/exists';
import type { Random } from '#base/random';
import { failed, ok, type Result, refusal, trouble } from '#base/result';

const keyOctets = 32;

/** The key, made when there is neither a key nor a mail store yet. */
export async function deviceKey(dataDirectory: string, random: Random): Promise<Result<Buffer>> {
  const path = join(dataDirectory, 'secret.key');
  try {
    const key = await readFile(path);
    if (key.length === keyOctets) return ok(key);
    return failed(
      refusal(
        'secret-key',
        `${path} is damaged: it has ${key.length} octets in place of ${keyOctets}. ${remedy}`,
      ),
    );
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') {
      return failed(trouble('secret-key', `${path} cannot be read: ${message}.`, message));
    }
  }
  if (await exists(join(dataDirectory, 'mail.db'))) {
    const say = `${path} is gone, and the passwords in mail.db are sealed with it. ${remedy}`;
    return failed(refusal('secret-key', say));
  }
  return makeKey(path, random);
}

const remedy = 'Put it back from a copy, or restore a backup with: scripts/restante restore FILE';

async function makeKey(path: string, random: Random): Promise<Result<Buffer>> {
  const key = random.octets(keyOctets);
  try {
    await writeDurably(path, key, 0o600);
    return ok(key);
  } catch (error) {
    const { message } = error as NodeJS.ErrnoException;
    return failed(trouble('secret-key', `${path} cannot be written: ${message}.`, message));
  }
}
