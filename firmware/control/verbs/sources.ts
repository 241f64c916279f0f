/*
 * `source ...`: the outside mailboxes that mail is collected from, each for one account. A password
 * is never an argument; where an uplink of the same provider account has one, it is used.
 */
import { failed, ok, type Result, refusal } from '#base/result';
import { splitFolders } from '#mail/sources/folder-names';
import { mostDays, parseEvery, parseKeep, parseSince } from '#mail/sources/spans';
import type { SourceWishes } from '../box.ts';
import type {
  CollectProgress,
  SourceCollectReport,
  SourceReport,
  SourceSignInReport,
  SourceTestReport,
} from '../types.ts';
import { type BoxVerb, type Call, listOf, type Option, reluctance, value } from '../verb.ts';
import { counted } from '../words.ts';
import { isSecurity, signInInWords, signInStep, wholeNumber } from './servers.ts';
import { addedInWords, changedInWords, collectedInWords, sourcesInWords } from './source-words.ts';

const name = { name: 'name' } as const;

/** What can be said of a new source, and anew of an old one. */
const wishes: readonly Option[] = [
  { name: 'provider', value: 'NAME', summary: 'gmail, outlook, icloud, gmx ...; knows the rest' },
  { name: 'protocol', value: 'pop3|imap', summary: 'else imap, where the provider has it' },
  { name: 'host', value: 'HOST', summary: 'the server, when it is no known provider' },
  { name: 'port', value: 'PORT', summary: 'its port; else 993, 995, or 143 and 110 without tls' },
  {
    name: 'security',
    value: 'tls|starttls|none',
    summary: 'encrypted from the first octet, after STARTTLS, or not at all; else tls',
  },
  { name: 'user', value: 'USER', summary: 'the name to sign in with' },
  {
    name: 'folders',
    value: 'FOLDER,...',
    repeats: true,
    summary: 'IMAP: the folders to collect; else INBOX (write \\, for a comma in a name)',
  },
  { name: 'since', value: '30d|all|now', summary: 'how far back to collect; else 30d' },
  {
    name: 'keep',
    value: 'forever|7d|delete',
    summary: 'how long the source keeps what is safe here; else forever',
  },
  { name: 'every', value: '5m', summary: 'how often to look: 1m to 24h; else 5m' },
  {
    name: 'ca',
    value: 'FILE',
    fileText: true,
    summary: 'a certificate authority (PEM) to trust for this host alone',
  },
];

const add: BoxVerb<SourceReport> = {
  words: ['source', 'add'],
  arguments: [name],
  options: [
    { name: 'account', value: 'ACCOUNT', summary: 'whose inbox its mail goes to' },
    ...wishes,
  ],
  summary: 'collect the mail of an account elsewhere',
  secret: {
    ask: "Password for this source (only Enter: none, or its uplink's)",
    optional: (call) => call.values['user'] !== undefined,
  },
  runs: 'box',
  async run(call, box) {
    const { account, user, provider, host } = call.values;
    if (account === undefined || user === undefined || (provider ?? host) === undefined) {
      const missing = account === undefined ? '--account' : user === undefined ? '--user' : '';
      const right = 'restante source add NAME --account ACCOUNT --provider PROVIDER --user USER';
      const what = missing === '' ? '--provider or --host' : missing;
      return failed(refusal('usage', `${what} is missing. Write: ${right}`));
    }
    const wanted = wishesOf(call);
    if (!wanted.ok) return wanted;
    return box.sources.add({ ...wanted.value, name: value(call, 'name'), account, user });
  },
  render: addedInWords,
};

const change: BoxVerb<SourceReport> = {
  words: ['source', 'change'],
  arguments: [name],
  options: [...wishes, { name: 'rename', value: 'NAME', summary: 'call it so from now on' }],
  summary: 'say something of a source anew; what was collected stays known',
  // With --password-stdin; nobody is asked for it.
  secret: { ask: 'New password', optional: () => false },
  runs: 'box',
  async run(call, box) {
    const wanted = wishesOf(call);
    if (!wanted.ok) return wanted;
    const { rename } = call.values;
    const changes = { ...wanted.value, ...(rename === undefined ? {} : { name: rename }) };
    if (Object.keys(changes).length > 0) return box.sources.change(value(call, 'name'), changes);
    const right = 'restante source change NAME --every 10m';
    return failed(refusal('usage', `Nothing is to be changed. Write, for example: ${right}`));
  },
  render: changedInWords,
};

const list: BoxVerb<readonly SourceReport[]> = {
  words: ['source', 'list'],
  summary: 'every source, whose mail it brings, and how it is',
  runs: 'box',
  reads: true,
  run: (_call, box) => box.sources.list(),
  render: (sources) =>
    sourcesInWords(sources) ||
    'Nothing is collected yet. Add a source with: ' +
      'restante source add NAME --account ACCOUNT --provider PROVIDER --user USER',
};

const test: BoxVerb<SourceTestReport> = {
  words: ['source', 'test'],
  arguments: [name],
  summary: 'sign in now, and say in plain words what is wrong; if it works, collecting goes on',
  runs: 'box',
  run: (call, box) => box.sources.test(value(call, 'name')),
  render: ({ say, answer, messages }) =>
    [
      say,
      ...(messages === undefined ? [] : [`${counted(messages, 'message')} there.`]),
      ...(answer === '' ? [] : [`The server said: ${answer}`]),
    ].join('\n'),
  isBad: ({ works }) => !works,
};

const collect: BoxVerb<readonly SourceCollectReport[]> = {
  words: ['source', 'collect'],
  arguments: [{ name: 'name', optional: true }],
  options: [{ name: 'progress', summary: 'tell how far it is while it runs' }],
  summary: 'look now into a source, or into all; one that refused the password says so (see test)',
  runs: 'box',
  run: (call, box) => box.sources.collect(call.values['name']),
  runTelling: (call, box, tell) => box.sources.collect(call.values['name'], tell),
  renderProgress(event) {
    const { name: source, collected, others } = event as CollectProgress;
    const more = others === 0 ? '' : `, ${others} looked at and left`;
    return `Collecting from ${source}: ${counted(collected, 'message')}${more}`;
  },
  render: collectedInWords,
  isBad: (reports) => reports.some(({ works }) => !works),
};

const pause: BoxVerb<{ readonly name: string }> = {
  words: ['source', 'pause'],
  arguments: [name],
  summary: 'collect nothing from a source until resume; also over a restart',
  runs: 'box',
  async run(call, box) {
    const paused = await box.sources.pause(value(call, 'name'));
    return paused.ok ? ok({ name: value(call, 'name') }) : paused;
  },
  render: (one) =>
    `Nothing is collected from ${one.name} until: restante source resume ${one.name}`,
};

const resume: BoxVerb<{ readonly name: string }> = {
  words: ['source', 'resume'],
  arguments: [name],
  summary: 'collect from a source again, whatever it was stopped for',
  runs: 'box',
  async run(call, box) {
    const resumed = await box.sources.resume(value(call, 'name'));
    return resumed.ok ? ok({ name: value(call, 'name') }) : resumed;
  },
  render: (one) => `${one.name} is collected from again.`,
};

const signIn: BoxVerb<SourceSignInReport> = {
  words: ['source', 'signin'],
  arguments: [name],
  options: [{ name: 'wait', summary: 'wait until the code that was shown has been typed' }],
  summary: "sign in on the provider's own pages (OAuth), without giving the box a password",
  // The address that the browser ended at, read with --password-stdin.
  secret: { ask: 'The address that the browser was sent to', optional: () => false },
  runs: 'box',
  run: (call, box) => box.sources.signIn(value(call, 'name'), signInStep(call)),
  next(answer, call) {
    if (answer.step === 'device') {
      return { call: { ...call, flags: new Set([...call.flags, 'wait']) } };
    }
    if (answer.step !== 'paste') return undefined;
    return { ask: 'Paste the address that the browser was sent to', call };
  },
  render: (report) => signInInWords('source', report),
};

const password: BoxVerb<{ readonly name: string }> = {
  words: ['source', 'password'],
  arguments: [name],
  summary: 'give a source, and the uplink of the same account, another password',
  secret: { ask: 'New password' },
  runs: 'box',
  async run(call, box) {
    const changed = await box.sources.setPassword(value(call, 'name'), call.secret ?? '');
    return changed.ok ? ok({ name: value(call, 'name') }) : changed;
  },
  render: (one) =>
    `${one.name} has a new password. See whether it works: restante source test ${one.name}`,
};

const remove: BoxVerb<{ readonly name: string; readonly forgotten?: true }> = {
  words: ['source', 'remove'],
  arguments: [name],
  options: [
    { name: 'forget', summary: 'forget what came from it, too, though it was removed before' },
    { name: 'yes', summary: 'do it without asking' },
  ],
  summary: 'collect no more from a source; what was collected stays',
  runs: 'box',
  async run(call, box) {
    const gone = { name: value(call, 'name') };
    const forget = call.flags.has('forget');
    const reluctant = await reluctance(call, () => box.sources.lossOf(gone.name, forget));
    if (reluctant !== undefined) return reluctant;
    const removed = await box.sources.remove(gone.name, forget);
    if (!removed.ok) return removed;
    return ok(forget ? { ...gone, forgotten: true } : gone);
  },
  render: (gone) =>
    gone.forgotten
      ? `The source ${gone.name} is gone, and forgotten. Added again, it brings everything anew.`
      : `The source ${gone.name} is gone. Added again under this name for the same account, it ` +
        'brings nothing twice.',
};

export const sourceVerbs = [
  add,
  list,
  test,
  collect,
  pause,
  resume,
  signIn,
  password,
  change,
  remove,
] as const;

function wishesOf(call: Call): Result<SourceWishes> {
  const { provider, protocol, host, port, security, user, ca } = call.values;
  if (protocol !== undefined && protocol !== 'pop3' && protocol !== 'imap') {
    return failed(refusal('usage', `--protocol is pop3 or imap, not '${protocol}'.`));
  }
  if (security !== undefined && !isSecurity(security)) {
    return failed(refusal('usage', `--security is tls, starttls or none, not '${security}'.`));
  }
  const spans = spansOf(call);
  if (!spans.ok) return spans;
  const folders = listOf(call, 'folders').flatMap(splitFolders);
  return ok({
    ...spans.value,
    ...(provider === undefined ? {} : { provider }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: wholeNumber(port) }),
    ...(security === undefined ? {} : { security }),
    ...(user === undefined ? {} : { user }),
    ...(call.secret === undefined ? {} : { password: call.secret }),
    ...(folders.length === 0 ? {} : { folders }),
    ...(ca === undefined ? {} : { ca }),
  });
}

const days = `days from 1d to ${mostDays}d`;

function spansOf(call: Call): Result<Pick<SourceWishes, 'since' | 'keep' | 'every'>> {
  const [since, keep, every] = ['since', 'keep', 'every'].map((one) => call.values[one]);
  const wanted = {
    ...(since === undefined ? {} : { since: parseSince(since) }),
    ...(keep === undefined ? {} : { keep: parseKeep(keep) }),
    ...(every === undefined ? {} : { every: parseEvery(every) }),
  };
  if ('since' in wanted && wanted.since === undefined) {
    return failed(refusal('usage', `--since is all, now, or ${days}, not '${since}'.`));
  }
  if ('keep' in wanted && wanted.keep === undefined) {
    return failed(refusal('usage', `--keep is forever, delete, or ${days}, not '${keep}'.`));
  }
  if ('every' in wanted && wanted.every === undefined) {
    return failed(refusal('usage', `--every is a time like 5m or 2h, not '${every}'.`));
  }
  return ok(wanted as Pick<SourceWishes, 'since' | 'keep' | 'every'>);
}
