/* `status`: how the box is, in words for a person. */
import { ok } from '#base/result';
import type { DiscoveryReport, ListenerReport, StatusReport, WebReport } from '../types.ts';
import type { BoxVerb } from '../verb.ts';
import { columns, counted, durationInWords, momentInWords, sizeInWords } from '../words.ts';
import { flowsInWords } from './flows.ts';
import { sourcesInWords } from './source-words.ts';
import { uplinksInWords } from './uplinks.ts';

export const status: BoxVerb<StatusReport> = {
  words: ['status'],
  summary: 'how the box is: warnings, room, what listens where, accounts, mail on its way',
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
    ['Web pages', webInWords(report.web)],
    ['Flows', flowsInWords(report.flows)],
    ['Found as', foundInWords(report.discovery)],
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
    '',
    'Mail on its way out',
    indent(queueInWords(report)),
    '',
    'Ways out',
    indent(uplinksInWords(report.uplinks) || noUplink),
    '',
    'Collected from',
    indent(sourcesInWords(report.sources) || noSource),
  ].join('\n');
}

function webInWords({ addresses, setUp, setUpUntil }: WebReport): string {
  const where = addresses.join(', ') || 'on no port';
  if (setUp === 'done') return where;
  const until = setUpUntil === undefined ? '' : ` until ${momentInWords(setUpUntil)}`;
  if (setUp === 'open') return `${where}; set-up is open${until}`;
  return `${where}; nobody owns them yet, so open set-up with: restante setup open`;
}

function foundInWords({ state, name, networks }: DiscoveryReport): string {
  switch (state) {
    case 'off':
      return 'nothing: the setting discovery is off';
    case 'closed':
      return 'nothing: it listens on no network';
    case 'asking':
      return `nothing yet; asking the network whether ${name} is free`;
    case 'found':
      return `${name} (${networks.join(', ')})`;
    case 'failed':
      return 'nothing, see above';
  }
}

function storeInWords(report: StatusReport): string {
  const { store } = report;
  if (store.say !== undefined) return store.say;
  return `takes mail; room for ${sizeInWords(store.room)}`;
}

const unread = 'cannot be read from the disk now';
const noUplink = 'none yet, so mail for other places is refused; add one with: restante uplink add';

const noSource = 'nowhere yet; add a source with: restante source add';

function queueInWords({ queue, startedAt, uptimeSeconds }: StatusReport): string {
  const now = startedAt + uptimeSeconds * 1000;
  const { messages, octets, oldestAt, nextAt, windowOpensAt } = queue;
  const waits = `${counted(messages, 'message')} (${sizeInWords(octets)}) ${
    messages === 1 ? 'waits' : 'wait'
  }`;
  const age = oldestAt === undefined ? 0 : Math.max(0, (now - oldestAt) / 1000);
  return [
    queue.unread
      ? unread
      : messages === 0
        ? 'nothing waits'
        : `${waits}; the oldest for ${age < 60 ? 'less than a minute' : durationInWords(age)}`,
    ...(queue.sending === 0 ? [] : [`${counted(queue.sending, 'message')} being sent now`]),
    ...(nextAt === undefined || messages === 0 ? [] : [`next try ${momentInWords(nextAt)}`]),
    ...(queue.held ? ['on hold: nothing goes out until "restante release"'] : []),
    ...(windowOpensAt === undefined
      ? []
      : [`outside the sending windows until ${momentInWords(windowOpensAt)}`]),
    ...(queue.withoutUplink === 0
      ? []
      : [`${counted(queue.withoutUplink, 'message')} without an uplink that serves its sender`]),
  ].join('\n');
}

/** One row for each listener, its addresses side by side. */
function listenersInWords(listeners: readonly ListenerReport[]): string {
  const rows = listeners.map((listener) => [
    listener.name,
    `${hostInUrl(listener.address)}:${listener.port}`,
    { tls: 'TLS', starttls: 'STARTTLS', none: 'plain' }[listener.security],
  ]);
  return columns(rows) || 'nothing: every port is set to 0';
}

function accountsInWords(report: StatusReport): string {
  if (report.accounts.length === 0) return 'none yet; make one with: restante account add NAME';
  return columns(
    report.accounts.map(({ name, messages, octets, unretrieved, unread: cannotTell }) =>
      cannotTell
        ? [name, unread]
        : [
            name,
            counted(messages, 'message'),
            sizeInWords(octets),
            `${unretrieved} not fetched yet`,
          ],
    ),
  );
}

function hostInUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
