/*
 * `backup schedule|now|status|passphrase`: backups that make themselves, into a folder such as a
 * USB disk's, each restored for a trial. `backup FILE` (maintenance.ts) makes a single one,
 * anywhere.
 */
import { failed, ok, refusal } from '#base/result';
import type { BackupProgress } from '../box.ts';
import type { BackupRunReport, BackupStatusReport } from '../types.ts';
import { type BoxVerb, secretOf } from '../verb.ts';
import { columns, durationInWords, momentInWords, timeInWords } from '../words.ts';

const schedule: BoxVerb<BackupStatusReport> = {
  words: ['backup', 'schedule'],
  options: [
    {
      name: 'to',
      value: 'FOLDER',
      file: true,
      summary: 'where backups go: a folder on another disk',
    },
    { name: 'every', value: 'TIME', summary: 'from one to the next, such as 1d or 12h' },
    { name: 'keep', value: 'COUNT', summary: 'how many of them are kept' },
    { name: 'off', summary: 'make no more by itself; those that are there stay' },
  ],
  summary: 'make backups by itself; the passphrase is kept, sealed, in the box',
  secret: {
    ask: 'Passphrase to seal the backups (only Enter: as before)',
    optional: ({ flags }) => !flags.has('off'),
  },
  runs: 'box',
  async run(call, box) {
    const { to, every, keep } = call.values;
    if (call.flags.has('off')) {
      if (every !== undefined) return failed(refusal('usage', '--off and --every contradict'));
      return box.backups.schedule({ every: '0' });
    }
    return box.backups.schedule({
      ...(to === undefined ? {} : { to }),
      ...(every === undefined ? {} : { every }),
      ...(keep === undefined ? {} : { keep }),
      ...(call.secret === undefined ? {} : { passphrase: call.secret }),
    });
  },
  render: statusInWords,
};

const now: BoxVerb<BackupRunReport> = {
  words: ['backup', 'now'],
  options: [{ name: 'progress', summary: 'tell how far it is while it runs' }],
  summary: 'make one of these backups now, and restore it for a trial',
  runs: 'box',
  run: (_call, box) => box.backups.now(),
  runTelling: (_call, box, tell) => box.backups.now(tell),
  renderProgress: (event) =>
    (event as BackupProgress).stage === 'copying'
      ? 'Writing the backup'
      : 'Restoring it for a trial',
  render: ({ say, file }) => (file === undefined ? say : `${say} The file is ${file}.`),
  isBad: ({ works }) => !works,
};

const status: BoxVerb<BackupStatusReport> = {
  words: ['backup', 'status'],
  summary: 'when backups are made by themselves, and how the last ones went',
  runs: 'box',
  reads: true,
  run: (_call, box) => box.backups.status(),
  render: statusInWords,
};

const passphrase: BoxVerb<{ readonly passphrase: 'set' }> = {
  words: ['backup', 'passphrase'],
  summary: 'set the passphrase that seals the next backups; older ones keep theirs',
  secret: { ask: 'Passphrase to seal the backups', twice: true },
  runs: 'box',
  async run(call, box) {
    const set = await box.backups.setPassphrase(secretOf(call));
    return set.ok ? ok({ passphrase: 'set' } as const) : set;
  },
  render: () => 'The next backups are sealed with it. Keep it where you find it without the box.',
};

export const backupVerbs = [schedule, now, status, passphrase] as const;

function statusInWords(report: BackupStatusReport): string {
  const { to, everySeconds, keep, warnings, history } = report;
  const rows = history.map(({ at, works, say, file = '' }) => [
    timeInWords(at),
    works ? 'good' : 'FAILED',
    file,
    say,
  ]);
  const often = everySeconds === 0 ? '' : `, every ${durationInWords(everySeconds)}`;
  const where = to === '' ? 'nowhere' : `to ${to}${often}; the last ${keep} are kept`;
  return [
    `Backups go ${where}. ${stateInWords(report)}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...(rows.length === 0 ? [] : ['', columns(rows)]),
  ].join('\n');
}

function stateInWords({ state, stage, nextAt }: BackupStatusReport): string {
  switch (state) {
    case 'off':
      return 'None is made by itself.';
    case 'needs-passphrase':
      return 'None is made before a passphrase is set.';
    case 'needs-clock':
      return 'None is made before the clock is right.';
    case 'running':
      return stage === 'rehearsing' ? 'One is being tried out.' : 'One is being written.';
    case 'due':
      return 'The next one is due.';
    case 'waiting':
      return `The next one is made ${momentInWords(nextAt ?? 0)}.`;
  }
}
