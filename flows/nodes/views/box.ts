/* The box: its name, certificate, panel, disk, backups, and what these pages cost. */
import type { BackupStatusReport, FlowsReport, PanelReport, StatusReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import { faultOf } from './special.ts';
import { capital, full, joined, size, span, when } from './words.ts';

const doors: Readonly<Record<string, string>> = {
  smtp: 'Mail from other hosts (SMTP)',
  submission: 'Sending (STARTTLS)',
  submissions: 'Sending (TLS)',
  pop3: 'Collecting by POP3 (STLS)',
  pop3s: 'Collecting by POP3 (TLS)',
  imap: 'Collecting by IMAP (STARTTLS)',
  imaps: 'Collecting by IMAP (TLS)',
  web: 'Pages, only the first (http)',
  webs: 'Pages (https)',
};

export function box(asked: Asked): object {
  const status = asked.box['status'] as StatusReport | undefined;
  const panel = asked.box['panel'] as PanelReport | undefined;
  const backup = asked.box['backup'] as BackupStatusReport | undefined;
  const faults = {
    fault: faultOf(asked, 'status', 'panel', 'verify', 'panel press'),
    backupFault: faultOf(asked, 'backup now', 'backup schedule', 'backup passphrase'),
  };
  if (status === undefined) return faults;
  const { certificate, store, memory } = status;
  const mail = status.accounts.reduce((sum, { octets }) => sum + octets, 0);
  return {
    ...faults,
    name: status.name,
    version: status.version,
    up: span(status.uptimeSeconds * 1000),
    memory: size(memory.resident),
    certificate: full(certificate.say),
    fingerprint: certificate.caFingerprint,
    listeners: listenersView(status.listeners),
    store: {
      say: full(store.say ?? 'It takes mail'),
      room: size(store.room),
      mail: mail === 0 ? 'No mail lies here yet' : `${size(mail)} of mail lie here`,
    },
    used: Math.round((100 * mail) / Math.max(1, mail + store.room)),
    clock: full(status.clock.say),
    ...(panel === undefined ? {} : { panel: panelView(panel) }),
    backup: backupView(backup, asked),
    ...flowsView(status.flows),
  };
}

/** One row for each door, with the addresses at which it is open. */
function listenersView(listeners: StatusReport['listeners']): object[] {
  const names = [...new Set(listeners.map(({ name }) => name))];
  return names.map((name) => {
    const open = listeners.filter((one) => one.name === name);
    const ports = [...new Set(open.map(({ port }) => port))].join(' and ');
    const addresses = joined(open.map(({ address }) => address));
    return { say: doors[name] ?? capital(name), place: `port ${ports} of ${addresses}` };
  });
}

function panelView({ driver, trouble, lamps }: PanelReport): object {
  const drivers: Readonly<Record<string, string>> = {
    simulated: 'There are no real lamps: the panel is shown on these pages only.',
    none: 'The panel is switched off.',
  };
  return {
    say: drivers[driver] ?? `Its lamps are lit by the driver ${driver}.`,
    ...(trouble === undefined ? {} : { trouble: full(trouble) }),
    lamps: lamps.map(({ lamp, pattern, say }) => ({ lamp, pattern, say })),
  };
}

function backupView(backup: BackupStatusReport | undefined, asked: Asked): object {
  const { fields } = asked;
  const last = backup?.history[0];
  const every = backup?.everySeconds ?? 0;
  const often = every === 0 ? '1d' : inWords(every);
  return {
    isOn: every > 0,
    isAsked: asked.refusal?.asked === 'backup schedule',
    to: fields['to'] ?? backup?.to ?? '',
    every: fields['every'] ?? often,
    keep: fields['keep'] ?? backup?.keep ?? 7,
    often: every === 86_400 ? 'every day' : `every ${span(every * 1000)}`,
    kept: backup?.keep === 1 ? 'only the last is' : `the last ${backup?.keep ?? 7} are`,
    ...(backup === undefined ? {} : { state: stateOf(backup, asked.now) }),
    isRunning: backup?.state === 'running',
    hasPassphrase: backup?.passphrase === 'set',
    warnings: (backup?.warnings ?? []).map((say) => full(say)),
    ...(last === undefined
      ? {}
      : { last: { at: when(last.at, asked.now), wrong: !last.works, say: full(last.say) } }),
  };
}

function stateOf({ state, stage, nextAt, everySeconds }: BackupStatusReport, now: number): string {
  switch (state) {
    case 'off':
      return everySeconds > 0 ? 'None is made by itself.' : '';
    case 'needs-passphrase':
      return 'None is made before a passphrase is set.';
    case 'needs-clock':
      return 'None is made before the clock is right.';
    case 'running':
      return stage === 'rehearsing' ? 'One is just being tried out.' : 'One is just being written.';
    case 'due':
      return 'The next one is due.';
    case 'waiting':
      return nextAt === undefined ? '' : `The next is made ${when(nextAt, now)}.`;
  }
}

/** As the settings write durations: 1d, 12h, 90m. */
function inWords(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  return seconds % 3_600 === 0 ? `${seconds / 3_600}h` : `${Math.round(seconds / 60)}m`;
}

/** Node-RED, of which these pages are made: what it costs, when it does not end by itself. */
function flowsView(flows: FlowsReport | undefined): object {
  if (flows === undefined) return {};
  const isAlways = flows.run === 'always';
  return {
    flows: {
      cost: flows.memory === undefined ? 'about 90 MB' : size(flows.memory),
      stays: isAlways || flows.stays !== undefined,
      why: full(flows.stays ?? (isAlways ? 'The setting flows.run is always' : '')),
    },
  };
}
