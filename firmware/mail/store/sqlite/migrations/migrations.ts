/*
 * Numbered, forward only: a file at schema n runs what stands behind place n. A file from a later
 * version is refused in words, for an older program would not know what it must not touch.
 */
import { mail } from './0001-mail.ts';
import { failedSignIns } from './0002-failed-sign-ins.ts';
import { sharedSecrets } from './0003-shared-secrets.ts';
import { devices } from './0004-devices.ts';
import { queue } from './0005-queue.ts';
import { joinLinks } from './0006-join-links.ts';
import { backups } from './0007-backups.ts';

/** Index n holds the step from schema n to n + 1. Only ever append. */
export const migrations: readonly string[] = [
  mail,
  failedSignIns,
  sharedSecrets,
  devices,
  queue,
  joinLinks,
  backups,
];

export const schemaVersion = migrations.length;
