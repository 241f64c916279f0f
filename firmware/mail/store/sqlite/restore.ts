/*
 * Restoring in two steps, so that a power cut leaves the old box or the new one. `stageRestore`
 * makes everything ready in the folder `restore` and marks it complete; `finishRestore` moves it
 * into place, and is run again at the next start until it got through.
 *
 * A restore goes back in time, so what is given out from now on must not look like what was given
 * out before: new unique-ids carry a new generation (RFC 1939 §7), and each mailbox gets a new
 * UIDVALIDITY (RFC 9051 §2.3.1.1). And what waited to go out when the backup was made may have been
 * sent since: it is held, each recipient in doubt, until a person says what shall become of it.
 */
import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '#base/clock';
import { syncFolder, writeDurably } from '#base/durable-file';
import { exists } from '#base/exists';
import type { Random } from '#base/random';
import { failed, ok, type Refusal, type Result, refusal } from '#base/result';
import { Seal } from '#base/seal';
import type { StoreTrouble } from '../store.ts';
import { backupVersion, passphraseKey } from './backup.ts';
import { Connection } from './connection.ts';
import { applicationId, databaseName, generationName } from './database.ts';
import { storeTrouble } from './errors.ts';
import { schemaVersion } from './migrations/migrations.ts';

const stageName = 'restore';
/** A box that never changed a setting has none, and is restored without those made since. */
const settingsName = 'settings.json';
const noSettings = '{}\n';
/** Its presence says that everything in the folder is whole and on disk. */
const readyName = 'READY';

export type RestoreRefusal = Refusal<'exists' | 'not-a-backup' | 'passphrase' | 'newer'>;

export interface RestoreRequest {
  readonly backup: string;
  readonly directory: string;
  readonly passphrase: string;
  /** Replace the mail that is there. */
  readonly overwrite: boolean;
  /** Only to see whether it can be restored: what is sealed is opened and not written. */
  readonly rehearsal?: boolean;
}

/** Makes a restore ready. Nothing that is there changes before `finishRestore`. */
export async function stageRestore(
  { backup, directory, passphrase, overwrite, rehearsal = false }: RestoreRequest,
  clock: Clock,
  random: Random,
): Promise<Result<{ messages: number }, RestoreRefusal | StoreTrouble>> {
  if (!overwrite && (await exists(join(directory, databaseName)))) {
    const say = `There is mail in ${directory} already: --overwrite replaces it with the backup's`;
    return failed(refusal('exists', say));
  }
  if (!(await exists(backup))) {
    return failed(refusal('not-a-backup', `There is no file ${backup}`));
  }
  const stage = join(directory, stageName);
  try {
    await rm(stage, { recursive: true, force: true });
    await mkdir(stage, { mode: 0o700, recursive: true });
    const staged = join(stage, databaseName);
    await copyFile(backup, staged);
    // Disks that people carry about may know no permissions.
    await chmod(staged, 0o600).catch(() => {});
    const keptIn = rehearsal ? undefined : stage;
    const prepared = await prepareStage(staged, keptIn, passphrase, clock, random);
    if (!prepared.ok) {
      await rm(stage, { recursive: true, force: true });
      return prepared;
    }
    await writeDurably(join(stage, readyName), '');
    await syncFolder(directory);
    return prepared;
  } catch (error) {
    await rm(stage, { recursive: true, force: true });
    const why = storeTrouble(error);
    if (why === undefined) throw error;
    const notOurs = why.code === 'damaged';
    return failed(notOurs ? refusal('not-a-backup', `${backup} is no backup, or is damaged`) : why);
  }
}

/** Moves a staged restore into place. True when there was one. Nobody may have the store open. */
export async function finishRestore(directory: string): Promise<boolean> {
  const stage = join(directory, stageName);
  if (!(await exists(join(stage, readyName)))) {
    await rm(stage, { recursive: true, force: true }); // one that was never complete
    return false;
  }
  // The old log must go first: it would be played over the restored database.
  for (const suffix of ['-wal', '-shm']) {
    if (await exists(join(stage, databaseName))) {
      await rm(join(directory, databaseName + suffix), { force: true });
    }
  }
  // Not every file system keeps the order of a removal and the renaming that follows it.
  await syncFolder(directory);
  const found = await readdir(stage, { recursive: true, withFileTypes: true });
  for (const file of found) {
    if (!file.isFile() || file.name === readyName) continue;
    const from = join(file.parentPath, file.name);
    const to = join(directory, from.slice(stage.length + 1));
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
    await syncFolder(dirname(to));
  }
  await rm(stage, { recursive: true });
  await syncFolder(directory);
  return true;
}

async function prepareStage(
  staged: string,
  stage: string | undefined,
  passphrase: string,
  clock: Clock,
  random: Random,
): Promise<Result<{ messages: number }, RestoreRefusal>> {
  const connection = await Connection.open(staged, 'write');
  try {
    const refused = await notABackup(connection);
    if (refused) return failed(refused);
    const [about] = await connection.all<{ version: number; salt: Uint8Array }>(
      'SELECT version, salt FROM backup',
    );
    if (about === undefined || about.version > backupVersion) {
      return failed(refusal('newer', 'The backup was made by a newer Restante'));
    }
    const seal = new Seal(await passphraseKey(passphrase, about.salt));
    const unsealed = await unsealFiles(connection, seal, stage);
    if (!unsealed) {
      return failed(refusal('passphrase', 'The passphrase is not the one of this backup'));
    }
    await connection.exec(
      'PRAGMA synchronous = FULL; BEGIN; DROP TABLE backup; DROP TABLE backup_file;',
    );
    await connection.run('INSERT INTO generation (name, begun) VALUES (?, ?)', [
      generationName(random),
      clock.now(),
    ]);
    await connection.run('UPDATE mailbox SET uidvalidity = max(uidvalidity + 1, ?)', [
      Math.floor(clock.now() / 1000),
    ]);
    await holdQueue(connection);
    await connection.exec('COMMIT');
    const [counted] = await connection.all<{ messages: number }>(
      'SELECT count(*) AS messages FROM message',
    );
    return ok({ messages: counted?.messages ?? 0 });
  } finally {
    await connection.close();
  }
}

/** A backup made before there was a queue has none. An empty queue needs no person. */
async function holdQueue(connection: Connection): Promise<void> {
  const tables = await connection.all("SELECT 1 FROM sqlite_schema WHERE name = 'queue_state'");
  if (tables.length === 0) return;
  const doubted = await connection.run('UPDATE queued_recipient SET doubt = 1');
  if (doubted.changes > 0) await connection.run('UPDATE queue_state SET held = 1, restored = 1');
}

async function notABackup(connection: Connection): Promise<RestoreRefusal | undefined> {
  const [header] = await connection.all<{ id: number; version: number; tables: number }>(
    `SELECT application_id AS id, user_version AS version,
       (SELECT count(*) FROM sqlite_schema WHERE name IN ('backup', 'backup_file')) AS tables
     FROM pragma_application_id, pragma_user_version`,
  );
  if (header?.id !== applicationId || header.tables !== 2) {
    return refusal('not-a-backup', 'The file is not a backup made by Restante');
  }
  if (header.version > schemaVersion) {
    return refusal('newer', 'The backup was made by a newer Restante: update this box first');
  }
  const [check] = await connection.all<{ integrity_check: string }>('PRAGMA integrity_check(1)');
  if (check?.integrity_check === 'ok') return undefined;
  return refusal('not-a-backup', `The backup is damaged: ${check?.integrity_check}`);
}

/** Writes the sealed files into the stage, or only opens them when there is none. False when the
 * key does not. */
async function unsealFiles(
  connection: Connection,
  seal: Seal,
  stage: string | undefined,
): Promise<boolean> {
  const files = await connection.all<{ name: string; mode: number; sealed: Uint8Array }>(
    'SELECT name, mode, sealed FROM backup_file',
  );
  if (stage !== undefined) await writeDurably(join(stage, settingsName), noSettings);
  for (const { name, mode, sealed } of files) {
    const content = seal.open(`backup file ${name}`, sealed);
    if (content === undefined) return false;
    if (stage === undefined) continue;
    const path = join(stage, name);
    // A name is bound to its seal, so only the backup's maker could have chosen it; still:
    if (!path.startsWith(`${stage}/`)) return false;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(path, content, mode);
  }
  return true;
}
