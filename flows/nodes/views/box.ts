/* The box: its name, certificate, panel, disk, backups, and what these pages cost. */
import type { PanelReport, StatusReport } from '#control/types';
import type { Asked } from '../page/asked.ts';
import type { BackupStatus, FlowsStatus } from './coming.ts';
import { faultOf } from './special.ts';
import { capital, counted, full, size, span, when } from './words.ts';

const doors: Readonly<Record<string, string>> = {
  smtp: 'Mail from other hosts (SMTP)',
  submission: 'Sending (STARTTLS)',
  submissions: 'Sending (TLS)',
  pop3: 'Collecting by POP3 (STLS)',
  pop3s: 'Collecting by POP3 (TLS)',
  imap: 'Collecting by IMAP (STARTTLS)',
  imaps: 'Collecting by IMAP (TLS)',
};

export function box(asked: Asked): object {
  const status = asked.box['status'] as (StatusReport & { flows?: FlowsStatus }) | undefined;
  const panel = asked.box['panel'] as PanelReport | undefined;
  const backup = asked.box['backup'] as BackupStatus | undefined;
  const faults = {
    fault: faultOf(asked, 'status', 'panel', 'verify', 'panel press'),
    backupFault: faultOf(asked, 'backup now', 'backup schedule'),
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
    listeners: status.listeners.map(({ name, address, port }) => ({
      say: doors[name] ?? capital(name),
      place: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    })),
    store: { say: full(store.say ?? 'It takes mail'), room: size(store.room), mail: size(mail) },
    used: Math.round((100 * mail) / Math.max(1, mail + store.room)),
    clock: full(status.clock.say),
    ...(panel === undefined ? {} : { panel: panelView(panel) }),
    backup: backupView(backup, asked),
    ...flowsView(status.flows),
  };
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

function backupView(backup: BackupStatus | undefined, asked: Asked): object {
  const { fields } = asked;
  const last = backup?.last;
  const isOn = backup?.to !== undefined && backup.to !== '';
  return {
    isOn,
    isAsked: asked.refusal?.asked === 'backup schedule',
    to: fields['to'] ?? backup?.to ?? '',
    every: fields['every'] ?? backup?.every ?? '1d',
    keep: fields['keep'] ?? backup?.keep ?? 7,
    kept: counted(backup?.keep ?? 7, 'backup'),
    ...(backup?.nextAt === undefined ? {} : { next: when(backup.nextAt, asked.now) }),
    ...(last === undefined
      ? {}
      : { last: { at: when(last.at, asked.now), wrong: !last.works, say: full(last.say) } }),
  };
}

/** Node-RED, of which these pages are made: what it costs, when it does not end by itself. */
function flowsView(flows: FlowsStatus | undefined): object {
  if (flows === undefined) return {};
  const stays = flows.stay === true || flows.run === 'always';
  const cost = flows.memory === undefined ? 'about 90 MB' : size(flows.memory);
  return {
    flows: {
      cost,
      stays,
      why: full(flows.why ?? (flows.run === 'always' ? 'The setting flows.run is always' : '')),
    },
  };
}
