/*
 * `queue ...`, `flush`, `hold`, `release`: mail on its way out. A message is named by the id that
 * the reply to DATA, the log and `queue list` gave it.
 */
import { failed, ok, refusal } from '#base/result';
import type {
  FlushProgress,
  FlushReport,
  HistoryReport,
  HoldReport,
  QueuedRecipientReport,
  QueuedReport,
} from '../types.ts';
import { type BoxVerb, reluctance, value } from '../verb.ts';
import { columns, counted, momentInWords, sizeInWords, timeInWords } from '../words.ts';

const id = { name: 'id' } as const;
const usual = 100;

const list: BoxVerb<readonly QueuedReport[]> = {
  words: ['queue', 'list'],
  options: [
    { name: 'account', value: 'ACCOUNT', summary: 'only what this account sends' },
    { name: 'lines', value: 'COUNT', summary: `how many messages at most; usually ${usual}` },
  ],
  summary: 'mail that waits to go out, and why it waits',
  runs: 'box',
  reads: true,
  async run(call, box) {
    const count = call.values['lines'] ?? String(usual);
    if (!/^[1-9]\d{0,5}$/.test(count)) {
      return failed(refusal('usage', `--lines takes a whole number, not '${count}'.`));
    }
    return box.queue.list(call.values['account'], Number(count));
  },
  render: (items) => items.map(queuedInWords).join('\n') || 'Nothing waits to go out.',
};

const why: BoxVerb<HistoryReport> = {
  words: ['queue', 'why'],
  arguments: [id],
  summary: 'what happened to a message so far, in words',
  runs: 'box',
  reads: true,
  run: (call, box) => box.queue.why(value(call, 'id')),
  render: historyInWords,
};

const retry: BoxVerb<FlushReport> = {
  words: ['queue', 'retry'],
  arguments: [id],
  summary: 'try one message now',
  runs: 'box',
  run: (call, box) => box.queue.retry(value(call, 'id')),
  render: flushInWords,
};

const drop: BoxVerb<{ readonly id: string; readonly told: boolean }> = {
  words: ['queue', 'drop'],
  arguments: [id],
  options: [
    { name: 'quiet', summary: 'do not tell its sender' },
    { name: 'yes', summary: 'do it without asking' },
  ],
  summary: 'take a message out of the queue unsent',
  runs: 'box',
  async run(call, box) {
    const name = value(call, 'id');
    const reluctant = await reluctance(call, () => box.queue.lossOf(name));
    if (reluctant !== undefined) return reluctant;
    const told = !call.flags.has('quiet');
    const dropped = await box.queue.drop(name, told);
    return dropped.ok ? ok({ id: name, told }) : dropped;
  },
  render: (gone) =>
    `${gone.id} is out of the queue, unsent${gone.told ? '; its sender is told' : ''}.`,
};

const flush: BoxVerb<FlushReport> = {
  words: ['flush'],
  options: [
    { name: 'force', summary: "also where a provider's limit for today is used up" },
    { name: 'progress', summary: 'tell how far it is while it runs' },
  ],
  summary: 'send everything that waits, and collect from every source, now',
  runs: 'box',
  run: (call, box) => box.queue.flush(call.flags.has('force')),
  runTelling: (call, box, tell) => box.queue.flush(call.flags.has('force'), tell),
  renderProgress(event) {
    const { done, messages } = event as FlushProgress;
    return `Sending: ${done} of ${counted(messages, 'message')} tried`;
  },
  render: flushInWords,
};

const hold: BoxVerb<HoldReport> = {
  words: ['hold'],
  summary: 'go on taking mail in, and send nothing until release; also over a restart',
  runs: 'box',
  run: (_call, box) => box.queue.hold(),
  render: ({ messages }) =>
    `Nothing goes out until "restante release". ${counted(messages, 'message')} ` +
    `${messages === 1 ? 'waits' : 'wait'}; time on hold does not make mail older.`,
};

const release: BoxVerb<HoldReport> = {
  words: ['release'],
  summary: 'end hold',
  runs: 'box',
  run: (_call, box) => box.queue.release(),
  render: ({ messages }) =>
    messages === 0
      ? 'Mail goes out again. Nothing waits.'
      : `Mail goes out again, beginning with the ${counted(messages, 'message')} that waited.`,
};

export const queueVerbs = [list, why, retry, drop, flush, hold, release] as const;

/** A message with a line for each recipient. */
function queuedInWords(item: QueuedReport): string {
  const from = item.sender === '' ? 'no sender (a notice of a program)' : item.sender;
  const way = item.uplink === undefined ? 'no uplink serves it' : `by ${item.uplink}`;
  const head = [item.id, timeInWords(item.queuedAt), from, sizeInWords(item.octets), way];
  const rows = item.recipients.map((one) => [`  ${one.address}`, recipientInWords(one)]);
  return `${head.join('  ')}\n${columns(rows)}`;
}

function recipientInWords(one: QueuedRecipientReport): string {
  const next = one.nextAt === undefined ? '' : `next try ${momentInWords(one.nextAt)}`;
  const doubt = one.doubt ? 'it may have arrived already' : '';
  return [one.last, doubt, next].filter((words) => words !== '').join('; ') || 'not tried yet';
}

export function historyInWords({ id: name, lines, queued }: HistoryReport): string {
  const rows = lines.map(({ at, say }) => [`  ${timeInWords(at)}`, say]);
  const waits = queued === undefined ? [] : ['Waits:', queuedInWords(queued)];
  return [name, columns(rows), ...waits].join('\n');
}

function flushInWords(report: FlushReport): string {
  const collected =
    report.collected === 0 ? [] : [`${counted(report.collected, 'message')} collected.`];
  if (report.messages === 0) return ['Nothing waits to go out.', ...collected].join('\n');
  const counts = [
    [report.sent, 'sent'],
    [report.later, 'to be tried again later'],
    [report.gaveUp, 'given up; the senders are told'],
    [report.untried, 'not tried'],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  // What is counted is a message for each of its recipients.
  const recipients = counts.reduce((sum, [count]) => sum + count, 0);
  const to = recipients > report.messages ? ` to ${recipients} recipients` : '';
  return [
    ...(report.joined ? ['A flush was under way already; this is what it did.'] : []),
    `${counted(report.messages, 'message')}${to}: ${said.join(', ') || 'nothing was left to try'}.`,
    ...report.uplinks.map(({ name, say }) => `  ${name}: ${say}`),
    ...collected,
    ...(report.held ? ['Hold stays on: what comes in from now on waits for "release".'] : []),
  ].join('\n');
}
