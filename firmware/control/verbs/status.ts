/* `status`: how the box is, in words for a person. */
import { ok } from '#base/result';
import type { ListenerReport, StatusReport } from '../types.ts';
import type { BoxVerb } from '../verb.ts';
import { columns, counted, durationInWords, sizeInWords } from '../words.ts';

export const status: BoxVerb<StatusReport> = {
  words: ['status'],
  summary: 'how the box is: what listens where, accounts, room, certificate, warnings',
  runs: 'box',
  reads: true,
  run: async (_call, box) => ok(await box.status()),
  render: statusInWords,
};

function statusInWords(report: StatusReport): string {
  const facts = columns([
    ['Data', report.dataDirectory],
    ['Mail store', storeInWords(report)],
    ['Memory', sizeInWords(report.memory.resident)],
    ['Certificate', report.certificate.say],
    ['CA file', report.certificate.caFile],
    ['CA SHA-256', report.certificate.caFingerprint],
  ]);
  const up = durationInWords(report.uptimeSeconds);
  return [
    `Restante ${report.version} calls itself ${report.name} and has been up for ${up}.`,
    ...report.warnings.map((warning) => `Warning: ${warning}`),
    '',
    facts,
    '',
    'Listening',
    indent(listenersInWords(report.listeners)),
    '',
    'Accounts',
    indent(accountsInWords(report)),
  ].join('\n');
}

function storeInWords(report: StatusReport): string {
  const { store } = report;
  if (store.say !== undefined) return store.say;
  return `takes mail; room for ${sizeInWords(store.room)}`;
}

/** One row for each listener, its addresses side by side. */
function listenersInWords(listeners: readonly ListenerReport[]): string {
  const rows = listeners.map((listener) => [
    listener.name,
    `${hostInUrl(listener.address)}:${listener.port}`,
    listener.security === 'tls' ? 'TLS' : 'STARTTLS',
  ]);
  return columns(rows) || 'nothing: every port is set to 0';
}

function accountsInWords(report: StatusReport): string {
  if (report.accounts.length === 0) return 'none yet; make one with: restante account add NAME';
  return columns(
    report.accounts.map((account) => [
      account.name,
      counted(account.messages, 'message'),
      sizeInWords(account.octets),
      `${account.unretrieved} not collected yet`,
    ]),
  );
}

function hostInUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
