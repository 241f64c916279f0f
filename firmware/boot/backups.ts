/*
 * A page of the boot log in main.ts: backups that make themselves, over the very backup and restore
 * that the command has.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#base/clock';
import type { Log } from '#base/log';
import type { Random } from '#base/random';
import type { Seal } from '#base/seal';
import { flowsElsewhere } from '#machine/owners-flows';
import { Backups } from '#mail/backups/backups';
import { rehearse, roomWanted } from '#mail/backups/rehearsal';
import { SqliteBackupRecords } from '#mail/backups/sqlite/sqlite-backup-records';
import type { Notices } from '#mail/notices';
import type { ClockSense } from '#mail/queue/clock-sense';
import { backUp } from '#mail/store/sqlite/backup';
import { databaseName } from '#mail/store/sqlite/database';
import type { SqliteStore } from '#mail/store/sqlite/sqlite-store';
import type { LiveSettings } from '#settings/settings';
import { backupSlice } from './slices.ts';

export interface BackupGround {
  readonly settings: LiveSettings;
  readonly data: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly seal: Seal;
  readonly store: SqliteStore;
  readonly notices: Notices;
  readonly log: Log;
  readonly clockIsSane: () => boolean;
}

/** What the box's other files may have; the mail is counted. */
const filesOctets = 1024 * 1024;

export function makeBackups(ground: BackupGround): Backups {
  const { settings, data, clock, random, store, log, ...rest } = ground;
  return new Backups({
    ...{ ...rest, data, clock },
    records: new SqliteBackupRecords(store.database),
    make: (file, passphrase) => backUp(data, file, passphrase, random, flowsElsewhere(process.env)),
    rehearse: (file, passphrase, scratch) => rehearse(file, passphrase, scratch, { clock, random }),
    roomWanted: (file) => (file === undefined ? databaseOctets(data) : roomWanted(file)),
    lowWater: () => settings.current['store.lowWater'],
    terms: () => backupSlice(settings.current),
    log: log.of('backup'),
  });
}

export async function openBackups(
  backups: Backups,
  { settings, clockSense }: { settings: LiveSettings; clockSense: ClockSense },
  parts: AsyncDisposableStack,
): Promise<void> {
  await backups.start();
  parts.defer(() => backups.stop());
  parts.use(settings.watch(() => backups.look()));
  parts.use(clockSense.watch(() => backups.look()));
}

async function databaseOctets(data: string): Promise<number> {
  const sizes = [databaseName, `${databaseName}-wal`].map(async (name) => {
    const file = await stat(join(data, name)).catch(() => undefined);
    return file?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, filesOctets);
}
