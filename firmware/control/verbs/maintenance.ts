/*
 * `backup`, `restore`, `verify`: the data directory as a whole. They work with the box running or
 * off; while it is off the command line does them itself.
 */
import { ok } from '#base/result';
import type { BackupReport, RestoreReport, VerifyReport } from '../types.ts';
import { type MaintenanceVerb, reluctance, secretOf, value } from '../verb.ts';
import { counted, sizeInWords } from '../words.ts';

const file = { name: 'file', file: true } as const;

const backup: MaintenanceVerb<BackupReport> = {
  words: ['backup'],
  arguments: [file],
  summary: 'write mail, accounts, settings and keys into one file; a passphrase seals the secrets',
  secret: { ask: 'Passphrase to seal the backup', twice: true },
  runs: 'either',
  run: (call, maintenance) => maintenance.backup(value(call, 'file'), secretOf(call)),
  render: (made) =>
    `${counted(made.messages, 'message')} (${sizeInWords(made.octets)}), accounts, settings and ` +
    `keys are in ${made.file}. It can be restored with the passphrase only.`,
};

const restore: MaintenanceVerb<RestoreReport> = {
  words: ['restore'],
  arguments: [file],
  options: [{ name: 'yes', summary: 'overwrite what is in the data directory, without asking' }],
  summary: 'put a backup back; needs the passphrase it was made with',
  secret: { ask: 'Passphrase of the backup' },
  runs: 'either',
  fills: true,
  async run(call, maintenance) {
    const reluctant = await reluctance(call, async () => ok(await maintenance.lossByRestore()));
    return reluctant ?? maintenance.restore(value(call, 'file'), secretOf(call));
  },
  render: (back) =>
    `Restored ${counted(back.messages, 'message')}, accounts, settings and keys.` +
    (back.restarts ? ' The box starts anew with them.' : ''),
};

const verify: MaintenanceVerb<VerifyReport> = {
  words: ['verify'],
  summary: 'check the whole mail store: every octet, every counter',
  runs: 'either',
  reads: true,
  run: (_call, maintenance) => maintenance.verify(),
  render: (report) =>
    report.sound
      ? `All is sound: ${counted(report.messages, 'message')}, ${sizeInWords(report.octets)}.`
      : [`${counted(report.findings.length, 'fault')} found:`, ...report.findings].join('\n  '),
  isBad: (report) => !report.sound,
};

export const maintenanceVerbs = [backup, restore, verify] as const;
