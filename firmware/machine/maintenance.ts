/*
 * Backup, restore and verify of a data directory, behind the port that control declares. All three
 * work on files, so they are the same with the box running or off; only what comes after a restore
 * differs: a running box powers off and on again, an idle directory is simply done.
 */
import { join } from 'node:path';
import type { Clock } from '#base/clock';
import { exists } from '#base/exists';
import type { Random } from '#base/random';
import { failed, ok, type Result, refusal, trouble } from '#base/result';
import type { Maintenance } from '#control/box';
import type { BackupReport, RestoreReport, VerifyReport } from '#control/types';
import { backUp } from '#mail/store/sqlite/backup';
import { finishRestore, stageRestore } from '#mail/store/sqlite/restore';
import { verifyStore } from '#mail/store/sqlite/verify';
import { flowsElsewhere } from './owners-flows.ts';

export interface MaintenanceParts {
  readonly data: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Given while the box runs: powers it off and on again, and the start finishes the restore. */
  readonly restart?: () => void;
}

export class DirectoryMaintenance implements Maintenance {
  readonly #parts: MaintenanceParts;
  #verifying: Promise<Result<VerifyReport>> | undefined;
  #isBackingUp = false;

  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  async backup(file: string, passphrase: string): Promise<Result<BackupReport>> {
    const { data, random } = this.#parts;
    if (passphrase === '') {
      return failed(refusal('bad-passphrase', 'A passphrase cannot be empty: it guards the keys'));
    }
    if (this.#isBackingUp) {
      const say = 'A backup is being made just now; ask again when it is done';
      return failed(trouble('busy', say, say, true));
    }
    this.#isBackingUp = true;
    try {
      const made = await backUp(data, file, passphrase, random, flowsElsewhere(process.env));
      return made.ok ? ok({ file, ...made.value }) : made;
    } finally {
      this.#isBackingUp = false;
    }
  }

  async lossByRestore(): Promise<string | undefined> {
    const { data } = this.#parts;
    if (!(await exists(join(data, 'mail.db')))) return undefined;
    return `All mail, accounts and settings in ${data} will be replaced by those of the backup.`;
  }

  async restore(file: string, passphrase: string): Promise<Result<RestoreReport>> {
    const { data, clock, random, restart } = this.#parts;
    const request = { backup: file, directory: data, passphrase, overwrite: true };
    const staged = await stageRestore(request, clock, random);
    if (!staged.ok) return staged;
    if (restart === undefined) await finishRestore(data);
    else restart();
    return ok({ messages: staged.value.messages, restarts: restart !== undefined });
  }

  /** Whoever asks while it runs gets what it finds: sixty at once would keep mail from the disk. */
  verify(): Promise<Result<VerifyReport>> {
    this.#verifying ??= this.#verify().finally(() => {
      this.#verifying = undefined;
    });
    return this.#verifying;
  }

  async #verify(): Promise<Result<VerifyReport>> {
    const found = await verifyStore(this.#parts.data);
    return found.ok ? ok({ sound: found.value.findings.length === 0, ...found.value }) : found;
  }
}
