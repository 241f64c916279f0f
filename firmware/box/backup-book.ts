/* Backups that make themselves, as the control door sees them. */
import { failed, ok, type Result, refusal } from '#base/result';
import type { BackupBook, BackupWish } from '#control/box';
import type { BackupStatusReport } from '#control/types';
import type { Backups } from '#mail/backups/backups';
import type { LiveSettings } from '#settings/settings';

export interface BackupParts {
  readonly backups: Backups;
  readonly settings: LiveSettings;
}

export function backupBook({ backups, settings }: BackupParts): BackupBook {
  const status = async (): Promise<Result<BackupStatusReport>> => {
    // As it is now, and not as it was at the last try.
    const fault = await backups.placeFault();
    const { step, passphrase, running, wellAt, warnings } = backups.standing();
    const runs = await backups.runs();
    if (!runs.ok) return runs;
    const { 'backup.to': to, 'backup.every': everySeconds, 'backup.keep': keep } = settings.current;
    const usual = { now: 'due', wait: 'waiting' } as const;
    const state = step.kind === 'now' || step.kind === 'wait' ? usual[step.kind] : step.kind;
    return ok({
      state: running === undefined ? state : 'running',
      ...(running === undefined ? {} : { stage: running }),
      ...{ to, everySeconds, keep, passphrase },
      ...(wellAt === undefined ? {} : { wellAt }),
      ...(step.kind === 'wait' ? { nextAt: step.until } : {}),
      warnings: withFault(warnings, fault),
      history: runs.value,
    });
  };
  return {
    status,
    now: (tell) => backups.run((stage) => tell?.({ stage })),
    async schedule(wish) {
      const changed = await settings.change(changesOf(wish));
      if (!changed.ok) {
        return failed(refusal('setting', changed.error.map(({ say }) => say).join('\n')));
      }
      const { passphrase } = wish;
      const set = passphrase === undefined ? undefined : await backups.setPassphrase(passphrase);
      return set?.ok === false ? set : status();
    },
    setPassphrase: (passphrase) => backups.setPassphrase(passphrase),
  };
}

/** The last try may have met the same. */
function withFault(warnings: readonly string[], fault: string | undefined): readonly string[] {
  if (fault === undefined || warnings.some((one) => one.startsWith(fault))) return warnings;
  return [...warnings, fault];
}

function changesOf({ to, every, keep }: BackupWish): Record<string, string> {
  return {
    ...(to === undefined ? {} : { 'backup.to': to }),
    ...(every === undefined ? {} : { 'backup.every': every }),
    ...(keep === undefined ? {} : { 'backup.keep': keep }),
  };
}
