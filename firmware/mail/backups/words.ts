/* What people read about scheduled backups: in the history, and in mail to the postmaster. */
import type { Notice } from '../notices.ts';
import type { BackupRun } from './records.ts';

export function runInWords(made: {
  readonly messages: number;
  readonly accounts: number;
  readonly rehearsed: boolean;
}): string {
  const { messages, accounts, rehearsed } = made;
  const what =
    `${messages} ${messages === 1 ? 'message' : 'messages'} and ` +
    `${accounts} ${accounts === 1 ? 'account' : 'accounts'} were backed up`;
  return rehearsed
    ? `${what}, restored for a trial, and found whole.`
    : `${what}. Restoring was not tried: no disk has room for that.`;
}

export function successNotice({ say, file }: BackupRun): Notice {
  return {
    subject: 'The backups of your mail box work',
    paragraphs: [
      `${say} The file is ${file}.`,
      'It can be restored with the passphrase that you chose, on this box or on a new one: keep the ' +
        'passphrase where you find it without the box. This is told once a week.',
    ],
  };
}

export function failureNotice({ say, at }: BackupRun, wellAt: number | undefined): Notice {
  const when = (time: number) =>
    `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const before =
    wellAt === undefined
      ? 'There is no good backup yet.'
      : `The last good one is that of ${when(wellAt)}; it was kept.`;
  return {
    subject: 'A backup of your mail box failed',
    paragraphs: [
      `The backup of ${when(at)} failed: ${say}`,
      before,
      'The box tries again by itself. See "restante backup status", or the page of the box.',
    ],
  };
}
